"""Make the voice model: python -m training.voice.train --data DIR [--work DIR]. Ten minutes on two cores.

Of EmoDB alone (Burkhardt et al., Interspeech 2005): ten speakers, acted. The encoder stays as it is; learnt are where
speech is (one linear layer on its second block) and what its tone expresses (linear heads on what its speech is like),
from each recording as it is and as telephones carry it, cut as they are when read. Every head is also fitted ten times
without one speaker; those heads only serve the evaluation.
"""

import argparse
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from training.voice.network import Listening, Session, export
from training.voice.sounds import among_silence, no_speech
from training.voice.whisper import Encoder, packaged, variables
from unspoken.perception.artifacts import seal
from unspoken.perception.voice.corpora import Recordings, recordings
from unspoken.perception.voice.heads import EMOTIONS, SCALES, TRUE
from unspoken.perception.voice.mel import log_mel
from unspoken.perception.voice.noise import babble, pink, with_noise
from unspoken.perception.voice.telephone import carried
from unspoken.perception.voice.windows import windows

COPIES = 6  # of each recording, as telephones carry it
SILENCES = 1_500  # sounds without speech
STRENGTH = {"emotions": 1e-3, "scales": 3e-4}  # inverse regularisation
DISCRIMINANT = 0.3  # share of the discriminant beside the regression, where emotions are told apart
SHRINKAGE = 0.4  # of the discriminant's covariance towards its diagonal
CLEAN = 0.3  # share that a recording as it is has in the discriminant beside its copies
SEVEN = len(EMOTIONS)
MODEL = Path("src/unspoken/perception/voice/model")
Array = NDArray[np.float64]


def copies(known: Recordings, random: np.random.Generator) -> list[list[NDArray[np.float32]]]:
    """Return each recording as it is, and as telephones carry it through noise of 5 to 25 dB."""
    made = []
    for clip in known.clips:
        ways = [clip]
        for number in range(COPIES):
            noise = babble(len(clip), known.clips, random) if number % 2 else pink(len(clip), random)
            noisy = with_noise(clip, noise, random.uniform(5, 25))
            ways.append(carried(noisy, loudness=10 ** random.uniform(-1.5, -0.05)))
        made.append(ways)
    return made


def is_speech(clip: NDArray[np.float32], frames: int) -> NDArray[np.bool_]:
    """Return which frames of 20 ms of a quiet recording hold speech: less than 30 dB below its loud ones."""
    power = np.array([np.mean(part**2) + 1e-12 for part in np.array_split(clip, frames)])
    levels = 10 * np.log10(np.convolve(power, np.ones(5) / 5, "same"))
    return np.asarray(levels > np.percentile(levels, 95) - 30)


