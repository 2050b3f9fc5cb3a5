"""Managing endpoints: add, change the secret, switch off, replay."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from django.db import transaction

from unspoken.journal.actions import record
from unspoken.journal.events import Event
from unspoken.journal.models import Delivery, DeliveryState
from unspoken.kit.addresses import Resolver, resolve
from unspoken.staff.models import Member

from .addresses import check
from .handlers import forget_known
from .models import Endpoint
from .sending import new_secret

OVERLAP = timedelta(hours=24)  # how long a replaced secret still signs


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookChanged(Event):
    """An endpoint was added, changed or removed."""

    kind: ClassVar[str] = "webhook.changed"
    endpoint_id: str
    what: str


def add_endpoint(
    url: str, *, kinds: Sequence[str], by: Member | None, now: datetime, description: str = "",
    resolver: Resolver = resolve,
) -> Endpoint:  # fmt: skip
    """Add an endpoint with a fresh secret; raise AddressRefusedError for an address that is not public HTTPS."""
    check(url, resolver=resolver)
    with transaction.atomic():
        endpoint = Endpoint.objects.create(
            url=url, kinds=list(kinds), description=description, secret=new_secret(secrets.token_bytes(32)),
            created_by=by, created_at=now,
        )  # fmt: skip
        _record(endpoint, "added", by, now)
    return endpoint


def change_secret(endpoint: Endpoint, *, by: Member | None, now: datetime) -> Endpoint:
    """Make a new secret; the old one signs beside it for a day, so that the receiver can change over."""
    with transaction.atomic():
        endpoint.old_secret, endpoint.old_secret_until = endpoint.secret, now + OVERLAP
        endpoint.secret = new_secret(secrets.token_bytes(32))
        endpoint.save()
        _record(endpoint, "secret", by, now)
    return endpoint


def set_active(endpoint: Endpoint, *, active: bool, by: Member | None, now: datetime) -> Endpoint:
    """Switch an endpoint on or off; what happens while it is off is not kept for it."""
    with transaction.atomic():
        endpoint.is_active = active
        endpoint.save(update_fields=["is_active"])
        _record(endpoint, "on" if active else "off", by, now)
    return endpoint


def replay(endpoint: Endpoint, *, since: datetime, now: datetime) -> int:
    """Deliver again, with the same webhook-id, all that happened since; return how many deliveries wait now."""
    return Delivery.objects.filter(subscriber=f"webhook:{endpoint.id}", entry__at__gte=since).update(
        state=DeliveryState.WAITING, attempts=0, due_at=now, claimed_until=None, last_error=""
    )


def _record(endpoint: Endpoint, what: str, by: Member | None, now: datetime) -> None:
    record(WebhookChanged(endpoint_id=endpoint.id, what=what, actor=by.id if by else ""), now=now)
    transaction.on_commit(forget_known)
