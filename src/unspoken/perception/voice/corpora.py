"""Recordings of acted speech as they lie on disk: labels.csv and audio/. For training and evaluation; needs PyAV."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from unspoken.perception.voice.mel import RATE, Samples


@dataclass(frozen=True)
class Recordings:
    """Sounds at 16 kHz, who speaks, of which sex (f, m), and which emotion was to be acted."""

    clips: list[Samples]
    speakers: NDArray[np.str_]
    sexes: NDArray[np.str_]
    emotions: NDArray[np.str_]


def recordings(folder: Path, *, every: int = 1) -> Recordings:
    """Read a corpus, such as EmoDB (Burkhardt et al., Interspeech 2005); every: take only each so-manyth recording."""
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))[::every]
    columns = [np.array([row[name] for row in rows]) for name in ("speaker", "sex", "emotion")]
    return Recordings([load(folder / "audio" / row["file"]) for row in rows], *columns)


def two_by_two(speakers: Iterable[str]) -> list[tuple[str, str]]:
    """Return the speakers in pairs, in order: what learns of voices at once leaves out both of a pair."""
    names = sorted(set(speakers))
    return list(zip(names[::2], names[1::2], strict=True))


def load(path: Path) -> Samples:
    """Return a recording as mono samples at 16 kHz. Only for files that are trusted: see `decoding` for others."""
    import av

    resampler = av.AudioResampler("flt", "mono", RATE)
    with av.open(str(path)) as opened:
        frames = [one for frame in opened.decode(audio=0) for one in resampler.resample(frame)]
    return np.concatenate([one.to_ndarray()[0] for one in [*frames, *resampler.resample(None)]])
