"""Reading: what one signal expresses, or the reason why nothing is said about it. Immutable."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from unspoken.affect.vocabulary import CX, DISPLEASURE, POSITIVE, any_of


class Reason(StrEnum):
    """Why a signal was not read."""

    TOO_SHORT = "too_short"  # fewer than the model can say something about
    LANGUAGE = "language"  # not a language that the model reads
    QUOTED_ONLY = "quoted_only"  # nothing left after quoted history and signature
    AUTOMATIC = "automatic"  # auto-reply, delivery report, bounce
    NOT_CUSTOMER = "not_customer"  # staff, bot, system or private text
    NO_CONSENT = "no_consent"  # no permission valid when it would have been stored
    NO_TEXT = "no_text"  # attachment, sticker, code or digits only
    TOO_LONG = "too_long"  # over the size that is read; the text is kept
    UNSURE = "unsure"  # below the operating point of the model
    NOISE = "noise"  # a voice that does not stand out from what is around it
    MUSIC = "music"  # music sounds, alone or behind a voice
    OVERLAP = "overlap"  # two speak at once: both sides of a call, or two voices on one channel
    INTERRUPTED = "interrupted"  # seconds of a call that were not heard: the line was cut, or listening was paused
    NOT_SEPARABLE = "speaker_not_separable"  # both sides of a call on one channel: whose voice it is cannot be told


_WORDS: Mapping[str, str] = {
    Reason.TOO_SHORT: "too short to say anything about",
    Reason.LANGUAGE: "not in a language that is read here",
    Reason.QUOTED_ONLY: "nothing but quoted text",
    Reason.AUTOMATIC: "an automatic reply",
    Reason.NOT_CUSTOMER: "not a customer's own words",
    Reason.NO_CONSENT: "no permission to read it when it came",
    Reason.NO_TEXT: "no words in it",
    Reason.TOO_LONG: "too long to be read; the whole text is kept",
    Reason.UNSURE: "the model was too unsure to say",
    Reason.NOISE: "too noisy to hear a voice on its own",
    Reason.MUSIC: "music sounds in it",
    Reason.OVERLAP: "two voices sounded at once",
    Reason.INTERRUPTED: "the line was cut, or listening was paused",
    Reason.NOT_SEPARABLE: "both sides are on one channel",
}


def why_unread(reason: str) -> str:
    """Return why a signal was not read, in words that follow "not read:"."""
    return _WORDS.get(reason, reason.replace("_", " ") or "no reason was kept")


@dataclass(frozen=True, slots=True)
class Span:
    """Characters start…end (exclusive) of the text as stored, and how much they carried `label` (weight -1…1)."""

    start: int
    end: int
    label: str
    weight: float


@dataclass(frozen=True, slots=True)
class Producer:
    """Who made a reading: a model (name, version, sha256 of its weights) or a person ('human', version = member id)."""

    name: str
    version: str
    sha256: str = ""


@dataclass(frozen=True)
class Reading:
    """What one signal expresses. What follows from its numbers is worked out once: a conversation is looked at anew
    with every message.

    labels: 28 GoEmotions probabilities (0…1, calibrated); cx: 13 CX probabilities (0…1); valence -1…1; arousal 0…1;
    confidence 0…1; spans: the words that carried it, strongest first; embedding: unit vector, float32 (384,) or None;
    dominance 0…1 (1: in command of the matter) or None; service: probabilities (0…1, calibrated) of the marks and moves
    of `vocabulary.SERVICE`, empty where the producer does not tell them; intensity 0…1 of the strongest emotion, or
    None; tone_of_voice: chances (0…1) of `vocabulary.TONES`, of a voice only.
    """

    labels: Mapping[str, float]
    cx: Mapping[str, float]
    valence: float
    arousal: float
    confidence: float
    spans: tuple[Span, ...]
    producer: Producer
    embedding: NDArray[np.float32] | None = field(default=None, compare=False, repr=False)
    dominance: float | None = None
    service: Mapping[str, float] = field(default_factory=dict)
    intensity: float | None = None
    tone_of_voice: Mapping[str, float] = field(default_factory=dict)

    @property
    def top(self) -> str:
        """The CX category that is expressed most."""
        return max(self.cx, key=self.cx.__getitem__)

    @cached_property
    def displeasure(self) -> float:
        """The chance (0…1) of frustration, disappointment or anger."""
        return any_of(self.cx, DISPLEASURE)

    @cached_property
    def pleasure(self) -> float:
        """The chance (0…1) of anything positive."""
        return any_of(self.cx, POSITIVE)

    @cached_property
    def tone(self) -> float:
        """Valence less the chance of displeasure, -2…1: falls sooner than valence alone."""
        return self.valence - self.displeasure

    @cached_property
    def cx_row(self) -> NDArray[np.float64]:
        """The 13 CX probabilities (13,) in the order of the vocabulary; what the producer does not tell is 0."""
        return np.array([self.cx.get(name, 0.0) for name in CX])

    @cached_property
    def meaning(self) -> NDArray[np.float32] | None:
        """The embedding with the digits that are stored, so that live and replayed are the same."""
        return None if self.embedding is None else self.embedding.astype(np.float16).astype(np.float32)

    @cached_property
    def pleased(self) -> bool:
        """Whether a positive category is as likely as not: thanks and praise, which ask for nothing."""
        return any(self.cx.get(name, 0.0) >= 0.5 for name in POSITIVE)

    @property
    def satisfied(self) -> float:
        """The chance (0…1) of content with us; where the producer does not tell, of anything positive."""
        return self._mark("satisfied", POSITIVE)

    @property
    def dissatisfied(self) -> float:
        """The chance (0…1) of discontent with us; where the producer does not tell, of any displeasure."""
        return self._mark("dissatisfied", DISPLEASURE)

    @property
    def thanks(self) -> float:
        """The chance (0…1) that it thanks; where the producer does not tell, of gratitude."""
        return self._mark("thanks", ("gratitude",))

    def _mark(self, name: str, otherwise: tuple[str, ...]) -> float:
        marked = self.service.get(name)
        return any_of(self.cx, otherwise) if marked is None else marked


@dataclass(frozen=True, slots=True)
class Abstention:
    """Nothing is said about a signal, and why."""

    reason: Reason
    producer: Producer


Outcome = Reading | Abstention
