"""Reads of contacts. Everything begins with `visible_contacts`: whom a member may not see is not there."""

from typing import Any, Literal

from django.db.models import BooleanField, Case, F, Q, QuerySet, Value, When

from unspoken.kit.keyset import Page, newest_first
from unspoken.staff.models import Member

from .models import LATEST, Contact, Merge, Organisation, Tag
from .search import words_of
from .sight import contacts_in_sight
from .timeline import Moment, timeline

__all__ = [
    "Moment",
    "contact_for",
    "contacts_page",
    "find_contacts",
    "merges_of",
    "organisations",
    "surviving",
    "tags",
    "timeline",
    "visible_contacts",
]


def visible_contacts(member: Member) -> QuerySet[Contact]:
    """Return the contacts that `member` may see (the rule is `people.sight`), without those merged into others."""
    return Contact.objects.filter(contacts_in_sight(member), merged_into=None)


def contact_for(member: Member, contact_id: str) -> Contact:
    """Return one contact with what its page shows; for a merged one, the contact that it went into.

    Raises DoesNotExist out of sight. Identities, tags and merges come in one query each.
    """
    rows = visible_contacts(member).select_related("organisation", "owner").prefetch_related("identities", "tags")
    return rows.get(pk=surviving(contact_id))


def surviving(contact_id: str) -> str:
    """Return the id at the end of a contact's merges: itself when it is not merged."""
    into = Contact.objects.filter(pk=contact_id).values_list("merged_into", flat=True).first()
    return surviving(into) if into else contact_id


def find_contacts(member: Member, text: str, *, limit: int = 10) -> list[Contact]:
    """Find by the beginning, then by any part, of names, addresses, numbers, handles, orders and organisations.

    Every word typed must be found. Those whose words all begin so come first, then those seen last; without words,
    those heard of last.
    """
    rows = visible_contacts(member).select_related("organisation")
    words = words_of(text)
    if not words:
        return list(rows.annotate(latest=LATEST).order_by("-latest", "-pk")[:limit])
    begun = Q(*(Q(search__contains=f" {word}") for word in words))
    found = rows.filter(*(Q(search__contains=word) for word in words)).annotate(
        begins=Case(When(begun, then=Value(True)), default=Value(False), output_field=BooleanField())
    )
    return list(found.order_by("-begins", F("last_seen_at").desc(nulls_last=True), "name", "pk")[:limit])


def contacts_page(
    member: Member,
    *,
    tag: str | None = None,
    owner: str | None = None,
    organisation: str | None = None,
    by: Literal["added", "heard_of"] = "added",
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Contact]:
    """Return contacts, all or those with a tag (its name), an owner or organisation (ids).

    by: `added`, newest record first, an order that does not change; or `heard_of`, those seen or added last first.
    """
    wanted: dict[str, Any] = {"tags__name": tag, "owner": owner, "organisation": organisation}
    rows = visible_contacts(member).filter(**{name: value for name, value in wanted.items() if value is not None})
    rows = rows.select_related("organisation", "owner").prefetch_related("identities", "tags")
    if by == "heard_of":
        return newest_first(rows.annotate(latest=LATEST), keys=("latest", "pk"), cursor=cursor, limit=limit)
    return newest_first(rows, keys=("pk",), cursor=cursor, limit=limit)


def merges_of(contact: Contact) -> QuerySet[Merge]:
    """Return the merges into a contact that can be undone, newest first."""
    return contact.merges.filter(undone_at=None).select_related("absorbed", "by").order_by("-at", "-pk")


def organisations() -> QuerySet[Organisation]:
    """Return all organisations, by name."""
    return Organisation.objects.order_by("name")


def tags() -> QuerySet[Tag]:
    """Return all tags, by name."""
    return Tag.objects.order_by("name")
