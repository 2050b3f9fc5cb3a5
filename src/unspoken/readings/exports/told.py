"""What is told of a conversation when it leaves: what was said, when, and what it was read as. No private notes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from unspoken.conversations.models import Author, Conversation, Message
from unspoken.people.models import Channel

from ..models import ToneReading
from ..queries import Effective, effective_readings, tones_of


@dataclass(frozen=True, slots=True)
class Said:
    """One message and what counts of its reading; begins, ends: seconds of the call, where it says them."""

    message: Message
    read: Effective | None = None
    begins: float | None = None
    ends: float | None = None

    @property
    def at(self) -> datetime | None:
        """When it was said; None where the source told no time and ours is made up."""
        return None if _is_made_up(self.message) else self.message.occurred_at


@dataclass(frozen=True, slots=True)
class Told:
    """A conversation, its messages in their order, and the tone of the customer's voice, window by window.

    began: when second 0 of a call was; None where no source told.
    """

    conversation: Conversation
    said: Sequence[Said]
    tones: Sequence[ToneReading] = ()
    began: datetime | None = None


def told_of(conversation: Conversation) -> Told:
    """Return what is told of a conversation, a person's corrections applied."""
    read = effective_readings(conversation)
    rows = Message.objects.filter(conversation=conversation, private=False).order_by("occurred_at", "id")
    said = [Said(row, read.get(row.id), *_place(row)) for row in rows]
    is_call = conversation.channel == Channel.CALL
    return Told(conversation, said, tones_of(conversation) if is_call else (), _began(conversation, said))


def _place(message: Message) -> tuple[float | None, float | None]:
    """Return from when to when (seconds of the call) something was spoken; a line that nobody spoke has one second."""
    begins, ends = message.metadata.get("begins"), message.metadata.get("ends")
    if _is_number(begins) and _is_number(ends) and 0 <= begins <= ends:
        return float(begins), float(ends)
    at = message.metadata.get("at")
    return (float(at), None) if message.author_kind == Author.SYSTEM and _is_number(at) and at >= 0 else (None, None)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_made_up(message: Message) -> bool:
    return bool(message.metadata.get("time"))


def _began(conversation: Conversation, said: Sequence[Said]) -> datetime | None:
    if any(_is_made_up(one.message) for one in said):
        return None
    placed = next((one for one in said if one.begins is not None), None)
    if placed is None or placed.begins is None:
        return conversation.opened_at
    return placed.message.occurred_at - timedelta(seconds=placed.begins)
