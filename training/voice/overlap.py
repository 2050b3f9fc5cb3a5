"""Make the detector of two voices at once: python -m training.voice.overlap --data DIR. Ten minutes on one core.

Of EmoDB, of voices that espeak-ng makes, and of what is made of both: windows of one voice, and of two of which the
second is 0 to 10 dB below the first in a third of the window to all of it, as they are and by telephone. A second voice
20 dB or more below is none: it is what the line carries over from the other side. Needs espeak-ng 1.51, and the
encoder, which `train.py` makes.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from training.voice.mixtures import heard, in_room, over, rustling, talk, with_echo
from training.voice.network import Session
from training.voice.synthetic import voices
from training.voice.train import MODEL
from unspoken.perception.artifacts import seal
from unspoken.perception.voice.corpora import Recordings, recordings, two_by_two
from unspoken.perception.voice.mel import RATE, Samples, log_mel
from unspoken.perception.voice.overlap import OverlapDetector
from unspoken.perception.voice.windows import WINDOW

WINDOWS = 30_000
KINDS = {"one": 0.45, "two": 0.5, "one far below": 0.05}  # share of each
OFTEN = 5.0  # times that a speaker of EmoDB is drawn as often as a voice of espeak-ng
LEAST = 0.7  # seconds of speech in a window
HIDDEN, ROUNDS, BATCH, RATE_OF_LEARNING, DECAY = 32, 6, 256, 3e-3, 1e-2
FORGOTTEN = (0.2, 0.3)  # shares of the inputs, and of the hidden units, that are left out at random while it learns
FALSE_ALARMS = 0.005  # share of windows of one voice of EmoDB, never heard, that are taken for two: the operating point


@dataclass(frozen=True)
class Made:
    """Windows: what the network makes of each (N, 1536), whose voices are in it (N, 2), and whether two at once."""

    values: NDArray[np.float32]
    speakers: NDArray[np.str_]
    two: NDArray[np.bool_]


def made_of(known: Recordings, session: Session, random: np.random.Generator) -> Made:
    """Return all windows in which somebody speaks."""
    values, speakers, two = [], [], []
    for who, both, sound in sounds(known, random):
        pooled, speech = session(log_mel(sound))
        if (speech > 0.5).sum() * 0.02 >= LEAST:
            values.append(pooled)
            speakers.append(who)
            two.append(both)
    return Made(np.array(values), np.array(speakers), np.array(two))


def sounds(known: Recordings, random: np.random.Generator) -> Iterator[tuple[tuple[str, str], bool, Samples]]:
    """Yield who speaks, whether both at once, and the sound. A crowd behind them holds nobody of another pair."""
    names = sorted(set(known.speakers.tolist()))
    own = {name: [known.clips[row] for row in np.flatnonzero(known.speakers == name)] for name in names}
    clips = own | voices(random)
    pairs = {name: (name,) for name in clips} | {name: pair for pair in two_by_two(names) for name in pair}
    weights = np.array([OFTEN if name in own else 1.0 for name in clips])
    for kind in random.choice(list(KINDS), WINDOWS, p=list(KINDS.values())):
        name, other = random.choice(list(clips), 2, replace=False, p=weights / weights.sum()).tolist()
        if kind == "one":
            other, sound = name, _alone(clips[name], random)
        else:
            below = random.uniform(0, 10) if kind == "two" else random.uniform(20, 35)
            sound = _both(clips[name], clips[other], below, random)
        crowd = [clip for one in sorted({*pairs[name], *pairs[other]}) for clip in clips[one]]
        yield (name, other), kind == "two", heard(sound, crowd, random)


def _alone(clips: Sequence[Samples], random: np.random.Generator) -> Samples:
    voice = talk(clips, _length(random), random)
    match random.choice(["plain", "room", "rustling", "echo"], p=[0.65, 0.15, 0.1, 0.1]):
        case "room":
            return in_room(voice, random)
        case "rustling":
            noise = rustling(talk(clips, len(voice), random), random)
            return over(voice, noise, random.uniform(0, 12), random.uniform(0.3, 1), random)
        case "echo":
            return with_echo(voice, random)
    return voice


def _both(clips: Sequence[Samples], others: Sequence[Samples], below: float, random: np.random.Generator) -> Samples:
    length = _length(random)
    share = 1.0 if random.random() < 0.3 else random.uniform(0.3, 1)
    mixed = over(talk(clips, length, random), talk(others, length, random), below, share, random)
    return in_room(mixed, random) if random.random() < 0.2 else mixed


def _length(random: np.random.Generator) -> int:
    return WINDOW if random.random() < 0.75 else int(random.integers(int(1.2 * RATE), WINDOW))


def fitted(made: Made, rows: NDArray[np.bool_]) -> OverlapDetector:
    """Return a detector that heard the windows in `rows`, without an operating point."""
    torch.manual_seed(0)
    mean, spread = made.values[rows].mean(axis=0), made.values[rows].std(axis=0)
    inner, outer = nn.Linear(len(mean), HIDDEN), nn.Linear(HIDDEN, 1)
    network = nn.Sequential(nn.Dropout(FORGOTTEN[0]), inner, nn.ReLU(), nn.Dropout(FORGOTTEN[1]), outer)
    learn(network, torch.from_numpy((made.values[rows] - mean) / spread), torch.from_numpy(made.two[rows]).float())
    weight, bias, out, shift = (one.detach().numpy() for layer in (inner, outer) for one in (layer.weight, layer.bias))
    scaled = weight.T / spread[:, None]
    return OverlapDetector(scaled, bias - mean @ scaled, out[0], float(shift[0]))


def learn(network: nn.Module, values: Tensor, truth: Tensor) -> None:
    """Train with AdamW (Loshchilov and Hutter, 2019), one cycle of the rate of learning."""
    steps = len(values) // BATCH
    optimiser = torch.optim.AdamW(network.parameters(), weight_decay=DECAY)
    rate = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE_OF_LEARNING, total_steps=ROUNDS * steps)
    for _ in range(ROUNDS):
        for rows in torch.randperm(len(values))[: steps * BATCH].view(steps, BATCH):
            optimiser.zero_grad()
            nn.functional.binary_cross_entropy_with_logits(network(values[rows])[:, 0], truth[rows]).backward()
            optimiser.step()
            rate.step()


def unheard(made: Made, pairs: list[tuple[str, str]]) -> tuple[list[OverlapDetector], NDArray[np.float64]]:
    """Return a detector for each pair that never heard either, and what they say of windows of one voice of theirs."""
    detectors, said = [], []
    for pair in pairs:
        theirs = np.isin(made.speakers, pair)
        detectors.append(fitted(made, ~theirs.any(axis=1)))
        alone = theirs.all(axis=1) & (made.speakers[:, 0] == made.speakers[:, 1])
        said.append(detectors[-1].score(made.values[alone]))
    return detectors, np.concatenate(said)


def kept(detectors: Sequence[OverlapDetector], least: float) -> dict[str, NDArray[np.float32]]:
    """Return what is written of detectors whose operating point is to be `least`."""
    return {
        "inner": np.array([one.inner for one in detectors], np.float32),
        "inner_bias": np.array([one.inner_bias for one in detectors], np.float32),
        "outer": np.array([one.outer for one in detectors], np.float32),
        "outer_bias": np.array([one.outer_bias - least for one in detectors], np.float32),
    }


def main() -> None:
    """Make the detector and put it into the package."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--data", type=Path, required=True, help="folder with emodb/")
    known = recordings(arguments.parse_args().data / "emodb")
    pairs = two_by_two(known.speakers.tolist())
    made = made_of(known, Session(MODEL / "encoder.onnx"), np.random.default_rng(0))
    detectors, said = unheard(made, pairs)
    least = float(np.quantile(said, 1 - FALSE_ALARMS))
    print(f"{len(made.two)} windows; operating point {least:.2f}, of {len(said)} windows of one voice")
    whole = fitted(made, np.ones(len(made.two), bool))
    np.savez(MODEL / "overlap.npz", **{name: one[0] for name, one in kept([whole], least).items()})
    np.savez_compressed(MODEL / "overlap_held_out.npz", speakers=np.array(pairs), **kept(detectors, least))
    seal(MODEL)


if __name__ == "__main__":
    main()
