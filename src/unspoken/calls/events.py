"""What is recorded of calls."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from unspoken.conversations.events import ConversationChanged
from unspoken.conversations.models import Conversation
from unspoken.journal.events import Event
from unspoken.staff.models import Member

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


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingKept(Event):
    """The recording of a call is kept, until (ISO 8601)."""

    kind: ClassVar[str] = "recording.kept"
    recording_id: str
    until: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingHeard(Event):
    """Somebody (`actor`) listened to the kept recording of a call."""

    kind: ClassVar[str] = "recording.heard"
    recording_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingDeleted(Event):
    """A kept recording was deleted; what: permission (it ended), retention, replaced, missing (its file), wanted,
    erased."""

    kind: ClassVar[str] = "recording.deleted"
    recording_id: str
    what: str


def ended(call: "Call") -> CallEnded:
    """Return that a call is over, as long as it was heard."""
    return CallEnded(seconds=round(call.heard_until, 1), **routing(call.conversation))


def changed(conversation: Conversation, *, by: Member | None = None) -> ConversationChanged:
    """Return that something of the recordings of a call changed, for open pages to hear of."""
    return ConversationChanged(what="recording", **routing(conversation, by=by))


def routing(conversation: Conversation, *, by: Member | None = None) -> dict[str, str]:
    """Return whom an entry about a call concerns."""
    return {
        "conversation_id": conversation.pk, "contact_id": conversation.contact_id or "",
        "team_id": conversation.team_id or "", "actor": by.pk if by else "",
    }  # fmt: skip
