"""Canned replies: what is answered often, with places for names."""

from django.core.exceptions import ValidationError
from django.db import transaction

from unspoken.kit.validation import check_row
from unspoken.staff.models import Member
from unspoken.staff.permissions import Permission, require

from ..models import CannedReply
from ..placeholders import unknown_placeholders


@transaction.atomic
def save_canned_reply(
    canned: CannedReply | None = None, *, title: str, text: str, by: Member | None = None
) -> CannedReply:
    """Make a canned reply, or change one; raises ValidationError for a blank, a taken title, an unknown placeholder."""
    require(by, Permission.EDIT_CANNED_REPLIES)
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
    return canned


@transaction.atomic
def delete_canned_reply(canned: CannedReply, *, by: Member | None = None) -> None:
    """Delete a canned reply; what was sent with it stays."""
    require(by, Permission.EDIT_CANNED_REPLIES)
    canned.delete()
