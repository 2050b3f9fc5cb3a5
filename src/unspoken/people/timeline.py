"""Everything between us and one contact, newest first: conversations, orders, returns, visits, preferences, notes."""

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model, QuerySet

from unspoken.kit.keyset import BadCursor, Page, decode, encode, ordered
from unspoken.staff.models import Member
from unspoken.staff.sight import in_sight

from .models import Contact


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing on a timeline. `kind` is its template's name: conversation, note, order, preference, return, visit."""

    kind: str
    at: datetime
    row: Model


@dataclass(frozen=True, slots=True)
class _Source:
    """Where one kind comes from: its rows for a contact, and the column that says when."""

    kind: str
    at: str
    rows: Callable[[Contact, Member], QuerySet[Any]]


# In alphabetical order of kind, which decides between things of the same moment.
_SOURCES = (
    _Source(
        "conversation", "last_message_at",
        lambda contact, member: contact.conversations.filter(in_sight(member)).select_related("inbox", "assignee"),
    ),
    _Source("note", "created_at", lambda contact, member: contact.notes.select_related("author")),
    _Source("order", "placed_at", lambda contact, member: contact.orders.all()),
    _Source("preference", "at", lambda contact, member: contact.preference_changes.select_related("by")),
    _Source("return", "requested_at", lambda contact, member: contact.returns.select_related("order")),
    _Source("visit", "at", lambda contact, member: contact.visits.all()),
)  # fmt: skip


def timeline(contact: Contact, member: Member, *, cursor: str | None = None, limit: int = 50) -> Page[Moment]:
    """Return a page of what `member` may see of a contact's history: one bounded query per kind, merged here.

    `contact` was found in sight; conversations out of the member's sight are left out. Raises BadCursor.
    """
    after = decode(cursor, length=3)
    if after is not None and not (isinstance(after[0], datetime) and after[1] in {source.kind for source in _SOURCES}):
        raise BadCursor("This cursor belongs to another list. Start again from the first page.")
    streams = [_stream(source, contact, member, after, limit + 1) for source in _SOURCES]
    # heapq.merge keeps the order of the streams between equals, which is the order of kinds.
    found = [moment for moment, _ in zip(_newest_first(streams), range(limit + 1), strict=False)]
    items = found[:limit]
    last = items[-1] if len(found) > limit else None
    return Page(items, encode([last.at, last.kind, last.row.pk]) if last else None)


def _newest_first(streams: list[Iterator[Moment]]) -> Iterator[Moment]:
    return heapq.merge(*streams, key=lambda moment: moment.at, reverse=True)


def _stream(source: _Source, contact: Contact, member: Member, after: list[Any] | None, count: int) -> Iterator[Moment]:
    rows, keys = source.rows(contact, member), (source.at, "pk")
    if after is None or after[1] == source.kind:
        rows = ordered(rows, keys=keys, after=after and [after[0], after[2]])
    else:
        comparison = "lte" if source.kind > after[1] else "lt"
        rows = ordered(rows.filter(**{f"{source.at}__{comparison}": after[0]}), keys=keys, after=None)
    return (Moment(source.kind, getattr(row, source.at), row) for row in rows[:count])
