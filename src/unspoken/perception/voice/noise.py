"""Noise to read voices through, in training and evaluation. Pure numpy."""

from collections.abc import Sequence

import numpy as np

from unspoken.perception.voice.mel import Samples


def pink(length: int, random: np.random.Generator, *, slope: float = 0.5) -> Samples:
    """Return noise whose power falls with frequency (slope 0: white, 0.5: pink, 1: brown), of mean square 1."""
    spectrum = np.fft.rfft(random.normal(size=length))
    spectrum /= np.maximum(np.arange(len(spectrum)), 1) ** slope
    noise = np.fft.irfft(spectrum, length)
    return np.asarray(noise / max(noise.std(), 1e-9), np.float32)


def babble(length: int, clips: Sequence[Samples], random: np.random.Generator) -> Samples:
    """Return six voices at once, of mean square 1."""
    voices = [clips[place] for place in random.integers(0, len(clips), 6)]
    mixed = sum(np.roll(np.resize(one, length), random.integers(length)) / max(one.std(), 1e-6) for one in voices)
    return np.asarray(mixed / np.std(mixed), np.float32)


def with_noise(clip: Samples, noise: Samples, decibels: float) -> Samples:
    """Return `clip` with noise of mean square 1 so many decibels below it."""
    return clip + noise * np.float32(np.sqrt(np.mean(clip**2)) * 10 ** (-decibels / 20))
