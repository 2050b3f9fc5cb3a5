"""How well voices are read: on EmoDB by heads that never heard the speaker, on TESS by those that ship, on calls made
of recordings, and what it costs."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from unspoken.perception import figures as measure
from unspoken.perception.figures import Array, Figure, Line, with_interval
from unspoken.perception.voice.corpora import Recordings, recordings
from unspoken.perception.voice.heads import EMOTIONS, SCALES, TRUE
from unspoken.perception.voice.listener import BEGINNING, Listener, Offsets
from unspoken.perception.voice.mel import RATE, Samples, log_mel
from unspoken.perception.voice.network import FOLDER, Network
from unspoken.perception.voice.noise import babble, pink, with_noise
from unspoken.perception.voice.overlap import OverlapDetector
from unspoken.perception.voice.telephone import carried
from unspoken.perception.voice.windows import windows

FOUR = ("anger", "happiness", "neutral", "sadness")
TURNS = 4.0  # seconds after a turn in which a window and the mean hold both
FLAGGED = 0.5  # smoothed chance of stress from which a simulated call counts as flagged
_AROUSAL, _STRESS = (len(EMOTIONS) + SCALES.index(name) for name in ("arousal", "stress"))
_EMODB = "EmoDB, 535 recordings, 10 speakers, each by heads that never heard them"


@dataclass(frozen=True)
class Voices:
    """A corpus and the logits (N, 12) of its recordings, clean and through a telephone with noise."""

    known: Recordings
    clean: Array
    telephone: Array


def voice_lines(network: Network, data: Path) -> Iterator[Line]:
    """Yield every figure of the voice model that can be measured with the corpora in `data`."""
    known = recordings(data / "emodb")
    held = held_out(network)
    emodb = _unheard(network, held, known)
    yield from _emotions(emodb)
    yield from _calibration(emodb)
    yield from _sexes(emodb, network)
    if (data / "tess").is_dir():
        yield from _tess(network, recordings(data / "tess", every=2))
    yield from _calls(held, known)
    yield from _cost(network, known)


def held_out(network: Network) -> dict[str, Network]:
    """Return by speaker of EmoDB the network with the heads that never heard that speaker, and with the detector of
    overlap that never heard them and the other one of their pair (`corpora.two_by_two`)."""
    with np.load(FOLDER / "overlap_held_out.npz") as kept:
        detectors = {
            str(name): OverlapDetector.of(kept, place) for place, pair in enumerate(kept["speakers"]) for name in pair
        }
    with np.load(FOLDER / "held_out.npz") as kept:
        return {
            str(name): network.with_heads(weights, biases, detectors[str(name)])
            for name, weights, biases in zip(kept["speakers"], kept["weights"], kept["biases"], strict=True)
        }


def logits_of(network: Network, clip: Samples) -> Array:
    """Return the mean logits (12,) of the windows of a recording."""
    cut = [clip[begin:end] for begin, end in windows(len(clip))]
    return np.asarray(np.mean([network.logits(network.hear(one).pooled) for one in cut], axis=0))


def far(known: Recordings, place: int, random: np.random.Generator) -> Samples:
    """Return a recording as a telephone carries it, with pink noise or babble 5 to 20 dB below the voice."""
    clip = known.clips[place]
    noise = babble(len(clip), known.clips, random) if place % 2 else pink(len(clip), random)
    noisy = with_noise(clip, noise, random.uniform(5, 20))
    return carried(noisy, loudness=10 ** random.uniform(-1, -0.1))


def through_telephone(known: Recordings, seed: int) -> list[Samples]:
    """Return all recordings as a telephone carries them."""
    random = np.random.default_rng(seed)
    return [far(known, place, random) for place in range(len(known.clips))]


def _unheard(network: Network, held: dict[str, Network], known: Recordings) -> Voices:
    speakers = known.speakers.tolist()
    clean = [logits_of(held[one], clip) for one, clip in zip(speakers, known.clips, strict=True)]
    distant = [logits_of(held[one], clip) for one, clip in zip(speakers, through_telephone(known, 1), strict=True)]
    return Voices(known, np.array(clean), np.array(distant))


def recall(said: NDArray[np.str_], truth: NDArray[np.str_]) -> float:
    """Return the unweighted mean of the recalls of the classes in `truth` (UAR)."""
    return float(np.mean([(said[truth == name] == name).mean() for name in np.unique(truth)]))


def _aroused(emotions: NDArray[np.str_]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which recordings tell of arousal, and which of those are aroused."""
    told = np.isin(emotions, list(TRUE["arousal"]))
    return told, np.array([TRUE["arousal"][name] for name in emotions[told]])


