"""Sounds in which nobody speaks, made by arithmetic: what lines carry between words, and what callers wait through."""

import numpy as np

from unspoken.perception.speech.transcriber import RATE, Samples

_ROWS = dict(zip("123456789*0#", (697, 697, 697, 770, 770, 770, 852, 852, 852, 941, 941, 941), strict=True))
_COLUMNS = dict(zip("123456789*0#", (1209, 1336, 1477) * 4, strict=True))


def silence(seconds: float) -> Samples:
    """Return samples that are all zero."""
    return np.zeros(round(seconds * RATE), np.float32)


def tone(frequency: float, seconds: float, *, loudness: float = 0.3) -> Samples:
    """Return a pure tone."""
    at = np.arange(round(seconds * RATE)) / RATE
    return (loudness * np.sin(2 * np.pi * frequency * at)).astype(np.float32)


def noise(seconds: float, *, loudness: float = 0.1, slope: float = 0.0, seed: int = 0) -> Samples:
    """Return noise; slope 0: white, 0.5: pink, 1: brown."""
    spectrum = np.fft.rfft(np.random.default_rng(seed).normal(size=round(seconds * RATE)))
    spectrum /= np.maximum(np.arange(len(spectrum)), 1) ** slope
    sound = np.fft.irfft(spectrum, round(seconds * RATE))
    return (loudness * sound / np.abs(sound).max()).astype(np.float32)


def keys(pressed: str) -> Samples:
    """Return the sound of telephone keys (DTMF, ITU-T Q.23), each a tenth of a second."""
    sounds = [tone(_ROWS[key], 0.1) + tone(_COLUMNS[key], 0.1) for key in pressed]
    return np.concatenate([part for sound in sounds for part in (sound, silence(0.08))])


def ringing(seconds: float) -> Samples:
    """Return a telephone that rings elsewhere: two seconds of tone, four of silence."""
    at = np.arange(round(seconds * RATE)) / RATE
    both = tone(440, seconds, loudness=0.15) + tone(480, seconds, loudness=0.15)
    return (both * (at % 6 < 2)).astype(np.float32)


def music(seconds: float, *, seed: int = 0) -> Samples:
    """Return chords that are struck and fade, a new one every 0.4 seconds."""
    random = np.random.default_rng(seed)
    at = np.arange(round(0.4 * RATE)) / RATE
    fading = np.exp(-3 * at) * np.minimum(at / 0.01, 1)
    chords = []
    for _ in range(round(seconds / 0.4)):
        root = 220 * 2 ** (random.choice([0, 2, 4, 5, 7, 9, 11, 12]) / 12)
        voices = [root * interval * harmonic for interval in (1, 1.26, 1.5) for harmonic in (1, 2, 3, 4)]
        struck = sum(np.sin(2 * np.pi * voice * at) / (1 + place % 4) for place, voice in enumerate(voices))
        chords.append(0.1 * fading * struck)
    return np.concatenate(chords).astype(np.float32)


NOBODY_SPEAKS = {
    "silence": silence(6),
    "a quiet line": noise(6, loudness=0.003),
    "white noise": noise(6, loudness=0.3),
    "pink noise": noise(6, slope=0.5),
    "brown noise": noise(6, slope=1.0),
    "a tone": tone(440, 6),
    "telephone keys": keys("0049170123#*"),
    "a telephone that rings": ringing(12),
    "music": music(20),
    "other music": music(20, seed=3),
}
