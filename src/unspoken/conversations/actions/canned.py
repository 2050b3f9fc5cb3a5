"""Canned replies: what is answered often, with places for names."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from unspoken.journal.actions import record
from unspoken.kit.validation import check_row
from unspoken.staff.models import Member
from unspoken.staff.permissions import Permission, require

from ..events import CannedReplyChanged
from ..models import CannedReply
from ..placeholders import unknown_placeholders


@transaction.atomic
def save_canned_reply(
    canned: CannedReply | None = None, *, title: str, text: str, now: datetime, by: Member | None = None
) -> CannedReply:
    """Make a canned reply, or change one; raises ValidationError for a blank, a taken title, an unknown placeholder."""
    require(by, Permission.EDIT_CANNED_REPLIES)
    what = "changed" if canned else "created"
    canned = canned or CannedReply()
    title, text = title.strip(), text.strip()
    if not title or not text:
        raise ValidationError("A canned reply needs a title and a text. Nothing was changed.", code="blank")
    check_row(CannedReply(title=title, text=text))
    if CannedReply.objects.filter(title=title).exclude(pk=canned.pk).exists():
        raise ValidationError(f"There is a canned reply {title!r} already. Nothing was changed.", code="taken")
    if unknown := unknown_placeholders(text):
        raise ValidationError(
            f"{{{unknown[0]}}} is no placeholder. Use {{contact_name}} or {{agent_name}}.", code="placeholder"
        )
    canned.title, canned.text = title, text
    canned.save()
    _record(canned.pk, what, by, now)
    return canned


@transaction.atomic
def delete_canned_reply(canned: CannedReply, *, now: datetime, by: Member | None = None) -> None:
    """Delete a canned reply; what was sent with it stays."""
    require(by, Permission.EDIT_CANNED_REPLIES)
    gone = canned.pk
    canned.delete()
    _record(gone, "deleted", by, now)


def _record(canned_reply_id: str, what: str, by: Member | None, now: datetime) -> None:
    record(CannedReplyChanged(canned_reply_id=canned_reply_id, what=what, actor=by.pk if by else ""), now=now)
