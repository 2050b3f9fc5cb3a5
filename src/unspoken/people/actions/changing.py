"""How every change of a contact begins and ends: its row is locked and in sight; what changed is recorded."""

from datetime import datetime

from django.core.exceptions import ValidationError

from unspoken.journal.actions import record
from unspoken.staff.models import Member
from unspoken.staff.permissions import NotAllowed, Permission, require

from ..events import ContactChanged
from ..models import Contact
from ..sight import contacts_in_sight


def hold(contact: Contact, *, by: Member | None, permission: Permission = Permission.CHANGE_CONTACTS) -> None:
    """Reload `contact` and lock its row until the transaction ends.

    Raises NotAllowed when `by` may not or does not see it, ValidationError while it is merged into another.
    """
    require(by, permission)
    rows = Contact.objects.select_for_update(of=("self",))
    try:
        contact.refresh_from_db(from_queryset=rows.filter(contacts_in_sight(by)) if by else rows)
    except Contact.DoesNotExist:
        raise NotAllowed("This contact does not exist or is not open to you. Nothing was changed.") from None
    if contact.merged_into is not None:
        raise ValidationError(
            f"{contact} was merged into {contact.merged_into}; change that contact, or undo the merge first. "
            "Nothing was changed.",
            code="merged",
        )


def changed(contact: Contact, what: str, *, by: Member | None, now: datetime) -> None:
    """Record `what` changed of a held contact."""
    record(ContactChanged(what=what, contact_id=contact.pk, actor=by.pk if by else ""), now=now)
