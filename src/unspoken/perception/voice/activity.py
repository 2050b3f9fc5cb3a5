"""Who speaks when: of a voice nothing but whether it is heard. All that is ever looked at of the agent's side."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unspoken.perception.voice.mel import RATE, Samples
from unspoken.perception.voice.network import FRAME, Network

BEFORE = 1.0  # seconds before a piece that are heard with it: in less, speech is taken for noise
PIECE = RATE  # samples that are looked at together


@dataclass(frozen=True, slots=True)
class Activity:
    """Speech from second `begins` to `ends` of a call, one bool for each frame of 20 ms: on the customer's side, and
    on the other, None where nothing is heard of that."""

    begins: float
    ends: float
    own: NDArray[np.bool_]
    other: NDArray[np.bool_] | None

    @property
    def own_seconds(self) -> float:
        """Seconds in which the customer speaks."""
        return float(self.own.sum()) * FRAME


class Watcher:
    """Notes who speaks where no tone may be read. `feed` it samples as they come; a piece every second."""

    def __init__(self, network: Network, *, begins: float = 0.0) -> None:
        """begins: the second of the call with which the first sample comes."""
        self._network, self._begins = network, begins
        self._sides: list[Samples] = [np.empty(0, np.float32)] * 2
        self._before = 0  # samples at the head that were looked at already

    def feed(self, samples: Samples, *, other: Samples | None = None) -> list[Activity]:
        """Take in the next samples at 16 kHz, −1…1, of both sides, and return the seconds that they complete."""
        there = np.zeros_like(samples) if other is None else other
        self._sides = [np.concatenate(both) for both in zip(self._sides, (samples, there), strict=True)]
        seen = []
        while len(self._sides[0]) >= self._before + PIECE:
            end = self._before + PIECE
            own, theirs = (self._network.activity(side[:end])[-PIECE // 320 :] > 0.5 for side in self._sides)
            seen.append(Activity(self._begins, self._begins + 1.0, own, None if other is None else theirs))
            self._begins += 1.0
            self._before = round(BEFORE * RATE)
            self._sides = [side[end - self._before :] for side in self._sides]
        return seen

    def skip(self, seconds: float) -> None:
        """Pass over seconds of the call that were not heard, and what of a second was left before them."""
        rest = (len(self._sides[0]) - self._before) / RATE
        self._begins += rest + seconds
        self._sides, self._before = [side[:0] for side in self._sides], 0
