"""Inboxes and conversations for tests: made directly, as intake would have left them."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from unspoken.conversations.models import Author, Conversation, Inbox, Kind, Message, ReadingState
from unspoken.people.models import Channel, Contact
from unspoken.staff.models import Team
from unspoken.staff.tests.cast import MORNING

_numbers = count(1)


def inbox(name: str = "Shop chat", *, channel: Channel = Channel.CHAT, team: Team | None = None) -> Inbox:
    """Make an inbox, or find it by its name."""
    made, _ = Inbox.objects.get_or_create(
        name=name, defaults={"channel": channel, "team": team, "created_at": MORNING}
    )  # fmt: skip
    return made


def conversation(
    *, team: Team | None = None, contact: Contact | None = None, channel: Channel = Channel.CHAT, **fields: Any
) -> Conversation:
    """Make an open conversation without messages."""
    number = next(_numbers)
    at = fields.pop("at", MORNING)
    defaults = {
        "inbox": inbox(f"{channel.label} inbox", channel=channel), "channel": channel, "team": team, "contact": contact,
        "source": "test", "external_id": f"c{number}", "opened_at": at, "last_message_at": at,
    }  # fmt: skip
    return Conversation.objects.create(**(defaults | fields))


def customer_says(conversation: Conversation, text: str, *, at: datetime) -> Message:
    """Store a customer's message as intake does."""
    message = Message.objects.create(
        conversation=conversation, source="test", external_id=f"m{next(_numbers)}", author_kind=Author.CUSTOMER,
        kind=Kind.CHAT, text=text, occurred_at=at, received_at=at, reading_state=ReadingState.PENDING,
    )  # fmt: skip
    conversation.message_count += 1
    conversation.waiting_since = conversation.waiting_since or at
    conversation.last_message_at = at
    conversation.save(update_fields=["message_count", "waiting_since", "last_message_at"])
    return message


def minutes(number: float) -> timedelta:
    """Return a span of time."""
    return timedelta(minutes=number)
