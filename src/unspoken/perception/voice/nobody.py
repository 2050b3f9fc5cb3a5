"""Sounds in which nobody speaks, made by arithmetic: to measure and to test that nothing is told of them. Pure numpy.

Music of styles that callers hear while they wait, with and without a beat, signals of a telephone, and noise. What the
model learnt from was made otherwise, and of other instruments (`training/voice/sounds.py`).
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from unspoken.perception.voice.bands import Band
from unspoken.perception.voice.instruments import (
    Sound,
    box,
    brass,
    electric_piano,
    flute,
    guitar,
    harmonics,
    organ,
    square,
    strings,
    sung,
    times,
)
from unspoken.perception.voice.mel import RATE, Samples
from unspoken.perception.voice.noise import pink

_KEYS = ((697, 1209), (697, 1336), (770, 1477), (852, 1209), (941, 1336), (770, 1336))  # Hz: 1, 2, 6, 7, 0 and 5


def nobody(kind: str, seconds: float, random: np.random.Generator, *, loudness: float = 0.3) -> Samples:
    """Return one of `KINDS`, a faint hiss under it; loudness: its peak, 0…1."""
    sound = KINDS[kind](seconds, random)[: int(seconds * RATE)]
    sound = sound / max(float(np.abs(sound).max()), 1e-9) * loudness + pink(len(sound), random) * 2e-4
    return sound.astype(np.float32)


def _dialling(seconds: float, random: np.random.Generator) -> Sound:
    at, tones = times(seconds), np.array(_KEYS)[random.integers(0, len(_KEYS), int(seconds / 0.2) + 1)]
    pressed = tones[(at / 0.2).astype(int)]
    sounding = np.asarray(np.sin(2 * np.pi * pressed.T * at).sum(axis=0))
    return sounding * (at % 0.2 < random.uniform(0.08, 0.14))


def _signal(seconds: float, random: np.random.Generator) -> Sound:
    """Ringing, a busy line, a beep of an answering machine, or a tone that goes on."""
    at = times(seconds)
    tones, period, on = [
        ((425,), 5.0, 1.0), ((440, 480), 6.0, 2.0), ((400, 450), 3.0, 0.4), ((480, 620), 1.0, 0.5),
        ((1000,), 2.5, 0.5), ((1400,), 0.5, 0.06), ((350, 440), 1.0, 1.0), ((950,), 1.0, 1.0),
    ][int(random.integers(8))]  # fmt: skip
    sounding = np.asarray(sum(np.sin(2 * np.pi * tone * at) for tone in tones))
    return sounding * ((at + random.uniform(0, period)) % period < on)


def _fax(seconds: float, random: np.random.Generator) -> Sound:
    """A fax that calls, then chirps."""
    at = times(seconds)
    calling = np.sin(2 * np.pi * 1100 * at) * (at % 3.5 < 0.5)
    bits = random.integers(0, 2, int(seconds * 300) + 1)[(at * 300).astype(int)]
    return np.where(at % 3.5 > 2, np.sin(2 * np.pi * np.cumsum(1650 + 200 * bits) / RATE), calling)


def _traffic(seconds: float, random: np.random.Generator) -> Sound:
    """A road: a rumble that swells as cars pass, their engines, and a horn now and then."""
    at = times(seconds)
    sound = 0.3 * pink(len(at), random, slope=1).astype(np.float64)
    for _ in range(max(2, int(seconds / 2))):
        near = np.exp(-(((at - random.uniform(0, seconds)) / random.uniform(0.4, 1.2)) ** 2))
        engine = 2 * np.pi * np.cumsum(random.uniform(35, 90) * (1 + 0.1 * (near - 0.5))) / RATE
        hiss = pink(len(at), random, slope=random.uniform(0.4, 0.8))
        sound += near * (hiss + 0.3 * harmonics(engine, [1, 0.8, 0.6, 0.5, 0.4, 0.3]))
    horn = (at % 7 > 5) & (at % 7 < 5.6)
    return np.asarray(sound + 0.5 * horn * (np.sin(2 * np.pi * 420 * at) + np.sin(2 * np.pi * 510 * at)))


MUSIC: Mapping[str, Callable[[float, np.random.Generator], Sound]] = MappingProxyType(
    {
        "organ": lambda seconds, random: Band(seconds, random).chords(organ, 4).sound,
        "electric piano": lambda seconds, random: Band(seconds, random).chords(electric_piano, 2, apart=0.5).sound,
        "guitar": lambda seconds, random: Band(seconds, random).chords(guitar, 1, apart=0.03).sound,
        "strings": lambda seconds, random: Band(seconds, random).chords(strings, 4).melody(strings, shortest=1).sound,
        "brass": lambda seconds, random: Band(seconds, random).melody(brass, up=0).sound,
        "music box": lambda seconds, random: Band(seconds, random).melody(box, up=24).sound,
        "tune of a game": lambda seconds, random: Band(seconds, random).melody(square).bass(square).sound,
        "drums": lambda seconds, random: Band(seconds, random).drums().sound,
        "dance": lambda seconds, random: Band(seconds, random).drums().bass(square).chords(strings, 2).sound,
        "bossa nova": lambda seconds, random: (
            Band(seconds, random).drums(0.3).bass(guitar).chords(guitar, 1.5).melody(flute).sound
        ),
        "choir": lambda seconds, random: Band(seconds, random).chords(sung, 2).sound,
        "singing": lambda seconds, random: Band(seconds, random).melody(sung, up=0).sound,
        "song": lambda seconds, random: Band(seconds, random).drums(0.3).chords(guitar, 1, size=0.2).melody(sung).sound,
    }
)
"""Music that a line plays while one waits."""

SIGNALS: Mapping[str, Callable[[float, np.random.Generator], Sound]] = MappingProxyType(
    {"dialling": _dialling, "signal": _signal, "fax": _fax}
)
"""What a telephone itself sounds like."""

KINDS: Mapping[str, Callable[[float, np.random.Generator], Sound]] = MappingProxyType(
    {
        **MUSIC,
        **SIGNALS,
        "traffic": _traffic,
        "silence": lambda seconds, random: np.zeros(int(seconds * RATE)),
        "white noise": lambda seconds, random: random.normal(size=int(seconds * RATE)),
        "pink noise": lambda seconds, random: pink(int(seconds * RATE), random).astype(np.float64),
    }
)
"""Everything in which nobody speaks, by name."""
