"""What is recorded of readings."""

from dataclasses import dataclass, replace
from typing import ClassVar

from unspoken.journal.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRead(Event):
    """A message that was stored unread has been dealt with: read, or abstained from with `reason`.

    (When message and reading are committed together, `message.received` says so and this is not recorded.)
    """

    kind: ClassVar[str] = "message.read"
    message_id: str
    reading_id: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToneRead(Event):
    """The tone of the customer's voice was read in a call: so many windows more, so many of them abstained from."""

    kind: ClassVar[str] = "tone.read"
    windows: int
    abstained: int

    def __add__(self, later: "ToneRead") -> "ToneRead":
        """Return both as one."""
        return replace(later, windows=self.windows + later.windows, abstained=self.abstained + later.abstained)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationExported(Event):
    """A member took a conversation away as a file, with what was read of it; `what`: in which format."""

    kind: ClassVar[str] = "conversation.exported"
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingCorrected(Event):
    """A member said that a reading is wrong, and what it reads as instead."""

    kind: ClassVar[str] = "reading.corrected"
    reading_id: str
    message_id: str
    cx: str
