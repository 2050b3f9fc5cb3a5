"""Looking into mailboxes: each in its turn, and never past what is not durable yet."""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from django.db import connection

from unspoken.conversations.models import Inbox
from unspoken.intake.batcher import receive_many
from unspoken.kit.clock import now as present

from . import metrics
from .base import Fetched, PollError, Polling
from .echoes import is_echo
from .models import Lookout
from .registry import connectors

EVERY = 30.0
"""Seconds between two looks into one mailbox, unless its settings say otherwise."""

LONGEST = timedelta(minutes=10)
"""How long one process has a mailbox to itself; after that another may look too, which does no harm."""

logger = logging.getLogger(__name__)
_threads = ThreadPoolExecutor(4, thread_name_prefix="mailbox")
_looking: set[str] = set()
_lock = threading.Lock()


def look_everywhere(now: datetime) -> None:
    """Start a look into every mailbox that is due, in threads of their own: a slow server holds nobody up."""
    polling = [name for name, connector in connectors().items() if isinstance(connector, Polling)]
    for inbox in Inbox.objects.filter(connector__in=polling, is_active=True).select_related("lookout"):
        lookout = getattr(inbox, "lookout", None)
        if inbox.settings and (lookout is None or lookout.due_at <= now) and _begin(inbox.pk):
            _threads.submit(_look_in_thread, inbox)


def _begin(inbox_id: str) -> bool:
    with _lock:
        if inbox_id in _looking:
            return False
        _looking.add(inbox_id)
        return True


def _look_in_thread(inbox: Inbox) -> None:
    try:
        look(inbox, now=present())
    except Exception:
        logger.exception("Looking into the mailbox of %s broke off; it is looked into again.", inbox.pk)
    finally:
        connection.close()
        with _lock:
            _looking.discard(inbox.pk)


def look(inbox: Inbox, *, now: datetime) -> int:
    """Take in what is new in one mailbox; return how many messages were stored. What goes wrong is noted."""
    lookout, _ = Lookout.objects.get_or_create(inbox=inbox, defaults={"due_at": now})
    free = Lookout.objects.filter(pk=lookout.pk, due_at__lte=now)
    if not free.update(due_at=now + LONGEST):
        return 0
    stored, problem = 0, ""
    try:
        connector = connectors()[inbox.connector]
        assert isinstance(connector, Polling)
        for fetched in connector.poll(inbox, lookout.state, now=now):
            stored += _take_in(inbox, fetched)
            Lookout.objects.filter(pk=lookout.pk).update(state=fetched.state)
    except PollError as error:
        problem = str(error)
        logger.warning("The mailbox of %s cannot be looked into: %s", inbox.pk, problem)
    finally:
        every = timedelta(seconds=float(inbox.settings.get("every") or EVERY))
        Lookout.objects.filter(pk=lookout.pk).update(due_at=now + every, looked_at=now, problem=problem)
    return stored


def _take_in(inbox: Inbox, fetched: Fetched) -> int:
    """Return how many messages were stored, once all of them are durable."""
    for reason in fetched.ignored:
        metrics.HOOKS.labels(inbox.connector, "ignored").inc()
        logger.info("Ignored in the inbox %s: %s", inbox.pk, reason)
    receipts = list(receive_many(message for message in fetched.messages if not is_echo(message)))
    for receipt in receipts:
        metrics.HOOKS.labels(inbox.connector, receipt.status).inc()
        if receipt.status == "rejected":
            logger.error("A message in the mailbox of %s was refused and stays there: %s", inbox.pk, receipt.error)
    return sum(receipt.status == "stored" for receipt in receipts)
