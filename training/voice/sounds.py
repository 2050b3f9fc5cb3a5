"""Sounds to learn from that no recording holds: speech somewhere in silence, and sounds that nobody speaks in."""

import numpy as np
from numpy.typing import NDArray

from unspoken.perception.voice.mel import RATE, Samples
from unspoken.perception.voice.noise import pink
from unspoken.perception.voice.telephone import carried


def among_silence(clip: Samples, seconds: float, random: np.random.Generator) -> Samples:
    """Return so many seconds that begin before, in or after the clip's beginning, faint noise around it."""
    around = pink(len(clip) + int(2 * seconds * RATE), random) * np.float32(10 ** random.uniform(-4, -2.5))
    start = int(seconds * RATE)
    around[start : start + len(clip)] += clip
    begin = start - int(random.uniform(0, 0.35) * seconds * RATE)
    begin += int(random.uniform(0, max(len(clip) - 0.65 * seconds * RATE, 1)))
    return around[begin : begin + int(seconds * RATE)]


def no_speech(random: np.random.Generator, seconds: float = 3.0) -> Samples:
    """Return a sound that nobody speaks in: silence, noise, hum, clicks, signals of a telephone, or music."""
    length = int(seconds * RATE)
    kind = random.choice(["silence", "noise", "hum", "clicks", "signal", "music", "music", "wind"])
    at = np.arange(length) / RATE
    if kind == "silence":
        sound = pink(length, random) * 10 ** random.uniform(-4, -2.5)
    elif kind == "noise":
        sound = pink(length, random, slope=random.uniform(0, 1))
    elif kind == "wind":
        sound = pink(length, random, slope=1) * np.abs(np.interp(at, np.arange(8) / 2, random.normal(size=8)))
    elif kind == "hum":
        sound = sum(np.sin(2 * np.pi * random.choice([50, 60]) * n * at) / n for n in range(1, 9))
    elif kind == "clicks":
        sound = np.convolve(random.random(length) < 3 / RATE, np.exp(-np.arange(400) / 60), "same")
    elif kind == "signal":
        tones = random.choice([350, 425, 440, 480, 697, 770, 852, 1209, 1336, 1477], 2)
        sound = sum(np.sin(2 * np.pi * tone * at) for tone in tones) * (at % random.choice([0.5, 1, 9]) < 0.5)
    else:
        sound = _music(at, random)
    sound = np.asarray(sound, np.float64) + pink(length, random) * 1e-3
    loud = (sound / max(np.abs(sound).max(), 1e-9) * 10 ** random.uniform(-1.5, 0)).astype(np.float32)
    if kind == "silence":
        loud *= np.float32(0.01)
    return carried(loud, loudness=float(np.abs(loud).max())) if random.random() < 0.5 else loud


def _music(at: NDArray[np.float64], random: np.random.Generator) -> NDArray[np.float64]:
    """Return notes of a scale over chords, with a beat."""
    sound = np.zeros_like(at)
    root, beat = 110 * 2 ** random.uniform(0, 1), random.uniform(0.2, 0.5)
    bright = random.uniform(0.6, 2.0)
    for number in range(int(at[-1] / beat) + 1):
        since = at - number * beat
        shape = np.where(since >= 0, np.exp(-np.maximum(since, 0) * random.uniform(1, 5)), 0)
        notes = random.choice([0, 2, 4, 5, 7, 9, 11, 12, 16, 19], random.integers(1, 4))
        for note in notes:
            tone = root * 2 ** (note / 12)
            sound += shape * sum(np.sin(2 * np.pi * tone * n * at) / n**bright for n in range(1, 8))
        sound += 0.5 * np.where(since >= 0, np.exp(-np.maximum(since, 0) * 40), 0) * random.normal(size=len(at))
    return sound
