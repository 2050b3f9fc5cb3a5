"""What a voice sounds like, in the form that the encoder was trained on: a log-mel spectrogram. Pure numpy.

As Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision" (ICML 2023): 80 bands of Slaney's mel
scale, windows of 25 ms every 10 ms, the logarithm cut off 8 below its highest value.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

RATE = 16_000  # samples a second
HOP = 160  # samples between two frames
BANDS = 80
_WIDTH = 400

Samples = NDArray[np.float32]


def log_mel(samples: Samples) -> NDArray[np.float32]:
    """Return the spectrogram (80, samples / 160) of sound (n,) at 16 kHz, about −1…1. Needs more than 200 samples."""
    padded = np.pad(samples, _WIDTH // 2, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(padded, _WIDTH)[::HOP][: len(samples) // HOP]
    power = np.abs(np.fft.rfft(frames * _window(), axis=1)) ** 2
    bands = _filters() @ power.T.astype(np.float32)
    levels = np.log10(np.maximum(bands, 1e-10))
    return np.asarray((np.maximum(levels, levels.max() - 8.0) + 4.0) / 4.0, np.float32)


@lru_cache(maxsize=1)
def _window() -> Samples:
    return np.hanning(_WIDTH + 1)[:-1].astype(np.float32)


@lru_cache(maxsize=1)
def _filters() -> NDArray[np.float32]:
    """Return the triangular filters (80, 201), each of the same area (Slaney, Auditory Toolbox, 1998)."""
    frequencies = np.linspace(0, RATE / 2, _WIDTH // 2 + 1)
    edges = _hertz(np.linspace(0.0, _mel(RATE / 2), BANDS + 2))
    rising = (frequencies[None] - edges[:-2, None]) / np.diff(edges)[:-1, None]
    falling = (edges[2:, None] - frequencies[None]) / np.diff(edges)[1:, None]
    heights = np.maximum(0.0, np.minimum(rising, falling))
    return (heights * (2.0 / (edges[2:] - edges[:-2]))[:, None]).astype(np.float32)


_LINEAR = 200 / 3  # hertz a mel below 1 kHz; above, 27 mel are a factor of 6.4
_STEP = np.log(6.4) / 27


def _mel(hertz: float) -> float:
    return hertz / _LINEAR if hertz < 1000 else 15 + float(np.log(hertz / 1000)) / _STEP


def _hertz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(mel < 15, mel * _LINEAR, 1000 * np.exp(_STEP * (mel - 15)))
