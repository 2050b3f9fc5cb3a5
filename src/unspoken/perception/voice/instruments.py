"""Notes of instruments, made by arithmetic: what music is made of in which nobody speaks. Pure numpy."""

import numpy as np
from numpy.typing import NDArray

from unspoken.perception.voice.mel import RATE

Sound = NDArray[np.float64]

_VOWELS = ((730, 1090, 2440), (270, 2290, 3010), (300, 870, 2240), (530, 1840, 2480))  # Hz: a, i, u, e


def times(seconds: float) -> Sound:
    return np.arange(int(seconds * RATE)) / RATE


def shaped(sound: Sound, rise: float, fall: float) -> Sound:
    """Return a note that begins and ends softly (seconds)."""
    since = np.arange(len(sound)) / RATE
    return sound * np.clip(since / rise, 0, 1) * np.clip((since[-1:] - since) / fall, 0, 1)


def harmonics(phase: Sound, strengths: Sound | list[float]) -> Sound:
    return np.asarray(sum(size * np.sin(number * phase) for number, size in enumerate(strengths, start=1) if size))


def organ(hertz: float, seconds: float) -> Sound:
    return shaped(harmonics(2 * np.pi * hertz * times(seconds), [1, 0.8, 0.5, 0.4, 0, 0.3, 0, 0.2]), 0.02, 0.05)


def electric_piano(hertz: float, seconds: float) -> Sound:
    at = times(seconds + 0.5)
    inner = 2.0 * np.exp(-4 * at) * np.sin(2 * np.pi * hertz * at) + 0.3 * np.sin(28 * np.pi * hertz * at)
    return shaped(np.sin(2 * np.pi * hertz * at + inner) * np.exp(-1.5 * at), 0.003, 0.1)


def guitar(hertz: float, seconds: float) -> Sound:
    """A string that is plucked (Karplus and Strong, Computer Music Journal 7, 1983)."""
    period = round(RATE / hertz)
    string = np.random.default_rng(period).uniform(-1, 1, period)
    turns = []
    for _ in range(int((seconds + 0.6) * RATE / period) + 1):
        turns.append(string)
        string = 0.498 * (string + np.roll(string, 1))
    return shaped(np.concatenate(turns), 0.001, 0.1)


def strings(hertz: float, seconds: float) -> Sound:
    """Five that play the same, each slightly off and with a vibrato of its own."""
    at = times(seconds)
    many = np.zeros_like(at)
    for place in range(5):
        sway = 0.006 * np.sin(2 * np.pi * (5 + 0.3 * place) * at + place) / (5 + 0.3 * place)
        phase = 2 * np.pi * hertz * (1 + 0.001 * (place - 2)) * (at + sway) + 2 * place
        many += harmonics(phase, [1 / number for number in range(1, 1 + max(1, int(3800 / hertz)))])
    return shaped(many, 0.15, 0.2)


def brass(hertz: float, seconds: float) -> Sound:
    """A horn that comes from below, grows brighter, and sways."""
    at = times(seconds)
    bent = hertz * (1 - 0.05 * np.exp(-at * 20) + 0.01 * np.clip(at * 3, 0, 1) * np.sin(2 * np.pi * 5.2 * at))
    phase, bright = 2 * np.pi * np.cumsum(bent) / RATE, 1 - np.exp(-8 * at)
    count = max(1, int(3800 / hertz))
    blown = sum(bright**number * np.sin(number * phase) / number**0.7 for number in range(1, count + 1))
    return shaped(np.asarray(blown), 0.03, 0.06)


def flute(hertz: float, seconds: float) -> Sound:
    at = times(seconds)
    breath = 0.05 * np.random.default_rng(int(hertz)).normal(size=len(at))
    sway = (1 + 0.15 * np.sin(2 * np.pi * 5 * at)) * harmonics(2 * np.pi * hertz * at, [1, 0.3, 0.1])
    return shaped(sway + breath, 0.06, 0.08)


def box(hertz: float, seconds: float) -> Sound:
    at = times(seconds + 0.8)
    parts = ((1.0, 3), (3.99, 6), (9.1, 12))
    struck = sum(np.sin(2 * np.pi * hertz * ratio * at) * np.exp(-fade * at) for ratio, fade in parts)
    return shaped(np.asarray(struck), 0.001, 0.1)


def square(hertz: float, seconds: float) -> Sound:
    return shaped(np.sign(np.sin(2 * np.pi * hertz * times(seconds))) * 0.5, 0.002, 0.01)


def sung(hertz: float, seconds: float) -> Sound:
    """A vowel that is sung: a buzz with a vibrato, through the resonances of a throat."""
    at = times(seconds)
    vowel = _VOWELS[round(hertz) % len(_VOWELS)]
    sway = 0.012 * np.clip(at * 4, 0, 1) * np.sin(2 * np.pi * 5.5 * at)
    phase = 2 * np.pi * np.cumsum(hertz * (1 - 0.06 * np.exp(-at * 25) + sway)) / RATE
    strengths = [_resounds(hertz * number, vowel) / number**0.5 for number in range(1, 1 + max(1, int(3800 / hertz)))]
    return shaped(harmonics(phase, strengths), 0.04, 0.06)


def _resounds(hertz: float, vowel: tuple[int, int, int]) -> float:
    return sum(1 / (1 + ((hertz - formant) / 90) ** 2) / (place + 1) for place, formant in enumerate(vowel))
