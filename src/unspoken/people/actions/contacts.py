"""Contacts: made, described, tagged, owned, noted on."""

from datetime import datetime
from typing import Any, TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction

from unspoken.kit.validation import check_row, check_text
from unspoken.staff.models import Member
from unspoken.staff.permissions import Permission, may, require

from ..models import Contact, Note, PreferenceChange, Tag
from ..search import refresh_search
from .changing import changed, hold
from .organisations import organisation_named


class ContactFields(TypedDict, total=False):
    """What can be said of a contact. `organisation` is a name (made when unknown, '' for none)."""

    name: str
    title: str
    organisation: str
    city: str
    country: str
    language: str
    attributes: dict[str, Any]
    preferences: dict[str, Any]


@transaction.atomic
def create_contact(
    *, now: datetime, owner: Member | None = None, by: Member | None = None, **fields: Unpack[ContactFields]
) -> Contact:
    """Make a contact; raises ValidationError (per field) for values that cannot be stored."""
    require(by, Permission.CHANGE_CONTACTS)
    if owner is not None:
        _require_owner(owner)
    contact = Contact(owner=owner, created_at=now)
    _set(contact, fields, now)
    contact.save(force_insert=True)
    _note_preferences(contact, {}, by=by, now=now)
    refresh_search([contact.pk])
    contact.refresh_from_db(fields=["search"])
    changed(contact, "created", by=by, now=now)
    return contact


@transaction.atomic
def update_contact(
    contact: Contact, *, now: datetime, by: Member | None = None, **fields: Unpack[ContactFields]
) -> None:
    """Change what is said of a contact; `attributes` and `preferences` replace the whole of what was there."""
    hold(contact, by=by)
    before = {name: getattr(contact, name) for name in fields}
    earlier_preferences = dict(contact.preferences)
    _set(contact, fields, now)
    different = [name for name in fields if getattr(contact, name) != before[name]]
    if not different:
        return
    contact.save(update_fields=different)
    _note_preferences(contact, earlier_preferences, by=by, now=now)
    if {"name", "organisation"} & set(different):
        refresh_search([contact.pk])
        contact.refresh_from_db(fields=["search"])
    told = {name if name in {"name", "preferences"} else "attributes" for name in different}
    for what in sorted(told):
        changed(contact, what, by=by, now=now)


@transaction.atomic
def set_owner(contact: Contact, *, owner: Member | None, now: datetime, by: Member | None = None) -> None:
    """Make `owner` look after a contact (None: nobody); an owner always sees their contacts."""
    hold(contact, by=by)
    if owner is not None:
        _require_owner(owner)
    if contact.owner_id != (owner.pk if owner else None):
        contact.owner = owner
        contact.save(update_fields=["owner"])
        changed(contact, "owner", by=by, now=now)


@transaction.atomic
def tag(contact: Contact, *, name: str, now: datetime, by: Member | None = None) -> None:
    """Put a tag (1…60 characters) on a contact; an unknown one is made."""
    hold(contact, by=by)
    wanted = Tag(name=name.strip())
    check_row(wanted)
    known, _ = Tag.objects.get_or_create(name=wanted.name)
    if not contact.tags.filter(pk=known.pk).exists():
        contact.tags.add(known)
        changed(contact, "tags", by=by, now=now)


@transaction.atomic
def untag(contact: Contact, *, name: str, now: datetime, by: Member | None = None) -> None:
    """Take a tag off a contact; one that is not there changes nothing."""
    check_text(name, field="name")
    hold(contact, by=by)
    known = contact.tags.filter(name=name.strip()).first()
    if known is not None:
        contact.tags.remove(known)
        changed(contact, "tags", by=by, now=now)


@transaction.atomic
def add_note(contact: Contact, *, text: str, by: Member, now: datetime) -> Note:
    """Write a note on a contact, for staff; raises ValidationError when it is empty."""
    hold(contact, by=by)
    note = Note(contact=contact, author=by, text=text.strip(), created_at=now)
    check_row(note)
    note.save(force_insert=True)
    changed(contact, "note", by=by, now=now)
    return note


def _set(contact: Contact, fields: ContactFields, now: datetime) -> None:
    for name, value in fields.items():
        if name == "organisation":
            contact.organisation = organisation_named(str(value), now=now)
        else:
            setattr(contact, name, value.strip() if isinstance(value, str) else value)
    check_row(contact)


def _note_preferences(contact: Contact, before: dict[str, Any], *, by: Member | None, now: datetime) -> None:
    after = contact.preferences
    PreferenceChange.objects.bulk_create(
        PreferenceChange(contact=contact, name=name[:60], value=after.get(name), by=by, at=now)
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    )


def _require_owner(owner: Member) -> None:
    if not may(owner, Permission.CHANGE_CONTACTS):
        raise ValidationError(
            f"{owner.name} may not look after contacts. Choose an active agent, lead or owner.", code="owner"
        )
