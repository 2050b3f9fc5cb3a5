"""Whether music sounds in a window, alone or behind a voice: its tones stand still, a voice's glide. Pure numpy.

After Seyerlehner et al., "Automatic Music Detection in Television Productions" (DAFx 2007): in a spectrogram in which
each frequency is compared with its neighbours, music leaves bars that last, and speech hardly any. The harmonics of
somebody who speaks on one pitch stand still too: bars that are multiples of one pitch of a voice do not count.
"""

from functools import lru_cache

import numpy as np

from unspoken.perception.figures import Array
from unspoken.perception.voice.mel import RATE, Samples

STEADY = 1.4  # from which a window is not read: of half of EmoDB none exceeds 0.95, of voices by arithmetic 1.35
_WIDTH, _HOP = 2048, 512  # samples of a frame, and from one to the next
_BLOCK = 35  # frames (1.1 s) over which a tone has to last
_LOW, _HIGH = 38, 435  # bins that telephones carry, 300 to 3,400 Hz
_BIN = RATE / _WIDTH  # Hz
_AROUND = 10  # bins to either side that a peak is compared with
_PROMINENT = 13.0  # dB above their mean
_FAINT = 1e-5  # of the power of the loudest frame: a tone below it does not sound
_PEAKS = 5
_PITCHES = np.geomspace(80.0, 350.0, 400)  # Hz at which people speak, 0.4 % apart


def music_in(samples: Samples) -> bool:
    """Tell whether music can be heard in a window (n,) at 16 kHz, so that its tone of voice is not to be read."""
    return steadiness(samples) >= STEADY


def steadiness(samples: Samples) -> float:
    """Return the sum (0…5) of the shares of time for which the five steadiest tones last that are of no voice."""
    if len(samples) < _WIDTH + (_BLOCK - 1) * _HOP:
        return 0.0
    lasting = _prominent(samples)
    ends = range(_BLOCK, len(lasting) + 1, _BLOCK // 2)
    bars = _bars(np.array([lasting[end - _BLOCK : end].mean(axis=0) for end in ends]))
    voices = _harmonics()[(bars @ _harmonics().T).argmax(axis=1)]
    return float(np.median(np.sort(bars * (1 - voices), axis=1)[:, -_PEAKS:].sum(axis=1)))


def _prominent(samples: Samples) -> Array:
    """Return 1 where a frequency is prominent in a frame (frames, bins), else 0."""
    frames = np.lib.stride_tricks.sliding_window_view(samples, _WIDTH)[::_HOP] * _window()
    power = np.abs(np.fft.rfft(frames, axis=1)[:, _LOW - _AROUND : _HIGH + _AROUND]) ** 2
    levels = 10.0 * np.log10(power + 1e-9)
    sums = np.cumsum(np.pad(levels, ((0, 0), (1, 0))), axis=1)
    span = 2 * _AROUND + 1
    means = (sums[:, span:] - sums[:, :-span]) / span
    own, loudest = levels[:, _AROUND:-_AROUND], power[:, _AROUND:-_AROUND].sum(axis=1).max()
    is_peak = (own > levels[:, _AROUND - 1 : -_AROUND - 1]) & (own >= levels[:, _AROUND + 1 : 1 - _AROUND])
    sounds = own > 10.0 * np.log10(loudest * _FAINT + 1e-9)
    found: Array = (is_peak & (own - means > _PROMINENT) & sounds).astype(float)
    return found


def _bars(share: Array) -> Array:
    """Return bars (blocks, bins − 1), else 0: shares (blocks, bins) of time, of two neighbours together."""
    both = share[:, 1:] + share[:, :-1]
    is_top = (both > np.pad(both[:, :-1], ((0, 0), (1, 0)))) & (both >= np.pad(both[:, 1:], ((0, 0), (0, 1))))
    return np.where(is_top, both, 0.0)


@lru_cache(maxsize=1)
def _harmonics() -> Array:
    """Return for each pitch (400) 1 at the pairs of bins (395) of which one holds a multiple of it, else 0."""
    bins, pitches = np.arange(_LOW, _HIGH), _PITCHES[:, None] / _BIN
    holds = np.abs(bins - np.round(bins / pitches) * pitches) <= 1
    return (holds[:, 1:] | holds[:, :-1]).astype(float)


@lru_cache(maxsize=1)
def _window() -> Samples:
    return np.hanning(_WIDTH).astype(np.float32)
