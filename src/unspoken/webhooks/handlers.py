"""Hears of entries from the journal and tells the endpoints; a refusal raises, so that the worker tries again later."""

import time
from collections.abc import Iterable

from unspoken.journal.models import Entry
from unspoken.journal.subscribers import subscribe_group
from unspoken.kit.clock import now

from .models import Attempt, Endpoint
from .sending import send

REFRESH_SECONDS = 2.0  # how soon other processes hear of a new endpoint; this one at once
_known: tuple[float, list[Endpoint]] = (0.0, [])


class NotDeliveredError(Exception):
    """An endpoint did not take an entry; the delivery is tried again by the worker's schedule."""


def forget_known() -> None:
    """Read the endpoints anew at the next entry."""
    global _known
    _known = (0.0, [])


def keys(kind: str) -> Iterable[str]:
    """Return the ids of the active endpoints that want `kind`."""
    global _known
    if time.monotonic() - _known[0] > REFRESH_SECONDS:
        _known = (time.monotonic(), list(Endpoint.objects.filter(is_active=True)))
    return [endpoint.id for endpoint in _known[1] if endpoint.wants(kind)]


def deliver(endpoint_id: str, entry: Entry) -> None:
    """Deliver one entry to one endpoint; an endpoint that was removed or switched off gets nothing."""
    endpoint = Endpoint.objects.filter(pk=endpoint_id, is_active=True).first()
    if endpoint is None:
        return
    moment = now()
    answer = send(endpoint, entry, now=moment)
    Attempt.objects.create(
        endpoint=endpoint,
        entry_id=entry.id,
        at=moment,
        status=answer.status,
        error=answer.error,
        seconds=answer.seconds,
    )
    if not answer.accepted:
        raise NotDeliveredError(answer.error)


def register() -> None:
    """Subscribe to the journal."""
    subscribe_group("webhook", keys=keys, handle=deliver)
