"""How much better words and tone together tell distress than either alone: on pairs of held-out messages and voices."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from unspoken.affect.fusion import Noise, Reliability, fused
from unspoken.perception import figures as measure
from unspoken.perception.figures import Array, Figure, Line, Metric
from unspoken.perception.pairs import PAIRS, Channel, Pairs, Rows, drawn, reliability
from unspoken.perception.voice.corpora import recordings
from unspoken.perception.voice.heads import SCALES
from unspoken.perception.voice.mel import Samples
from unspoken.perception.voice.network import Network
from unspoken.perception.voice.report import far, held_out
from unspoken.perception.voice.windows import windows

DISTRESSED, NOT = ("anger", "fear"), ("neutral", "happiness")
"""What was acted in voices that show distress, and in those that do not: a lively voice is no distressed one."""

DRAWS = 300
Truth = NDArray[np.bool_]
_STRESS = SCALES.index("stress")
_SOUNDS: Mapping[Noise, str] = {"clean": "clean", "telephone": "telephone and noise of 5–20 dB"}


def voices_of(network: Network, folder: Path) -> dict[Noise, Channel]:
    """Return how stressed the acted voices in `folder` (EmoDB) read by heads that never heard the speaker."""
    known = recordings(folder)
    held, rows = held_out(network), np.flatnonzero(np.isin(known.emotions, [*DISTRESSED, *NOT]))
    speakers = known.speakers[rows]
    owner = np.unique(speakers, return_inverse=True)[1]
    random = np.random.default_rng(7)
    found: dict[Noise, Channel] = {}
    for noise in _SOUNDS:
        clips = [known.clips[row] if noise == "clean" else far(known, row, random) for row in rows.tolist()]
        stress = [_stress(held[name], clip) for name, clip in zip(speakers.tolist(), clips, strict=True)]
        found[noise] = Channel(np.array(stress), np.isin(known.emotions[rows], DISTRESSED), owner)
    return found


def _stress(network: Network, clip: Samples) -> float:
    """Return the mean chance of stress over the windows of a recording, as over what was said in a call."""
    heard = [network.hear(clip[begin:end]).pooled for begin, end in windows(len(clip))]
    odds = network.calibrated(network.logits(np.array(heard)))[:, _STRESS]
    return float(np.mean(1.0 / (1.0 + np.exp(-odds))))


def fusion_lines(fitted: Channel, measured: Channel, voices: Mapping[Noise, Channel]) -> Iterator[Line]:
    """Yield the figures, over `measured` words and voices, by reliabilities that were learnt on `fitted` words and, for
    each speaker, on the voices of the others."""
    for noise, heard in voices.items():
        pairs = drawn(measured, heard, seed=1)
        trust = {int(one): reliability(drawn(fitted, heard.of(heard.owner != one), seed=0))
                 for one in np.unique(heard.owner)}  # fmt: skip
        yield from _figures(pairs, _chances(pairs, trust, noise), _SOUNDS[noise])


def _chances(pairs: Pairs, trust: Mapping[int, Reliability], noise: Noise) -> Array:
    """Return the chances (P,) of words and tone together, NaN where they part."""
    rows = zip(pairs.displeasure.tolist(), pairs.stress.tolist(), pairs.owners[1].tolist(), strict=True)
    told = [fused(words, tone, noise=noise, trust={noise: trust[speaker]}).chance for words, tone, speaker in rows]
    return np.array([np.nan if one is None else one for one in told])


def _figures(pairs: Pairs, chance: Array, sound: str) -> Iterator[Line]:
    corpus = f"{PAIRS:,} pairs of a held-out service message and a voice never heard (EmoDB), {sound}"
    told, shown = ~pairs.apart, pairs.distressed
    alone = {"words": pairs.displeasure, "tone": pairs.stress}
    for name, score in alone.items():
        yield Line(corpus, f"distress by {name} alone, AUROC", _over(pairs, _auroc(shown, score), told))
    yield Line(corpus, "distress by words and tone together, AUROC", _over(pairs, _auroc(shown, chance), told))
    for name, score in alone.items():
        yield Line(corpus, f"… more than by {name} alone", _over(pairs, _lead(shown, chance, score), told))
    yield Line(corpus, "… calibration error", _over(pairs, _error(shown, chance), told))
    yield Line(corpus, "share that part, so that both are told and no number", _over(pairs, _share(pairs.apart)))
    yield Line(corpus, "… of these, distress shown by one of both alone", _over(pairs, _share(pairs.single), ~told))


def _auroc(shown: Truth, score: Array) -> Metric:
    return lambda rows: measure.auroc(score[rows], shown[rows])


def _lead(shown: Truth, score: Array, other: Array) -> Metric:
    return lambda rows: measure.auroc(score[rows], shown[rows]) - measure.auroc(other[rows], shown[rows])


def _error(shown: Truth, chance: Array) -> Metric:
    return lambda rows: measure.calibration_error(chance[rows], shown[rows])


def _share(held: Truth) -> Metric:
    return lambda rows: float(held[rows].mean())


def _over(pairs: Pairs, metric: Metric, chosen: Truth | None = None) -> Figure:
    """Return metric(rows) over the chosen pairs, with a 95 % interval from resampling messages and speakers (Owen,
    Annals of Applied Statistics 1, 2007): pairs that share one are not independent."""
    rows = np.flatnonzero(np.ones(len(pairs.stress), bool) if chosen is None else chosen)
    random = np.random.default_rng(0)
    values = []
    for _ in range(DRAWS):
        times = np.prod([_times(owner, random)[owner[rows]] for owner in pairs.owners], axis=0)
        again = np.repeat(rows, times)
        values.append(metric(again) if len(again) else float("nan"))
    low, high = np.nanpercentile(values, [2.5, 97.5])
    return Figure(metric(rows), float(low), float(high))


def _times(owner: Rows, random: np.random.Generator) -> Rows:
    """Return how often each owner is drawn."""
    count = int(owner.max()) + 1
    return np.bincount(random.integers(0, count, count), minlength=count)
