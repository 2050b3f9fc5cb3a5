"""From handles to contacts, many at once: known people are found, unknown ones get a record."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from unspoken.journal.actions import record_all
from unspoken.kit.prepared import Given, Prepared
from unspoken.people.events import ContactChanged
from unspoken.people.models import Contact, Identity, IdentityKind
from unspoken.people.search import refresh_search, search_line

Key = tuple[str, str]
"""An identity's kind and its handle, normalised by `people.handles.normalise`."""


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody as a source knows them: normalised handles in order of trust, and a name."""

    handles: tuple[Key, ...]
    name: str = ""


def find_contacts(handles: Iterable[Key]) -> dict[Key, str]:
    """Return the contact id of each handle that is known, following merges."""
    wanted = set(handles)
    if not wanted:
        return {}
    rows = _IDENTITIES(kinds={kind for kind, _ in wanted}, handles={handle for _, handle in wanted})
    found: dict[Key, str] = {}
    merged = False
    for kind, handle, contact, absorbing in rows:
        if (kind, handle) in wanted:
            found[kind, handle] = absorbing or contact
            merged = merged or absorbing is not None
    return _at_the_end_of_merges(found) if merged else found


_IDENTITIES = Prepared(
    lambda: Identity.objects.filter(kind__among=Given("kinds"), handle__among=Given("handles")).values_list(
        "kind", "handle", "contact_id", "contact__merged_into_id"
    )
)


def _at_the_end_of_merges(found: dict[Key, str]) -> dict[Key, str]:
    moved = dict(
        Contact.objects.filter(id__in=set(found.values()), merged_into__isnull=False).values_list(
            "id", "merged_into_id"
        )
    )
    if not moved:
        return found
    return _at_the_end_of_merges({key: moved.get(contact, contact) for key, contact in found.items()})


def contact_of(person: Known, found: Mapping[Key, str]) -> str | None:
    """Return the contact that the most trusted known handle of `person` names, if any."""
    return next((found[handle] for handle in person.handles if handle in found), None)


@transaction.atomic
def resolve_contacts(people: Sequence[Known], *, now: datetime) -> list[str | None]:
    """Return a contact id for each person, in order, making contacts and identities that are missing.

    None for a person without any handle.
    """
    resolved, events = find_or_make_contacts(people, now=now)
    record_all(events, now=now)
    return resolved


def find_or_make_contacts(people: Sequence[Known], *, now: datetime) -> tuple[list[str | None], list[ContactChanged]]:
    """Do the work of `resolve_contacts` inside the caller's transaction; the caller records the events, last of all.

    Handles that are new are added to the contact found by the others; a handle that belongs to somebody else stays
    there (merging is a person's decision).
    """
    found = find_contacts(handle for person in people for handle in person.handles)
    contacts: list[Contact] = []
    identities: list[Identity] = []
    resolved: list[str | None] = []
    for person in people:
        contact_id = contact_of(person, found)
        if contact_id is None and person.handles:
            contact = Contact(name=person.name[:200], created_at=now)
            contact.search = search_line([contact.name, *map(_searched, person.handles)])
            contacts.append(contact)
            contact_id = contact.id
        resolved.append(contact_id)
        for key in person.handles if contact_id else ():
            if contact_id and key not in found:
                found[key] = contact_id
                identities.append(Identity(contact_id=contact_id, kind=key[0], handle=key[1], created_at=now))
    Contact.objects.bulk_create(contacts)
    Identity.objects.bulk_create(identities)
    made = {contact.id for contact in contacts}
    grown = {identity.contact_id for identity in identities} - made
    if grown:
        refresh_search(grown)
    events = [ContactChanged(contact_id=contact.id, what="created") for contact in contacts]
    return resolved, events + [ContactChanged(contact_id=contact_id, what="identities") for contact_id in sorted(grown)]


def _searched(key: Key) -> str:
    kind, handle = key
    return handle.partition(":")[2] if kind == IdentityKind.EXTERNAL else handle
