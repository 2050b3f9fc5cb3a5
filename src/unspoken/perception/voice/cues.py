"""What can be heard in plain words: how loud, how high and how moved, how fast and with how many pauses. Pure numpy.

Cues are evidence for people, in change against the caller's own beginning; the model does not read them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from unspoken.perception.voice.mel import RATE, Samples

_LOWEST, _HIGHEST = 65.0, 450.0  # Hz, of a voice
_WIDTH, _STEP = int(0.04 * RATE), int(0.02 * RATE)
_PERIODIC = 0.45  # of the energy that comes again a period later, from which a frame has a pitch
_LOUDER, _HIGHER, _LIVELIER, _FASTER, _PAUSES = 3.0, 1.5, 1.0, 0.25, 0.12  # changes worth a word


@dataclass(frozen=True, slots=True)
class Cues:
    """Loudness of the speech (dB of full scale), its pitch (semitones above 55 Hz) and how far that moves (standard
    deviation, semitones), syllables a second of speech, and the share 0…1 of pauses. NaN: not to be told."""

    loudness: float
    pitch: float
    movement: float
    rate: float
    pauses: float


def cues_of(samples: Samples, speech: NDArray[np.float32]) -> Cues:
    """Return the cues of a window (n,) at 16 kHz; speech: chance 0…1 in each frame of 20 ms."""
    count = min(len(speech), len(samples) // _STEP)
    spoken = speech[:count] > 0.5
    nothing = float("nan")
    if not spoken.any():
        return Cues(nothing, nothing, nothing, nothing, 1.0)
    power = np.mean(samples[: count * _STEP].reshape(count, _STEP) ** 2, axis=1)
    loudness = 10.0 * np.log10(float(power[spoken].mean()) + 1e-10)
    pitch = _pitch(samples, np.flatnonzero(spoken)[::2])
    told = pitch[~np.isnan(pitch)]
    first, last = np.flatnonzero(spoken)[[0, -1]]
    return Cues(
        loudness=loudness,
        pitch=float(np.median(told)) if len(told) >= 10 else nothing,
        movement=float(np.std(told)) if len(told) >= 10 else nothing,
        rate=_syllables(power, spoken) / (float(spoken.sum()) * 0.02),
        pauses=float(1.0 - spoken[first : last + 1].mean()),
    )


def _pitch(samples: Samples, frames: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the pitch (semitones above 55 Hz) of frames, NaN where there is none: the peak of the autocorrelation
    divided by that of the window (Boersma, IFA Proceedings 17, 1993)."""
    starts = frames * _STEP - (_WIDTH - _STEP) // 2
    starts = starts[(starts >= 0) & (starts + _WIDTH <= len(samples))]
    if not len(starts):
        return np.empty(0)
    window = np.hanning(_WIDTH)
    cut = samples[starts[:, None] + np.arange(_WIDTH)].astype(np.float64)
    cut = (cut - cut.mean(axis=1, keepdims=True)) * window
    size = 2 * _WIDTH
    again = np.fft.irfft(np.abs(np.fft.rfft(cut, size)) ** 2, axis=1)[:, :_WIDTH]
    own = np.fft.irfft(np.abs(np.fft.rfft(window, size)) ** 2)[:_WIDTH]
    again = again / np.maximum(again[:, :1], 1e-12) / (own / own[0])
    low, high = int(RATE / _HIGHEST), int(RATE / _LOWEST)
    places = low + np.argmax(again[:, low:high], axis=1)
    strength = again[np.arange(len(places)), places]
    return np.where(strength >= _PERIODIC, 12.0 * np.log2(RATE / places / 55.0), np.nan)


def _syllables(power: NDArray[np.float32], spoken: NDArray[np.bool_]) -> int:
    """Count the peaks of loudness in speech: about one a syllable."""
    level = np.convolve(10.0 * np.log10(power + 1e-10), np.hanning(7)[1:-1] / 3.0, "same")
    middle = level[1:-1]
    peaks = (middle > level[:-2]) & (middle >= level[2:]) & spoken[1:-1]
    return int(peaks.sum())


def mean_of(several: Sequence[Cues]) -> Cues:
    """Return the mean of each cue over the windows that tell it."""
    columns = zip(*(tuple(getattr(one, field.name) for field in fields(Cues)) for one in several), strict=True)
    known = [[value for value in column if value == value] for column in columns]
    return Cues(*(sum(values) / len(values) if values else float("nan") for values in known))


def changes(now: Cues, before: Cues) -> list[str]:
    """Return in words what is heard that is unlike the caller's own beginning, the plainest change first."""
    said = {
        "loudness": (_LOUDER, "louder by {:.0f} dB", "quieter by {:.0f} dB"),
        "pitch": (_HIGHER, "higher by {:.0f} semitones", "lower by {:.0f} semitones"),
        "movement": (_LIVELIER, "pitch moves more", "pitch moves less"),
        "rate": (_FASTER * max(before.rate, 1.0), "faster", "slower"),
        "pauses": (_PAUSES, "more pauses", "fewer pauses"),
    }
    found = []
    for field in fields(Cues):
        worth, more, less = said[field.name]
        change = getattr(now, field.name) - getattr(before, field.name)
        if abs(change) >= worth:  # False for NaN
            found.append((abs(change) / worth, (more if change > 0 else less).format(abs(change))))
    return [words for _, words in sorted(found, reverse=True)]
