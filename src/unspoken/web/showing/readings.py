"""The line beside a message: what it reads as, how surely, who says so; or why nothing is said."""

from dataclasses import dataclass
from typing import Any

from unspoken.affect.vocabulary import CX, MARKS
from unspoken.readings.models import StoredReading

SHOWN = 0.05  # categories below five per cent are left out of the list
LIKELY = 0.3  # marks are named from here on


@dataclass(frozen=True, slots=True)
class ReadingLine:
    """What is shown of one reading. word, share: the category and its probability 0…1; side: -1, 0 or 1.

    corrected: the category that a person chose instead, or empty; bars: categories with probabilities, most first;
    marks: likewise what it says of the matter and of us (`affect.vocabulary.MARKS`); none beside a person's word.
    """

    reading: StoredReading
    word: str
    share: float
    corrected: str
    bars: tuple[tuple[str, float], ...]
    marks: tuple[tuple[str, float], ...] = ()

    @property
    def effective(self) -> str:
        """The category that counts."""
        return self.corrected or self.word

    @property
    def side(self) -> str:
        """negative, even or positive: the side of the category that counts."""
        return {-1: "negative", 0: "even", 1: "positive"}[CX[self.effective].side]

    @property
    def spans(self) -> list[list[Any]]:
        """The words that carried it; none once a person has said that it reads as something else."""
        return [] if self.corrected and self.corrected != self.word else self.reading.spans


def reading_line(reading: StoredReading) -> ReadingLine:
    """Return what is shown of `reading` (its correction fetched along with it)."""
    correction = getattr(reading, "correction", None)
    ranked = sorted(reading.cx.items(), key=lambda item: (-item[1], item[0]))
    word, share = ranked[0] if ranked else ("neutral", 0.0)
    return ReadingLine(
        reading=reading,
        word=word,
        share=share,
        corrected=correction.cx if correction else "",
        bars=tuple((name, value) for name, value in ranked if value >= SHOWN),
        marks=() if correction else _marks(reading),
    )


def _marks(reading: StoredReading) -> tuple[tuple[str, float], ...]:
    told = [(name, (reading.service or {}).get(name, 0.0)) for name in MARKS]
    return tuple(sorted((one for one in told if one[1] >= LIKELY), key=lambda one: -one[1]))
