"""Working deliveries off: claim, hand to the subscriber, note what came of it. The delivery's own row is the queue."""

import logging
import random
from collections.abc import Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import QuerySet

from unspoken.kit.rows import update_rows

from .models import Delivery, DeliveryState
from .subscribers import subscriber

BACK_OFF = (5.0, 300.0, 1800.0, 7200.0, 18_000.0, 36_000.0, 50_400.0, 72_000.0, 86_400.0)
"""Seconds before each further attempt: 5 s, 5 min, 30 min, 2, 5, 10, 14, 20 and 24 h, over three days in all.

The schedule of the Standard Webhooks specification. Each is stretched by up to a tenth, at random, so that what failed
together does not return together.
"""

CLAIM = timedelta(minutes=5)
"""How long a worker has a delivery to itself; if it dies, another takes it up after that."""

AT_ONCE = 32

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Outcome:
    delivery: Delivery
    error: str = ""


def work_off(*, now: datetime, executor: Executor | None = None, at_once: int = AT_ONCE) -> int:
    """Claim up to `at_once` due deliveries, call their subscribers (side by side in `executor`), return how many.

    Handlers run outside any transaction of this function, and may see an entry again after a crash.
    """
    if not _due(now).exists():  # asked without a transaction: the worker is woken by every commit, mostly for nothing
        return 0
    claimed = claim(now=now, at_once=at_once)
    outcomes: Iterable[_Outcome] = executor.map(_hand_over, claimed) if executor else map(_hand_over, claimed)
    settle(list(outcomes), now=now)
    return len(claimed)


@transaction.atomic
def claim(*, now: datetime, at_once: int = AT_ONCE) -> list[Delivery]:
    """Take due deliveries for `CLAIM`, oldest first; no two workers take the same one."""
    due = _due(now).order_by("due_at", "id")
    if connection.features.has_select_for_update_skip_locked:
        due = due.select_for_update(skip_locked=True, of=("self",))
    claimed = list(due.select_related("entry")[:at_once])
    for delivery in claimed:
        delivery.attempts += 1
        delivery.due_at = delivery.claimed_until = now + CLAIM
    update_rows(claimed, ["attempts", "due_at", "claimed_until"])
    return claimed


def _due(now: datetime) -> QuerySet[Delivery]:
    return Delivery.objects.filter(state=DeliveryState.WAITING, due_at__lte=now)


def _hand_over(delivery: Delivery) -> _Outcome:
    known = subscriber(delivery.subscriber)
    if known is None:
        return _Outcome(delivery, f"Nobody is registered as {delivery.subscriber!r}.")
    try:
        known.handle(delivery.entry)
    except Exception as error:
        logger.info("%s could not take entry %d: %s", delivery.subscriber, delivery.entry_id, error)
        if connection.errors_occurred:
            connection.close_if_unusable_or_obsolete()  # this thread lives on, and must not keep a dead connection
        return _Outcome(delivery, f"{type(error).__name__}: {error}"[:2000])
    return _Outcome(delivery)


@transaction.atomic
def settle(outcomes: Sequence[_Outcome], *, now: datetime) -> None:
    """Note what came of claimed deliveries: done, to be tried again, or given up."""
    for outcome in outcomes:
        delivery = outcome.delivery
        delivery.claimed_until, delivery.last_error = None, outcome.error
        if not outcome.error:
            delivery.state = DeliveryState.DONE
        elif delivery.attempts > len(BACK_OFF):
            delivery.state = DeliveryState.FAILED
            logger.warning("%s is given up after %d attempts: %s", delivery, delivery.attempts, outcome.error)
        else:
            seconds = BACK_OFF[delivery.attempts - 1] * random.uniform(1.0, 1.1)
            delivery.due_at = now + timedelta(seconds=seconds)
    update_rows((outcome.delivery for outcome in outcomes), ["state", "due_at", "claimed_until", "last_error"])


def replay(delivery: Delivery, *, now: datetime) -> None:
    """Deliver once more, at once and with the whole schedule before it, whether it was done or given up."""
    delivery.state, delivery.attempts, delivery.due_at = DeliveryState.WAITING, 0, now
    delivery.claimed_until, delivery.last_error = None, ""
    delivery.save(update_fields=["state", "attempts", "due_at", "claimed_until", "last_error"])
