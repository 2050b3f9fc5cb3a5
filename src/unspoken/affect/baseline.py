"""Baseline: what is usual for one contact or one channel, kept as whole-number sums so that order never matters."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import NamedTuple, Self

from unspoken.affect.reading import Reading

SCALE = 1_000_000
"""Sums are kept in millionths: whole numbers add up to the same total in any order, and can be taken back exactly."""

PRIOR_STRENGTH = 10
"""A baseline of ten readings counts as much as what is usual around it."""


class Usual(NamedTuple):
    """Mean and standard deviation of valence (-1…1) and of frustration (0…1) that are usual somewhere."""

    valence: float
    valence_sd: float
    frustration: float
    frustration_sd: float


SERVICE = Usual(valence=0.14, valence_sd=0.35, frustration=0.11, frustration_sd=0.21)
"""Where nothing is known yet: what the shipped text models read in chats, mails and calls of our own that they were not
trained on, weighted so that one message in seven is discontent with us (that share is a judgement: written messages
say nothing about how often anything happens). `tests/test_usual.py` reads them anew and says when a model has moved
away. Once a channel has some dozens of readings of its own, these count for little."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """Running sums of a contact's or a channel's readings, in millionths; every field is a whole number."""

    count: int = 0
    valence_sum: int = 0
    valence_squares: int = 0
    frustration_sum: int = 0
    frustration_squares: int = 0

    def add(self, valence: float, frustration: float) -> "Baseline":
        """Return the baseline with one more reading: valence -1…1, frustration 0…1."""
        return self.merge(_single(valence, frustration))

    def add_reading(self, reading: Reading) -> "Baseline":
        """Return the baseline with one more reading."""
        return self.add(reading.valence, reading.cx["frustration"])

    def remove(self, valence: float, frustration: float) -> "Baseline":
        """Return the baseline as if this reading had never been added (correction, erasure): exact."""
        return self._combined(_single(valence, frustration), sign=-1)

    def merge(self, other: "Baseline") -> "Baseline":
        """Return the baseline of both together (two contacts become one): exact, in any order."""
        return self._combined(other, sign=1)

    def mean(self, prior: Usual = SERVICE) -> float:
        """Return the mean valence (-1…1), shrunk towards `prior`."""
        return self.usual(prior).valence

    def sd(self, prior: Usual = SERVICE) -> float:
        """Return the standard deviation of valence (> 0), shrunk towards `prior`."""
        return self.usual(prior).valence_sd

    def usual(self, prior: Usual = SERVICE) -> Usual:
        """Return what is usual here, shrunk towards `prior`: `contact.usual(channel.usual())` nests the two."""
        valence = _shrunk(self.count, self.valence_sum, self.valence_squares, prior.valence, prior.valence_sd)
        frustration = _shrunk(
            self.count, self.frustration_sum, self.frustration_squares, prior.frustration, prior.frustration_sd
        )
        return Usual(*valence, *frustration)

    def to_json(self) -> dict[str, int]:
        """Return the sums as JSON numbers."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_json(cls, data: Mapping[str, int]) -> Self:
        """Return the baseline kept by `to_json`."""
        return cls(**data)

    def _combined(self, other: "Baseline", *, sign: int) -> "Baseline":
        return Baseline(
            self.count + sign * other.count,
            self.valence_sum + sign * other.valence_sum,
            self.valence_squares + sign * other.valence_squares,
            self.frustration_sum + sign * other.frustration_sum,
            self.frustration_squares + sign * other.frustration_squares,
        )


def _single(valence: float, frustration: float) -> Baseline:
    return Baseline(
        1,
        round(valence * SCALE),
        round(valence * valence * SCALE),
        round(frustration * SCALE),
        round(frustration * frustration * SCALE),
    )


def _shrunk(count: int, total: int, squares: int, mean: float, sd: float) -> tuple[float, float]:
    """Return mean and standard deviation as if `PRIOR_STRENGTH` readings of the prior had been seen first."""
    weight = PRIOR_STRENGTH + count
    shrunk = (PRIOR_STRENGTH * mean + total / SCALE) / weight
    second = (PRIOR_STRENGTH * (mean * mean + sd * sd) + squares / SCALE) / weight
    return shrunk, math.sqrt(max(second - shrunk * shrunk, 1e-4))
