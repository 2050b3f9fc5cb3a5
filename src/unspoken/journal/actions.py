"""Writing the journal: entries and their deliveries, in the caller's transaction."""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime

from django.db import connection, transaction

from unspoken.kit.prepared import Prepared
from unspoken.kit.rows import insert_rows

from .events import Event
from .models import Delivery, Entry
from .notifier import notifier
from .subscribers import subscribers_of

_CHAIN_LOCK = 0x756E7370  # one writer at a time on PostgreSQL, so that order of ids is order of commits


def digest(entry: Entry) -> str:
    """Return the SHA-256 (hex) that chains `entry` to the one before it."""
    content = [
        entry.previous, entry.at.astimezone(UTC).isoformat(), entry.kind, entry.contact_id, entry.conversation_id,
        entry.team_id, entry.actor, entry.data,
    ]  # fmt: skip
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def record(event: Event, *, now: datetime) -> Entry:
    """Write one event and return its entry; see `record_all`."""
    [entry] = _chained([event], now)
    entry.save(force_insert=True)
    _deliver([entry], now)
    return entry


def record_all(events: Sequence[Event], *, now: datetime) -> None:
    """Write `events` in order with one delivery per subscriber; must run inside the caller's transaction."""
    entries = _chained(events, now)
    if any(map(subscribers_of, {entry.kind for entry in entries})):
        Entry.objects.bulk_create(entries)
        _deliver(entries, now)
    elif entries:
        insert_rows(entries)  # cheaper, without ids, which only deliveries need
        transaction.on_commit(notifier.wake)


def _chained(events: Sequence[Event], now: datetime) -> list[Entry]:
    """Return the unsaved entries of `events`, each chained to the one before it."""
    if not events:
        return []
    if not connection.in_atomic_block:
        raise RuntimeError("Events must be recorded inside the transaction of what they record.")
    previous = _head()
    entries = []
    for event in events:
        entry = Entry(
            at=now, kind=event.kind, contact_id=event.contact_id, conversation_id=event.conversation_id,
            team_id=event.team_id, actor=event.actor, data=event.data(), previous=previous,
        )  # fmt: skip
        entry.sha256 = previous = digest(entry)
        entries.append(entry)
    return entries


def _deliver(entries: Sequence[Entry], now: datetime) -> None:
    """Write one delivery of each saved entry per subscriber, and wake those who wait for the journal."""
    Delivery.objects.bulk_create(
        Delivery(entry=entry, subscriber=subscriber.name, due_at=now)
        for entry in entries
        for subscriber in subscribers_of(entry.kind)
    )
    transaction.on_commit(notifier.wake)


def _head() -> str:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_CHAIN_LOCK])
    newest = _NEWEST()
    return newest[0][0] if newest else ""


_NEWEST = Prepared(lambda: Entry.objects.order_by("-id").values_list("sha256")[:1])
