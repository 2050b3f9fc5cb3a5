"""Who speaks when: of a voice nothing but whether it is heard. All that is ever looked at of the agent's side."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unspoken.perception.voice.mel import RATE, Samples
from unspoken.perception.voice.network import FRAME, Network

BEFORE = 1.0  # seconds before a piece that are heard with it: in less, speech is taken for noise
PIECE = RATE  # samples that are looked at together
LEAST = RATE // 5  # samples below which a rest is not looked at
FRAME_SAMPLES = round(FRAME * RATE)


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
        self._hears_other = False

    def feed(self, samples: Samples, *, other: Samples | None = None) -> list[Activity]:
        """Take in the next samples at 16 kHz, −1…1, of both sides, and return the seconds that they complete."""
        self._hears_other = other is not None
        there = np.zeros_like(samples) if other is None else other
        self._sides = [np.concatenate(both) for both in zip(self._sides, (samples, there), strict=True)]
        seen = []
        while len(self._sides[0]) >= self._before + PIECE:
            seen.append(self._piece(PIECE))
        return seen

    def finish(self) -> list[Activity]:
        """Return what is left of a second, if anybody could have said something in it."""
        left = len(self._sides[0]) - self._before
        return [self._piece(left - left % FRAME_SAMPLES)] if left >= LEAST else []

    def _piece(self, count: int) -> Activity:
        end, begins = self._before + count, self._begins
        frames = count // FRAME_SAMPLES
        own, theirs = (self._network.activity(side[:end])[-frames:] > 0.5 for side in self._sides)
        self._begins += count / RATE
        self._before = min(round(BEFORE * RATE), end)
        self._sides = [side[end - self._before :] for side in self._sides]
        return Activity(begins, self._begins, own, theirs if self._hears_other else None)

    def skip(self, seconds: float) -> None:
        """Pass over seconds of the call that were not heard, and what of a second was left before them."""
        rest = (len(self._sides[0]) - self._before) / RATE
        self._begins += rest + seconds
        self._sides, self._before = [side[:0] for side in self._sides], 0
