"""Private notes: what colleagues tell each other beside a conversation. Never read, never sent."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from unspoken.kit.validation import check_row
from unspoken.staff.models import Member
from unspoken.staff.permissions import Permission

from ..models import Author, Conversation, Kind, Message, ReadingState
from .changing import hold, save

SOURCE = "unspoken"
"""The source of messages that are written here."""


@transaction.atomic
def add_private_note(conversation: Conversation, *, text: str, by: Member, now: datetime) -> Message:
    """Add a note that only staff see; raises ValidationError when it is empty."""
    text = text.strip()
    if not text:
        raise ValidationError("The note is empty, so nothing was added.", code="empty")
    hold(conversation, by=by, permission=Permission.CHANGE_CONVERSATIONS)
    note = Message(
        conversation=conversation, source=SOURCE, author_kind=Author.AGENT, author_name=by.name, member=by,
        private=True, kind=Kind.NOTE, text=text, occurred_at=now, received_at=now, reading_state=ReadingState.SKIPPED,
    )  # fmt: skip
    note.external_id = note.pk
    check_row(note)
    note.save(force_insert=True)
    conversation.message_count += 1
    save(conversation, "note", fields=["message_count"], by=by, now=now)
    return note
