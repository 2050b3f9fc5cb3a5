"""A voice made by arithmetic: a buzz through the resonances of vowels, in syllables. No recording of anybody."""

import numpy as np

from unspoken.perception.voice.mel import RATE, Samples

_VOWELS = ((730, 1090, 2440), (270, 2290, 3010), (300, 870, 2240), (530, 1840, 2480), (570, 840, 2410))  # Hz


def voice(seconds: float, *, pitch: float = 120.0, loudness: float = 0.3, rate: float = 4.0, seed: int = 0) -> Samples:
    """Return a voice of so many seconds: pitch in Hz, which wanders; rate: syllables a second."""
    random = np.random.default_rng(seed)
    length = int(seconds * RATE)
    at = np.arange(length) / RATE
    syllable = np.minimum((at * rate).astype(int), int(seconds * rate) - 1)
    moved = np.interp(at, np.linspace(0, seconds, int(seconds * 3) + 2), random.normal(0, 0.08, int(seconds * 3) + 2))
    phase = np.cumsum(2 * np.pi * pitch * (1 + moved) / RATE)
    sound = np.zeros(length)
    vowels = [_VOWELS[one] for one in random.integers(0, len(_VOWELS), int(seconds * rate) + 1)]
    for harmonic in range(1, int(4000 / pitch)):
        strength = np.array([_heard(pitch * harmonic, vowel) for vowel in vowels])[syllable]
        sound += strength * np.sin(harmonic * phase) / harmonic**0.5
    sound *= np.sin(np.pi * ((at * rate) % 1)) ** 0.6  # each syllable rises and falls
    sound += 0.01 * random.normal(size=length)
    return (sound / np.abs(sound).max() * loudness).astype(np.float32)


def _heard(frequency: float, vowel: tuple[int, int, int]) -> float:
    return sum(1.0 / (1.0 + ((frequency - formant) / 90.0) ** 2) / (place + 1) for place, formant in enumerate(vowel))


def noise(seconds: float, *, loudness: float = 0.1, seed: int = 0) -> Samples:
    """Return white noise."""
    random = np.random.default_rng(seed)
    return (random.normal(size=int(seconds * RATE)) * loudness / 3).astype(np.float32)