@torch.no_grad()
def speech_layer(encoder: Encoder, known: Recordings, random: np.random.Generator) -> tuple[NDArray[np.float32], float]:
    """Return weight (384,) and bias of what tells frames with speech from all others."""
    frames, truth = [], []
    for clip in known.clips:
        placed = among_silence(clip, 3.0, random)
        clean = is_speech(placed, len(placed) // 320)
        sound = placed * np.float32(10 ** random.uniform(-1.5, 0))
        if random.random() < 0.6:
            sound = carried(with_noise(placed, pink(len(placed), random), random.uniform(5, 30)))
        frames.append(encoder(torch.from_numpy(log_mel(sound))[None])[-1][0].numpy()[::3])
        truth.append(clean[::3])
    for _ in range(SILENCES):
        frames.append(encoder(torch.from_numpy(log_mel(no_speech(random)))[None])[-1][0].numpy()[::6])
        truth.append(np.zeros(len(frames[-1]), bool))
    values, said = np.concatenate(frames), np.concatenate(truth)
    scaler = StandardScaler().fit(values)
    held = random.random(len(said)) < 0.1
    fitted = LogisticRegression(C=1e-2, max_iter=300).fit(scaler.transform(values[~held]), said[~held])
    guessed = fitted.predict(scaler.transform(values[held]))
    missed, heard = np.mean(~guessed[said[held]]), np.mean(guessed[~said[held]])
    print(f"speech: {len(said)} frames; held out: missed {missed:.3f}, heard where none is {heard:.3f}")
    weight = fitted.coef_[0] / scaler.scale_
    return weight.astype(np.float32), float(fitted.intercept_[0] - weight @ scaler.mean_)


@dataclass(frozen=True)
class Looked:
    """Windows of recordings: what the network makes of each (N, 1536), its recording, and which copy of it."""

    values: Array
    owners: NDArray[np.int64]
    ways: NDArray[np.int64]


def looked_at(session: Session, made: list[list[NDArray[np.float32]]], random: np.random.Generator) -> Looked:
    """Return the windows of every copy; of each also one among silence, as a call has it."""
    values, owners, ways = [], [], []
    for owner, sounds in enumerate(made):
        for way, sound in enumerate(sounds):
            cut = [sound[begin:end] for begin, end in windows(len(sound))]
            if way:
                cut.append(among_silence(sound, 3.0, random))
            for one in cut:
                pooled, speech = session(log_mel(one))
                if (speech > 0.5).sum() * 0.02 >= 0.7:
                    values.append(pooled)
                    owners.append(owner)
                    ways.append(way)
    return Looked(np.array(values, np.float64), np.array(owners), np.array(ways))


def shares(owners: NDArray[np.int64], clean: NDArray[np.bool_]) -> Array:
    """Return how much each window counts in the discriminant, each recording in all as much as another."""
    weights = np.zeros(len(owners))
    for rows, share in ((clean, CLEAN), (~clean, 1 - CLEAN)):
        weights[rows] = share / np.bincount(owners[rows], minlength=owners.max() + 1)[owners[rows]]
    return weights


def discriminant(values: Array, emotions: NDArray[np.str_], weights: Array) -> tuple[Array, Array]:
    """Return weights (1536, 7) and biases (7,) of the seven emotions: linear discriminant analysis, the covariance
    within them drawn towards its diagonal (Friedman, JASA 1989), all of them as likely as each other."""
    belongs = (emotions[:, None] == np.array(EMOTIONS)) * weights[:, None]
    means = belongs.T @ values / belongs.sum(axis=0)[:, None]
    around = values - (belongs > 0) @ means
    within = (around * weights[:, None]).T @ around / weights.sum()
    spread = np.sqrt(np.diag(within))
    drawn = (1 - SHRINKAGE) * within / np.outer(spread, spread) + SHRINKAGE * np.eye(len(spread))
    matrix = np.linalg.solve(drawn, (means / spread).T) / spread[:, None]
    return matrix, -0.5 * np.einsum("kd,dk->k", means, matrix)


def regressions(values: Array, emotions: NDArray[np.str_], weights: Array) -> tuple[Array, Array]:
    """Return weights (1536, 12) and biases (12,): the seven emotions, then the scales, by logistic regression."""
    scaler = StandardScaler().fit(values)
    scaled = scaler.transform(values)
    many = LogisticRegression(C=STRENGTH["emotions"], class_weight="balanced", max_iter=400)
    many.fit(scaled, emotions, sample_weight=weights)
    assert tuple(many.classes_) == EMOTIONS
    columns, biases = [*many.coef_], [*many.intercept_]
    for scale in SCALES:
        truth = TRUE[scale]
        told = np.isin(emotions, list(truth))
        one = LogisticRegression(C=STRENGTH["scales"], class_weight="balanced", max_iter=400)
        one.fit(scaled[told], [truth[name] for name in emotions[told]], sample_weight=weights[told])
        columns.append(one.coef_[0])
        biases.append(one.intercept_[0])
    matrix = np.array(columns).T / scaler.scale_[:, None]
    return matrix, np.array(biases) - scaler.mean_ @ matrix


@dataclass(frozen=True)
class Heads:
    """Weights (1536, N) and biases (N,): the emotions by regression (7), the scales (5), the emotions by discriminant
    (7); once they are joined, the emotions and the scales."""

    weights: Array
    biases: Array

    def of(self, values: Array) -> Array:
        """Return the logits (…, N)."""
        return np.asarray(values @ self.weights + self.biases)

    def joined(self, factors: tuple[float, float]) -> "Heads":
        """Return the emotions of both ways in one, each times its factor, beside the scales."""

        def join(part: Array) -> Array:
            emotions = factors[0] * part[..., :SEVEN] + factors[1] * part[..., -SEVEN:]
            return np.concatenate([emotions, part[..., SEVEN:-SEVEN]], axis=-1)

        return Heads(join(self.weights), join(self.biases))


def fitted(looked: Looked, emotions: NDArray[np.str_], rows: NDArray[np.bool_]) -> Heads:
    """Return heads that heard the windows in `rows`."""
    counted = 1.0 / np.bincount(looked.owners)[looked.owners]
    counted *= len(counted) / counted.sum()
    apart = shares(looked.owners, looked.ways == 0)
    one = regressions(looked.values[rows], emotions[rows], counted[rows])
    other = discriminant(looked.values[rows], emotions[rows], apart[rows])
    return Heads(np.hstack([one[0], other[0]]), np.concatenate([one[1], other[1]]))


def temperature(logits: Array, emotions: NDArray[np.str_], weights: Array) -> float:
    """Return by what to multiply the logits of the emotions (N, 7) for their chances to be right (Guo et al., 2017)."""
    right = (emotions[:, None] == np.array(EMOTIONS)).argmax(axis=1)

    def loss(factor: float) -> float:
        scaled = logits * factor
        top = scaled.max(axis=1, keepdims=True)
        chosen = scaled[np.arange(len(right)), right] - top[:, 0]
        return float(-(weights * (chosen - np.log(np.exp(scaled - top).sum(axis=1)))).sum())

    return float(min(np.geomspace(0.02, 2.0, 200), key=loss))


def platt(logits: Array, truth: NDArray[np.bool_]) -> tuple[float, float]:
    """Return slope and offset that make probabilities of logits (Platt, 1999)."""
    fitted = LogisticRegression(C=1e3).fit(logits[:, None], truth)
    return float(fitted.coef_[0, 0]), float(fitted.intercept_[0])


def main() -> None:
    """Make the model and put it into the package."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--data", type=Path, required=True, help="folder with emodb/")
    arguments.add_argument("--work", type=Path, default=Path("build/voice"))
    given = arguments.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(0)
    known = recordings(given.data / "emodb")
    if not (given.work / "looked.npz").exists():
        look(known, given.work, random)
    with np.load(given.work / "looked.npz") as kept:
        fit(known, Looked(kept["values"].astype(np.float64), kept["owners"], kept["ways"]), given.work)


def look(known: Recordings, work: Path, random: np.random.Generator) -> None:
    """Export the network, and keep what it makes of all windows in `looked.npz`."""
    encoder = Encoder(variables(packaged())).eval()
    weight, bias = speech_layer(encoder, known, random)
    export(Listening(encoder, torch.from_numpy(weight), bias).eval(), work / "encoder.onnx")
    looked = looked_at(Session(work / "encoder.onnx"), copies(known, random), random)
    np.savez(work / "looked.npz", values=looked.values.astype(np.float32), owners=looked.owners, ways=looked.ways)


def fit(known: Recordings, looked: Looked, work: Path) -> None:
    """Fit the heads with all speakers and without each; calibrate with those that never heard the speaker."""
    emotions, speakers = known.emotions[looked.owners], known.speakers[looked.owners]
    names = sorted(set(speakers))
    held = {one: fitted(looked, emotions, speakers != one) for one in names}
    unheard = np.concatenate([held[one].of(looked.values[speakers == one]) for one in names])
    truth = np.concatenate([emotions[speakers == one] for one in names])
    apart = shares(looked.owners, looked.ways == 0)
    counted = np.concatenate([apart[speakers == one] for one in names])
    factors = factors_of(unheard, truth, counted)
    whole = fitted(looked, emotions, np.ones(len(emotions), bool)).joined(factors)
    write(whole, {one: heads.joined(factors) for one, heads in held.items()}, unheard[:, SEVEN:-SEVEN], truth, work)


def factors_of(logits: Array, emotions: NDArray[np.str_], weights: Array) -> tuple[float, float]:
    """Return what the emotions by regression and by discriminant count when they are joined, their chances right."""
    ways = (logits[:, :SEVEN], logits[:, -SEVEN:])
    one, other = (temperature(way, emotions, weights) for way in ways)
    parts = (1 - DISCRIMINANT) * one, DISCRIMINANT * other
    both = temperature(parts[0] * ways[0] + parts[1] * ways[1], emotions, weights)
    return parts[0] * both, parts[1] * both


def write(whole: Heads, held: dict[str, Heads], scales: Array, emotions: NDArray[np.str_], work: Path) -> None:
    """Put the model into the package; scales: what heads that never heard the speaker say (N, 5) of `emotions`."""
    scaled = []
    for column, scale in enumerate(SCALES):
        told = np.isin(emotions, list(TRUE[scale]))
        truth = np.array([TRUE[scale][name] for name in emotions[told]])
        scaled.append(platt(scales[told, column], truth))
    neutral = scales[emotions == "neutral"].mean(axis=0)
    calm = [slope * neutral[column] + offset for column, (slope, offset) in enumerate(scaled[:2])]  # arousal and stress
    MODEL.mkdir(parents=True, exist_ok=True)
    shutil.copy(work / "encoder.onnx", MODEL / "encoder.onnx")
    np.savez(
        MODEL / "heads.npz", weights=whole.weights.astype(np.float32), biases=whole.biases.astype(np.float32),
        platt=np.array(scaled, np.float32), calm=np.array(calm, np.float32),
    )  # fmt: skip
    np.savez_compressed(
        MODEL / "held_out.npz", speakers=np.array(list(held)),
        biases=np.array([one.biases for one in held.values()], np.float32),
        weights=np.array([one.weights for one in held.values()], np.float32),
    )  # fmt: skip
    described = {"name": "unspoken-voice", "version": "2", "emotions": EMOTIONS, "scales": SCALES}
    (MODEL / "labels.json").write_text(json.dumps(described, indent=1) + "\n", encoding="utf-8")
    seal(MODEL)


if __name__ == "__main__":
    main()
