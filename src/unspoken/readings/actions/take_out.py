"""A conversation leaves as a file, with what was read of it; the journal says who took it."""

from datetime import datetime

from django.db import transaction

from unspoken.conversations.models import Conversation
from unspoken.journal.actions import record
from unspoken.staff.models import Member

from ..events import ConversationExported
from ..exports.files import File, Format, file_of


@transaction.atomic
def take_out(conversation: Conversation, form: Format, *, address: str, by: Member, now: datetime) -> File:
    """Return a conversation as a file of `form`, and note who took it; address: URI of its page. Raises NotACall."""
    file = file_of(conversation, form, address=address)
    record(
        ConversationExported(
            conversation_id=conversation.pk, contact_id=conversation.contact_id or "",
            team_id=conversation.team_id or "", actor=by.pk, what=form.value,
        ),
        now=now,
    )  # fmt: skip
    return file
