"""The words of one line: what its customer says is cut into utterances and handed to the scribe, as they permit."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from unspoken.conversations.models import Author
from unspoken.kit.ids import new_id
from unspoken.readings.ear import orders
from unspoken.readings.words import said_in, utterances

from .happenings import Began, Track
from .models import Call
from .scribe import Scribe, Spoken
from .timeline import at

if TYPE_CHECKING:
    from unspoken.readings.ear import Answer, Orders
    from unspoken.readings.words import Utterance

BEGUN = "What the customer says is written down by a machine from here on, as they permit"
STOPPED = "What the customer says is no longer written down: they withdrew their permission"
UNAVAILABLE = "What the customer says is not written down from here on"
MOST_LOSSES = 5  # times in a row that listening may break down
Say = Callable[[float, str, str], None]


class Words:
    """Has an ear of its own, which notes only who speaks; so that words and tone are permitted apart."""

    def __init__(self, began: Began, *, call: Call, scribe: Scribe, say: Say) -> None:
        """say: is told the second, a key and the words of what belongs into the timeline."""
        self._began, self._call, self._scribe, self._say = began, call, scribe, say
        self._ear = new_id("ear")
        self._consent: int | None = None
        self._opening: dict[str, Any] | None = None
        self._dismissed = self._is_closed = False
        self._losses = 0
        self._utterances = utterances()

    @property
    def ear(self) -> str:
        """The name of its ear."""
        return self._ear

    @property
    def are_written(self) -> bool:
        """Whether they are written down at this moment."""
        return self._consent is not None

    def agree(self, consent: int | None, *, second: float) -> None:
        """Begin, go on with or stop writing down, as the customer permits at this moment of the call."""
        if self._is_closed or consent == self._consent:
            return
        before, self._consent = self._consent, consent
        self._utterances = utterances()  # what was heard under another decision and is not written yet is dropped
        if consent is None:
            self._dismissed = True
            self._say(second, "words-stopped", STOPPED)
        else:
            self._opening = self._opened(second)
            if before is None:
                self._say(second, "words", BEGUN)

    def _opened(self, second: float) -> dict[str, Any]:
        return {
            "tone": False, "words": True, "begins": second, "coding": self._began.encoding.value,
            "rate": self._began.rate,
        }  # fmt: skip

    def orders(self, steps: list[tuple[str, tuple[Any, ...]]], *, ended: bool) -> "Orders | None":
        """Return what its ear has to do; None: nothing."""
        ear = orders(self._ear)
        ear.opening, self._opening = self._opening, None
        ear.steps = list(steps) if self._consent is not None else []
        ear.closing, self._dismissed = (ended and self._consent is not None) or self._dismissed, False
        return ear if ear.opening or ear.steps or ear.closing else None

    def hear(self, answer: "Answer", *, second: float, ended: bool) -> None:
        """Hand on the utterances that an answer of the ear completes."""
        if self._consent is None:
            return
        if answer.why or self._losses >= MOST_LOSSES:
            self._is_closed, self._consent, self._dismissed = True, None, True
            why = answer.why or "listening broke down several times"
            self._say(second, "words-unavailable", f"{UNAVAILABLE} ({why.rstrip('.')})")
        elif answer.lost:
            self._losses, self._opening = self._losses + 1, self._opened(second)
        else:
            self._losses = 0
            self._hand_on(said_in(answer.portion, self._utterances))
            if ended:
                self._hand_on(self._utterances.finish())

    def _hand_on(self, said: "Iterable[Utterance]") -> None:
        consent = self._consent
        for utterance in said:
            self._scribe.add(
                Spoken(
                    self._call, utterance, self._author, self._began.language,
                    is_permitted=lambda: self._consent == consent, lost=self._lost,
                )
            )  # fmt: skip

    @property
    def _author(self) -> Author:
        """Of a mixed line nobody can tell who speaks: it is written down, and never read."""
        return Author.CUSTOMER if Track.CUSTOMER in self._began.tracks else Author.SYSTEM

    def _lost(self, second: float, why: str) -> None:
        self._say(second, "unwritten", f"What was said at {at(second)} could not be written down ({why})")
