"""How every change of a conversation begins and ends: its row is locked and in sight; then it is saved and recorded."""

from collections.abc import Iterable
from datetime import datetime

from unspoken.journal.actions import record
from unspoken.staff.models import Member
from unspoken.staff.permissions import NotAllowed, Permission, require
from unspoken.staff.sight import in_sight

from ..events import ConversationChanged
from ..models import Conversation


def hold(conversation: Conversation, *, by: Member | None, permission: Permission) -> None:
    """Reload `conversation` and lock its row until the transaction ends; raises NotAllowed when `by` may not or
    does not see it. Without `by` the installation itself acts, which sees everything."""
    require(by, permission)
    rows = Conversation.objects.select_for_update(of=("self",))
    try:
        conversation.refresh_from_db(from_queryset=rows.filter(in_sight(by)) if by else rows)
    except Conversation.DoesNotExist:
        raise NotAllowed("This conversation does not exist or is not open to you. Nothing was changed.") from None


def save(conversation: Conversation, what: str, *, fields: Iterable[str], by: Member | None, now: datetime) -> None:
    """Write `fields` of a held conversation and record `what` changed."""
    conversation.version += 1
    conversation.save(update_fields=[*fields, "version"])
    record(
        ConversationChanged(
            what=what, conversation_id=conversation.pk, contact_id=conversation.contact_id or "",
            team_id=conversation.team_id or "", actor=by.pk if by else "",
        ),
        now=now,
    )  # fmt: skip
