"""Turn: one line of a conversation as the trajectory sees it, and the one order in which turns are looked at."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Self

from unspoken.affect.reading import Reading
from unspoken.affect.wording import facts_of

Author = Literal["customer", "agent", "bot", "system"]

LONGEST = 400
"""A longer conversation is followed from its last 400 turns, so that no thread can hold up the others."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn: who wrote it, when (epoch seconds) and, for a customer's own words only, what it expresses.

    reading: None when abstained, not read yet, or not the customer's. The rest are plain facts from `wording.py`,
    filled in by `Turn.of`: text_key (what it is about, '' for little), promise_due (epoch seconds), refused,
    misunderstood and asked (ours), closing (either side takes leave, or we ask for anything else). Raises ValueError
    for a reading of anyone but the customer, or for a time that is not finite.
    """

    id: str
    at: float
    author: Author
    reading: Reading | None = None
    text_key: str = ""
    promise_due: float | None = None
    refused: bool = False
    misunderstood: bool = False
    asked: bool = False
    closing: bool = False

    @classmethod
    def of(cls, id: str, at: float, author: Author, text: str, reading: Reading | None = None) -> Self:
        """Return a turn with the plain facts that its `text` states."""
        if author == "system":
            return cls(id, at, author, reading)
        facts = facts_of(text)
        if author == "customer":
            return cls(id, at, author, reading, facts.key, closing=facts.closes)
        due = at + facts.promised_within if author == "agent" and facts.promised_within is not None else None
        return cls(
            id, at, author, reading, facts.key, due,
            refused=facts.refuses, misunderstood=facts.misunderstands, asked=facts.asks,
            closing=facts.closes or facts.offers_more,
        )  # fmt: skip

    def __post_init__(self) -> None:
        if self.reading is not None and self.author != "customer":
            raise ValueError(f"Turn {self.id} is by {self.author}: only a customer's own words may carry a reading.")
        if not math.isfinite(self.at):
            raise ValueError(f"Turn {self.id} has no usable time ({self.at}); give seconds since 1970.")


def in_order(turns: Iterable[Turn]) -> list[Turn]:
    """Return turns by (at, id), one per id, at most the last 400: the same list whatever the order of arrival.

    Of several turns with one id the one with a reading wins (it was read later), then the earliest.
    """
    chosen: dict[str, Turn] = {}
    for turn in turns:
        other = chosen.get(turn.id)
        if other is None or _preference(turn) < _preference(other):
            chosen[turn.id] = turn
    return sorted(chosen.values(), key=lambda turn: (turn.at, turn.id))[-LONGEST:]


def _preference(turn: Turn) -> tuple[bool, float, float, float]:
    reading = turn.reading
    if reading is None:
        return True, turn.at, 0.0, 0.0
    return False, turn.at, -reading.confidence, reading.valence
