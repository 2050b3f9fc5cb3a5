"""The line beside a message: what it reads as, how surely, who says so; or why nothing is said."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from unspoken.affect.vocabulary import CX, MARKS
from unspoken.readings.models import StoredReading

SHOWN = 0.05  # categories below five per cent are left out of the list
LIKELY = 0.3  # marks are named from here on

REASONS: Mapping[str, str] = {
    "too_short": "too short to say anything about",
    "language": "not in a language that is read here",
    "quoted_only": "nothing but quoted text",
    "automatic": "an automatic reply",
    "not_customer": "not a customer's own words",
    "no_consent": "no permission to read it when it came",
    "no_text": "no words in it",
    "too_long": "too long to be read; the whole text is kept",
    "unsure": "the model was too unsure to say",
    "noise": "too noisy to hear a voice on its own",
    "music": "music sounds in it",
    "overlap": "two voices sounded at once",
    "speaker_not_separable": "both sides are on one channel",
}


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


def why_not(reason: str) -> str:
    """Return the reason of an abstention in words."""
    return REASONS.get(reason, reason.replace("_", " ") or "no reason was kept")
