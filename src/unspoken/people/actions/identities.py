"""Identities: by which handles a contact is known, on every channel."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from unspoken.kit.validation import check_row
from unspoken.staff.models import Member

from ..handles import normalise
from ..models import Contact, Identity, IdentityKind
from ..search import refresh_search
from .changing import changed, hold


@transaction.atomic
def add_identity(
    contact: Contact, *, kind: IdentityKind, handle: str, now: datetime, by: Member | None = None
) -> Identity:
    """Make a contact known by one more handle; return the identity, also when it was there already.

    Raises ValidationError for a handle that names nobody, or that belongs to another contact (merge them instead).
    """
    hold(contact, by=by)
    kind = IdentityKind(kind)
    normal = normalise(kind, handle)
    if not normal:
        raise ValidationError({"handle": [f"{handle!r} is no {kind.label.lower()} handle. Nothing was changed."]})
    known = Identity.objects.filter(kind=kind, handle=normal).first()
    if known is not None:
        if known.contact_id == contact.pk:
            return known
        raise ValidationError(
            {"handle": [f"{normal} belongs to another contact. Merge the two if they are one person."]}, code="taken"
        )
    identity = Identity(contact=contact, kind=kind, handle=normal, created_at=now)
    check_row(identity)
    identity.save(force_insert=True)
    _finish(contact, by, now)
    return identity


@transaction.atomic
def remove_identity(identity: Identity, *, now: datetime, by: Member | None = None) -> None:
    """Forget a handle; messages that came by it stay."""
    contact = identity.contact
    hold(contact, by=by)
    deleted, _ = Identity.objects.filter(pk=identity.pk).delete()
    if deleted:
        _finish(contact, by, now)


def _finish(contact: Contact, by: Member | None, now: datetime) -> None:
    refresh_search([contact.pk])
    contact.refresh_from_db(fields=["search"])
    changed(contact, "identities", by=by, now=now)
