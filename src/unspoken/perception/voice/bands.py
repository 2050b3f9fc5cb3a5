"""Bands that play chords, tunes and beats: music made by arithmetic. Pure numpy."""

from collections.abc import Callable
from typing import Self

import numpy as np

from unspoken.perception.voice.instruments import Sound, times
from unspoken.perception.voice.mel import RATE

Instrument = Callable[[float, float], Sound]
"""Makes a note of a frequency (Hz) that lasts so many seconds."""

_CHORDS = ((0, 4, 7, 11), (9, 12, 16, 19), (5, 9, 12, 16), (7, 11, 14, 17))  # semitones: I, vi, IV and V with sevenths
_SCALE = (0, 2, 4, 7, 9, 12, 14, 16)


class Band:
    """What is played: instruments over chords of a key at a tempo, both chosen at random."""

    def __init__(self, seconds: float, random: np.random.Generator) -> None:
        self.sound, self.random = np.zeros(int((seconds + 1) * RATE)), random
        self.beat, self.root = 60 / random.uniform(70, 130), 48 + int(random.integers(12))
        self.beats = int(seconds / self.beat) + 1

    def play(self, instrument: Instrument, semitones: int, at: float, lasting: float, size: float = 1.0) -> None:
        """Add a note; at and lasting in beats, semitones above the key's root."""
        made = instrument(440 * 2 ** ((self.root + semitones - 69) / 12), lasting * self.beat)
        self.add(size * made, at)

    def add(self, made: Sound, at: float) -> None:
        """Add a sound, at in beats."""
        begin = int(at * self.beat * RATE)
        part = made[: max(len(self.sound) - begin, 0)]
        self.sound[begin : begin + len(part)] += part

    def chords(self, instrument: Instrument, every: float, *, size: float = 0.4, apart: float = 0.0) -> Self:
        """Play the chord of each bar again and again; apart: beats between its notes."""
        for number in range(int(self.beats / every)):
            for place, note in enumerate(_CHORDS[int(number * every / 4) % 4]):
                self.play(instrument, note, number * every + place * apart, every - place * apart, size)
        return self

    def melody(self, instrument: Instrument, *, up: int = 12, shortest: float = 0.5) -> Self:
        """Play a tune that wanders over a scale."""
        at, step = 0.0, 3
        while at < self.beats:
            lasting = shortest * int(self.random.choice([1, 1, 2, 3]))
            step = int(np.clip(step + self.random.integers(-2, 3), 0, len(_SCALE) - 1))
            self.play(instrument, up + _SCALE[step], at, lasting)
            at += lasting
        return self

    def bass(self, instrument: Instrument) -> Self:
        """Play the root of each chord on every beat."""
        for number in range(self.beats):
            self.play(instrument, _CHORDS[number // 4 % 4][0] - 12, number, 0.9, 0.8)
        return self

    def drums(self, size: float = 1.0) -> Self:
        """Beat a bass drum, a snare and a cymbal."""
        at = times(0.25)
        low = np.sin(2 * np.pi * (50 * at + 8 * (1 - np.exp(-at * 30)))) * np.exp(-at * 12)
        for number in range(2 * self.beats):
            hiss = self.random.normal(size=len(at))
            self.add(0.2 * size * hiss * np.exp(-at * 60), number / 2)
            if number % 4 == 0:
                self.add(1.5 * size * low, number / 2)
            elif number % 4 == 2:
                self.add(0.6 * size * hiss * np.exp(-at * 25), number / 2)
        return self
