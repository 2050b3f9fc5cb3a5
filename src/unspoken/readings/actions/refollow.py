"""Following conversations anew, when something other than a customer's message moved them."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from unspoken.conversations.events import ConversationChanged
from unspoken.conversations.models import Conversation
from unspoken.journal.actions import record_all

from .move import move


@transaction.atomic
def refollow(conversation_ids: Collection[str], *, now: datetime) -> None:
    """Compute trajectory, attention and waiting time of conversations anew from their messages and readings."""
    held = Conversation.objects.select_for_update(no_key=True).filter(id__in=conversation_ids).order_by("id")
    conversations = list(held)
    for conversation in conversations:
        conversation.version += 1
    move(conversations, made=(), messages=(), now=now)
    record_all(
        [
            ConversationChanged(
                conversation_id=one.id, contact_id=one.contact_id or "", team_id=one.team_id or "", what="attention"
            )
            for one in conversations
        ],
        now=now,
    )  # fmt: skip
