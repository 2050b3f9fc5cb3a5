"""Speech to text: what every transcriber is asked and answers, whichever model is behind it."""

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from unspoken.affect.reading import Producer

RATE = 16_000  # samples a second
Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Word:
    """A word with its punctuation, from second `begin` to `end`; confidence: 0…1, the model's own."""

    text: str
    begin: float
    end: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Segment:
    """What is said without a pause, or in a sentence; confidence: 0…1, the mean of its words'."""

    begin: float
    end: float
    text: str
    words: tuple[Word, ...]
    confidence: float

    def later(self, seconds: float) -> "Segment":
        """Return the same so many seconds later."""
        words = tuple(replace(word, begin=word.begin + seconds, end=word.end + seconds) for word in self.words)
        return replace(self, begin=self.begin + seconds, end=self.end + seconds, words=words)


@dataclass(frozen=True, slots=True)
class Transcript:
    """What is said in a sound, seconds from its beginning. No segments: nobody speaks, or not to be understood.

    language: ISO 639-1, None where none was said and nothing was there to recognise it by; language_confidence: 0…1.
    """

    segments: tuple[Segment, ...]
    language: str | None
    language_confidence: float
    producer: Producer

    @property
    def text(self) -> str:
        """All that is said, in one line."""
        return " ".join(segment.text for segment in self.segments)

    def later(self, seconds: float) -> "Transcript":
        """Return the same so many seconds later."""
        return replace(self, segments=tuple(segment.later(seconds) for segment in self.segments))


class Transcriber(Protocol):
    """Writes down speech. The same sound gives the same transcript."""

    def transcribe(self, samples: Samples, *, language: str | None = None) -> Transcript:
        """Return what is said in sound (n,) at 16 kHz, −1…1; language: ISO 639-1, None to recognise it.

        Raises ModelUnavailable when there is no model to write it down with.
        """
