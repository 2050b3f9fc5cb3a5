"""Organisations: where contacts work."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from unspoken.journal.actions import record
from unspoken.kit.validation import check_row
from unspoken.staff.models import Member
from unspoken.staff.permissions import Permission, require

from ..events import OrganisationChanged
from ..models import Organisation
from ..search import refresh_search


def organisation_named(name: str, *, now: datetime) -> Organisation | None:
    """Return the organisation of this name, made when unknown; None for ''. Runs in the caller's transaction."""
    name = name.strip()
    if not name:
        return None
    known = Organisation.objects.filter(name=name).first()
    return known or create_organisation(name, now=now)


@transaction.atomic
def create_organisation(name: str, *, now: datetime, domain: str = "", by: Member | None = None) -> Organisation:
    """Make an organisation; raises ValidationError when the name is blank, taken or too long."""
    require(by, Permission.CHANGE_CONTACTS)
    organisation = Organisation(created_at=now)
    _describe(organisation, name, domain)
    organisation.save(force_insert=True)
    _record(organisation, "created", by, now)
    return organisation


@transaction.atomic
def update_organisation(
    organisation: Organisation, *, name: str, domain: str, now: datetime, by: Member | None = None
) -> None:
    """Change an organisation's name and domain; its people are found by the new name at once."""
    require(by, Permission.CHANGE_CONTACTS)
    _describe(organisation, name, domain)
    organisation.save()
    refresh_search(list(organisation.contacts.values_list("pk", flat=True)))
    _record(organisation, "name", by, now)


def _describe(organisation: Organisation, name: str, domain: str) -> None:
    organisation.name, organisation.domain = name.strip(), domain.strip().lower()
    check_row(organisation)
    if Organisation.objects.filter(name=organisation.name).exclude(pk=organisation.pk).exists():
        raise ValidationError(
            f"There is an organisation {organisation.name} already. Nothing was changed.", code="taken"
        )


def _record(organisation: Organisation, what: str, by: Member | None, now: datetime) -> None:
    record(OrganisationChanged(organisation_id=organisation.pk, what=what, actor=by.pk if by else ""), now=now)
