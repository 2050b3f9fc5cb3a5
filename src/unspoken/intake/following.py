"""What follows from messages just stored or read: trajectories moved, the journal written, rules evaluated."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import DatabaseError, transaction

from unspoken.conversations.models import Conversation, Message
from unspoken.flags.actions.raise_flags import evaluate
from unspoken.flags.context import Moved
from unspoken.journal.actions import record_all
from unspoken.journal.events import Event
from unspoken.kit.prepared import Given, Prepared
from unspoken.kit.rows import update_rows
from unspoken.people.models import Contact
from unspoken.readings.actions import Movement, move
from unspoken.readings.models import StoredReading

from . import metrics

logger = logging.getLogger(__name__)


def follow_and_flag(
    conversations: Mapping[str, Conversation],
    *,
    messages: Sequence[Message],
    contacts: Mapping[str, str],
    readings: Sequence[StoredReading],
    events: Sequence[Event],
    now: datetime,
    arrived: Sequence[Message] = (),
) -> None:
    """Move what `readings` and `messages` (customers', public) change, record `events`, raise flags.

    contacts: contact id by message id; arrived: all messages just stored. In the caller's transaction, with those
    contacts held.
    """
    movements = move(list(conversations.values()), made=readings, messages=messages, arrived=arrived, now=now)
    people = _seen(messages, contacts)
    record_all(events, now=now)
    of = {reading.message_id: reading for reading in readings}
    moved = [
        _moved(message, movements[message.id], people.get(contacts.get(message.id, "")), of.get(message.id))
        for message in sorted(messages, key=lambda message: (message.occurred_at, message.id))
    ]
    _raise_flags(moved, now)


def _moved(message: Message, movement: Movement, contact: Contact | None, reading: StoredReading | None) -> Moved:
    return Moved(
        conversation=message.conversation, message=message, trajectory=movement.trajectory, contact=contact,
        reading=reading, previous_contacts_same_thing=len(movement.same_thing),
    )  # fmt: skip


def _seen(messages: Sequence[Message], contacts: Mapping[str, str]) -> dict[str, Contact]:
    """Note on contacts when they last wrote; return them by id."""
    people = {contact.id: contact for contact in _CONTACTS(ids=set(contacts.values()))}
    changed: dict[str, Contact] = {}
    for message in messages:
        contact = people.get(contacts.get(message.id, ""))
        if contact and (contact.last_seen_at is None or contact.last_seen_at < message.occurred_at):
            contact.last_seen_at = message.occurred_at
            changed[contact.id] = contact
    update_rows(changed.values(), ["last_seen_at"])
    return people


_CONTACTS = Prepared(lambda: Contact.objects.filter(id__among=Given("ids")))


def _raise_flags(moved: Sequence[Moved], now: datetime) -> None:
    """Evaluate the rules; a rule that breaks loses its flags and says so, but never a message."""
    if not moved:
        return
    try:
        with transaction.atomic():
            evaluate(moved, now=now)
    except DatabaseError:
        raise  # the transaction cannot be trusted any more: the batch is tried again
    except Exception:
        metrics.RULE_FAILURES.inc()
        logger.exception("The rules could not be evaluated on %d messages; the messages are stored.", len(moved))
