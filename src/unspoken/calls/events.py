"""What is recorded of calls."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from unspoken.journal.events import Event

if TYPE_CHECKING:
    from .models import Call


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBegan(Event):
    """A line was opened; again: it came back after it had been lost."""

    kind: ClassVar[str] = "call.began"
    again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEnded(Event):
    """A call is over after so many seconds."""

    kind: ClassVar[str] = "call.ended"
    seconds: float


def ended(call: "Call") -> CallEnded:
    """Return that a call is over, as long as it was heard."""
    conversation = call.conversation
    return CallEnded(
        conversation_id=conversation.id, contact_id=conversation.contact_id or "",
        team_id=conversation.team_id or "", seconds=round(call.heard_until, 1),
    )  # fmt: skip