def _emotions(voices: Voices) -> Iterator[Line]:
    emotions = voices.known.emotions
    told, aroused = _aroused(emotions)
    for words, logits in (("clean", voices.clean), ("telephone and noise of 5–20 dB", voices.telephone)):
        said = np.array(EMOTIONS)[logits[:, : len(EMOTIONS)].argmax(axis=1)]
        yield Line(_EMODB, f"seven emotions, UAR, {words}", with_interval(recall, said, emotions))
        figure = with_interval(measure.auroc, logits[told, _AROUSAL], aroused)
        yield Line(_EMODB, f"arousal, AUROC, {words}", figure)


def _calibration(voices: Voices) -> Iterator[Line]:
    """Calibrate each speaker by the nine others, as a new caller meets it."""
    truth = np.array([TRUE["stress"][name] for name in voices.known.emotions])
    for words, logits in (("clean", voices.clean), ("telephone", voices.telephone)):
        chance = np.empty(len(truth))
        for speaker in np.unique(voices.known.speakers):
            own = voices.known.speakers == speaker
            slope, offset = measure.logistic(logits[~own, _STRESS, None], truth[~own].astype(float))
            chance[own] = _chance(slope * logits[own, _STRESS] + offset)
        yield Line(_EMODB, f"stress, AUROC, {words}", with_interval(measure.auroc, logits[:, _STRESS], truth))
        yield Line(
            _EMODB, f"stress, calibration error, {words}", with_interval(measure.calibration_error, chance, truth)
        )


def _sexes(voices: Voices, network: Network) -> Iterator[Line]:
    """Compare women and men who speak calmly; with a baseline: the first five calm recordings of each, left out."""
    calm = voices.known.emotions == "neutral"
    logits = network.calibrated(voices.telephone)[:, 0]
    plain, against = [], []
    for speaker in np.unique(voices.known.speakers):
        rows = np.flatnonzero(calm & (voices.known.speakers == speaker))
        first, rest = rows[:5], rows[5:]
        woman = voices.known.sexes[rows[0]] == "f"
        shift, _ = Offsets(logits[first].mean() - network.calm[0], 0.0, BEGINNING).shrunk()
        plain += [(woman, chance) for chance in _chance(logits[rest])]
        against += [(woman, chance) for chance in _chance(logits[rest] - shift)]
    for words, rows_of in (("without a baseline", plain), ("with a baseline", against)):
        sex, chance = np.array([one for one, _ in rows_of]), np.array([one for _, one in rows_of])
        yield Line(_EMODB, f"arousal of calm speech, women less men, {words}", with_interval(_difference, chance, sex))


def _difference(chance: Array, woman: NDArray[np.bool_]) -> float:
    return float(abs(chance[woman].mean() - chance[~woman].mean()))


def _chance(logits: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-logits)))


def _tess(network: Network, known: Recordings) -> Iterator[Line]:
    corpus = f"TESS, {len(known.clips):,} recordings, 2 speakers, never trained on"
    told, aroused = _aroused(known.emotions)
    four = np.isin(known.emotions, FOUR)
    columns = [EMOTIONS.index(name) for name in FOUR]
    for words, clips in (("clean", known.clips), ("telephone and noise of 5–20 dB", through_telephone(known, 2))):
        logits = np.array([logits_of(network, clip) for clip in clips])
        yield Line(corpus, f"arousal, AUROC, {words}", with_interval(measure.auroc, logits[told, _AROUSAL], aroused))
        said = np.array(FOUR)[logits[four][:, columns].argmax(axis=1)]
        yield Line(corpus, f"four emotions, UAR, {words}", with_interval(recall, said, known.emotions[four]))


