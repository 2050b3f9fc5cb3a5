"""Sound as telephones carry it: 8 kHz, 300–3,400 Hz, mu-law (ITU-T G.711). Pure numpy."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from unspoken.perception.voice.mel import RATE, Samples

_LOW, _HIGH = 300.0, 3400.0  # Hz
_FADE = 60.0  # Hz over which the band begins and ends
_BETWEEN = np.arange(-63, 64, 2)  # places of the 64 samples around one that is put between two, in half samples


@lru_cache(maxsize=1)
def _table() -> Samples:
    """Return the sample −1…1 that each of the 256 bytes stands for."""
    code = ~np.arange(256) & 0xFF
    size = (((code & 0x0F) << 3) + 0x84 << ((code & 0x70) >> 4)) - 0x84
    return (np.where(code & 0x80, -size, size) / 32768.0).astype(np.float32)


def decoded(payload: bytes) -> Samples:
    """Return mu-law bytes as samples −1…1 at 8 kHz."""
    return np.asarray(_table()[np.frombuffer(payload, np.uint8)])


def encoded(samples: Samples) -> bytes:
    """Return samples −1…1 at 8 kHz as mu-law bytes, each the nearest that there is."""
    order = np.argsort(_table(), kind="stable")
    ranked = _table()[order]
    middles = (ranked[1:] + ranked[:-1]) / 2
    return bytes(order[np.searchsorted(middles, samples)].astype(np.uint8))


class Widener:
    """Takes sound at 8 kHz to 16 kHz as it comes: the same samples in pieces or as a whole, four milliseconds late."""

    def __init__(self) -> None:
        kernel = np.sinc(_BETWEEN / 2) * np.kaiser(2 * len(_BETWEEN) + 1, 8.0)[1::2]
        self._between = (kernel / kernel.sum()).astype(np.float32)
        self._before = np.zeros(len(kernel) - 1, np.float32)

    def widen(self, samples: Samples) -> Samples:
        """Return the next samples (n,) at 8 kHz as (2 n,) at 16 kHz: each sample, and between two what lies between."""
        if not len(samples):
            return samples
        whole = np.concatenate([self._before, samples])
        self._before = whole[len(samples) :]
        half = len(self._between) // 2
        wide = np.empty(2 * len(samples), np.float32)
        wide[0::2] = whole[half - 1 : half - 1 + len(samples)]
        wide[1::2] = np.convolve(whole, self._between, "valid")
        return wide


def carried(samples: Samples, *, loudness: float = 0.5) -> Samples:
    """Return a recording at 16 kHz as it sounds through a telephone, as long as before; loudness: its peak, 0…1."""
    narrow = _narrowed(samples)
    narrow = narrow / max(float(np.abs(narrow).max()), 1e-9) * loudness
    return _widened(decoded(encoded(narrow.astype(np.float32))), len(samples))


def _narrowed(samples: Samples) -> NDArray[np.float64]:
    length = len(samples) + len(samples) % 2
    spectrum = np.fft.rfft(samples, length)
    frequency = np.fft.rfftfreq(length, 1 / RATE)
    edges = np.clip((frequency - _LOW) / _FADE, 0, 1) * np.clip((_HIGH - frequency) / _FADE, 0, 1)
    return np.asarray(np.fft.irfft((spectrum * edges)[: length // 4 + 1], length // 2) / 2)


def _widened(samples: Samples, length: int) -> Samples:
    return (np.fft.irfft(np.fft.rfft(samples), 2 * len(samples)) * 2)[:length].astype(np.float32)
