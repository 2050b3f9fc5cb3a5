"""A contact as a file tells it, and how one is found or made in the record."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, cast

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from unspoken.intake.inbound import Handle
from unspoken.people.actions import add_identity, create_contact, tag, update_contact
from unspoken.people.actions.contacts import ContactFields
from unspoken.people.actions.resolve import Key, find_contacts
from unspoken.people.handles import normalise
from unspoken.people.models import Contact
from unspoken.staff.models import Member

from .pieces import Refused

Fate = Literal["made", "filled", "unchanged"]
_SAID = ("name", "title", "city", "country", "language")
_MOST_ATTRIBUTES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What a file says of one contact; handles in order of trust, `country` of two letters."""

    name: str = ""
    title: str = ""
    organisation: str = ""
    city: str = ""
    country: str = ""
    language: str = ""
    handles: tuple[Handle, ...] = ()
    tags: tuple[str, ...] = ()
    attributes: Mapping[str, Any] = field(default_factory=dict)


def keys_of(card: Card) -> list[Key]:
    """Return a card's handles, normalised; raises Refused when one of them names nobody, or there is none."""
    keys: dict[Key, None] = {}
    for handle in card.handles:
        normal = normalise(handle.kind, handle.value)
        if not normal:
            raise Refused(str(handle.kind), f"{handle.value[:80]!r} is no {handle.kind.label.lower()} handle.")
        keys[str(handle.kind), normal] = None
    if not keys:
        raise Refused("line", "holds no e-mail address, phone number or other handle to know the contact by.")
    return list(keys)


def bring_in(card: Card, *, now: datetime, by: Member | None = None) -> tuple[Fate, str]:
    """Make a contact of a card, or complete the one who has its handles; what is on record stays. Returns its id.

    Nothing of a card is kept when any of it cannot be stored. Raises Refused.
    """
    keys = keys_of(card)
    if len(card.attributes) > _MOST_ATTRIBUTES:
        raise Refused("attributes", f"are {len(card.attributes)}; {_MOST_ATTRIBUTES} are allowed.")
    return _retold(lambda: _bring_in(card, keys, now, by))


@transaction.atomic
def _bring_in(card: Card, keys: list[Key], now: datetime, by: Member | None) -> tuple[Fate, str]:
    known = find_contacts(keys)
    first = next((known[key] for key in keys if key in known), None)
    fate: Fate = "made"
    if first is None:
        told: dict[str, Any] = {name: value for name in (*_SAID, "organisation") if (value := getattr(card, name))}
        told["attributes"] = dict(card.attributes)
        contact = create_contact(now=now, by=by, **cast(ContactFields, told))
    else:
        contact = Contact.objects.select_related("organisation").get(pk=first)
        fate = "filled" if _complete(contact, card, now, by) else "unchanged"
    for kind, handle in keys:
        if (kind, handle) not in known:  # one that belongs to somebody else stays there
            add_identity(contact, kind=kind, handle=handle, now=now, by=by)  # type: ignore[arg-type]
            fate = "made" if fate == "made" else "filled"
    for name in set(card.tags) - set(contact.tags.values_list("name", flat=True)):
        tag(contact, name=name, now=now, by=by)
        fate = "made" if fate == "made" else "filled"
    return fate, contact.pk


def _complete(contact: Contact, card: Card, now: datetime, by: Member | None) -> bool:
    """Fill in what is not on record; tell whether there was anything."""
    told: dict[str, Any] = {
        name: value for name in _SAID if (value := getattr(card, name)) and not getattr(contact, name)
    }
    if card.organisation and contact.organisation is None:
        told["organisation"] = card.organisation
    attributes = {**card.attributes, **contact.attributes}
    if attributes != contact.attributes:
        told["attributes"] = attributes
    if told:
        update_contact(contact, now=now, by=by, **cast(ContactFields, told))
    return bool(told)


def _retold(work: Callable[[], tuple[Fate, str]]) -> tuple[Fate, str]:
    """Do `work`; once more when another process stored the same handle just then."""
    try:
        try:
            return work()
        except IntegrityError:
            return work()
    except ValidationError as error:
        told = error.message_dict if hasattr(error, "error_dict") else {"line": error.messages}
        field_name, messages = next(iter(told.items()))
        raise Refused(field_name, " ".join(messages)) from error
