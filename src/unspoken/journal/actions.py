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
    """Write one event; see `record_all`."""
    return record_all([event], now=now)[0]


def record_all(events: Sequence[Event], *, now: datetime) -> list[Entry]:
    """Write `events` in order with one delivery per subscriber; must run inside the caller's transaction."""
    if not events:
        return []
    if not connection.in_atomic_block:
        raise RuntimeError("record_all() must run inside the transaction of what it records")
    previous = _head()
    entries = []
    for event in events:
        entry = Entry(
            at=now, kind=event.kind, contact_id=event.contact_id, conversation_id=event.conversation_id,
            team_id=event.team_id, actor=event.actor, data=event.data(), previous=previous,
        )  # fmt: skip
        entry.sha256 = previous = digest(entry)
        entries.append(entry)
    _write(entries, now)
    transaction.on_commit(notifier.wake)
    return entries


def _write(entries: list[Entry], now: datetime) -> None:
    wanted = {kind: subscribers_of(kind) for kind in {entry.kind for entry in entries}}
    if not any(wanted.values()):
        insert_rows(entries)  # nobody asks for their ids
        return
    Entry.objects.bulk_create(entries)
    Delivery.objects.bulk_create(
        Delivery(entry=entry, subscriber=subscriber.name, due_at=now)
        for entry in entries
        for subscriber in wanted[entry.kind]
    )


def _head() -> str:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_CHAIN_LOCK])
    newest = _NEWEST()
    return newest[0][0] if newest else ""


_NEWEST = Prepared(lambda: Entry.objects.order_by("-id").values_list("sha256")[:1])