@dataclass(frozen=True, slots=True)
class _Call:
    """A simulated call: the chance of stress told at each second, whether the caller was angry then (the seconds of a
    turn itself left out, when a window holds both), and the seconds from the turn to anger until it was told."""

    chances: Array
    angry: NDArray[np.bool_]
    delay: float


def _calls(held: dict[str, Network], known: Recordings) -> Iterator[Line]:
    """Let each speaker be calm, then angry, then calm, three times in another order, through a noisy telephone."""
    random = np.random.default_rng(3)
    calls = [_call(network, known, name, random) for name, network in held.items() for _ in range(3)]
    corpus = f"{len(calls)} simulated calls (calm, angry, calm; telephone, noise at 15 dB), speakers never heard"
    chance, angry = np.concatenate([one.chances for one in calls]), np.concatenate([one.angry for one in calls])
    yield Line(corpus, "stress by the second, AUROC", with_interval(measure.auroc, chance, angry, draws=200))
    delays = np.array([one.delay for one in calls])
    yield Line(corpus, "seconds until a turn to anger is told, median", with_interval(_median, delays))
    calm = np.array([float((~one.angry).sum()) for one in calls])
    alarms = np.array([float(_alarms(one)) for one in calls])
    yield Line(corpus, "false alarms an hour of calm speech", with_interval(_an_hour, alarms, calm))


def _median(values: Array) -> float:
    return float(np.median(values))


def _an_hour(alarms: Array, seconds: Array) -> float:
    return float(3600 * alarms.sum() / seconds.sum())


def _call(network: Network, known: Recordings, speaker: str, random: np.random.Generator) -> _Call:
    def said(emotion: str, seconds: float) -> Samples:
        rows = np.flatnonzero((known.speakers == speaker) & (known.emotions == emotion))
        pieces: list[Samples] = []
        while sum(map(len, pieces)) < seconds * RATE:
            pieces += [known.clips[random.choice(rows)], np.zeros(int(random.uniform(0.2, 0.8) * RATE), np.float32)]
        return np.concatenate(pieces)

    calm, angry, after = said("neutral", 25), said("anger", 20), said("neutral", 20)
    sound = np.concatenate([calm, angry, after])
    line = carried(with_noise(sound, pink(len(sound), random), 15))
    heard = [(one.end, one.scales["stress"]) for one in Listener(network).feed(line) if one.reason is None]
    begins, ends = len(calm) / RATE, (len(calm) + len(angry)) / RATE
    turned = next((at for at, chance in heard if at > begins and chance >= FLAGGED), ends + TURNS)
    clear = [(at, chance) for at, chance in heard if at < begins or begins + TURNS <= at < ends or at >= ends + TURNS]
    times, chances = np.array(clear).T
    return _Call(chances, (times >= begins) & (times < ends), turned - begins)


def _alarms(call: _Call) -> int:
    """Count how often calm speech is told as stress anew."""
    high = (call.chances >= FLAGGED) & ~call.angry
    return int((high & ~np.concatenate([[False], high[:-1]])).sum())


def _cost(network: Network, known: Recordings) -> Iterator[Line]:
    sound = np.concatenate(known.clips[:60])
    shares = []
    for _ in range(5):
        begun = time.perf_counter()
        Listener(network).feed(sound)
        shares.append((time.perf_counter() - begun) / (len(sound) / RATE))
    middle = float(np.median(shares))
    yield Line(
        "Cost, one core",
        "share of real time by the clock, a window every second",
        Figure(middle, min(shares), max(shares)),
    )
    begun = time.perf_counter()
    for _ in range(50):
        log_mel(sound[: 3 * RATE])
    share = (time.perf_counter() - begun) / 50
    yield Line("Cost, one core", "of these, the spectrogram of a window, in milliseconds", Figure(*[share * 1000] * 3))
