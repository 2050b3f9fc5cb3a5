"""Reading later what could not be read when it came in: the same gate, the same consequences."""

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from django.db import transaction

from unspoken.affect.reading import Abstention, Outcome, Producer, Reading, Reason
from unspoken.conversations.models import Conversation, Message, ReadingState
from unspoken.kit.rows import update_rows
from unspoken.privacy.models import ConsentDecision, Modality, Purpose
from unspoken.privacy.queries import hold_contacts, permissions
from unspoken.readings.actions import Made, PerceptionUnavailableError, Words, analysis_is_on, perceive, store_readings
from unspoken.readings.events import MessageRead
from unspoken.readings.lines import Line, line_of
from unspoken.readings.models import StoredReading
from unspoken.readings.recalled import Thread

from . import metrics
from .beside import Asked, beside
from .following import follow_and_flag

AT_ONCE = 64
_PROBE = Words("Thank you.")  # any model reads this, unless it reads nothing
_NOBODY = Producer("", "")
_QUIET = 60.0  # seconds between two lines in the log about the same trouble
_complained = -_QUIET

logger = logging.getLogger(__name__)
Perceive = Callable[[Sequence[Words]], Sequence[Outcome]]


def read_pending(now: datetime, *, read: Perceive = perceive) -> int:
    """Read every message not analysed yet, oldest first; return how many were dealt with.

    Stops early when the model gives nothing at all: then all of it waits for the next time.
    """
    dealt = 0
    while analysis_is_on():
        pending = list(
            Message.objects.filter(reading_state=ReadingState.PENDING)
            .select_related("conversation__contact")
            .order_by("received_at", "id")[:AT_ONCE]
        )
        count = _read(pending, now, read) if pending else 0
        dealt += count
        if not count:
            return dealt
    return dealt


def _read(pending: Sequence[Message], now: datetime, read: Perceive) -> int:
    consents = _unbroken_consents(pending)
    permitted = [message for message in pending if message.id in consents]
    arriving = [(_thread(message), _line(message)) for message in permitted]
    outcomes = _outcomes(beside([_asked(message) for message in permitted], arriving), read)
    decided: dict[str, Reading | str] = {
        message.id: Reason.NO_CONSENT for message in pending if message.id not in consents
    }
    for message, outcome in zip(permitted, outcomes, strict=True):
        if outcome is not None:
            decided[message.id] = outcome.reason if isinstance(outcome, Abstention) else outcome
    if decided:
        _commit(decided, consents, now)
    return len(decided)


def _asked(message: Message) -> Asked:
    contact = message.conversation.contact
    names = contact.name if contact else "", message.author_name
    return Asked(message.text, _thread(message), _line(message), tuple({name: None for name in names if name}))


def _thread(message: Message) -> Thread:
    return message.conversation.source, message.conversation.external_id


def _line(message: Message) -> Line:
    return line_of(message.external_id, message.occurred_at, message.author_kind, message.text)


def _outcomes(texts: Sequence[Words], read: Perceive) -> Sequence[Outcome | None]:
    """Read texts together; if that breaks although the model works, one by one: one text cannot stop the rest."""
    try:
        return read(texts)
    except PerceptionUnavailableError as error:
        metrics.MODEL_FAILURES.labels("failed").inc()
        if isinstance(_alone(_PROBE, read), Reason):
            _complain(len(texts), error)
            return [None] * len(texts)
    outcomes = [_alone(text, read) for text in texts]
    return [Abstention(one, _NOBODY) if isinstance(one, Reason) else one for one in outcomes]


def _alone(text: Words, read: Perceive) -> Outcome | Reason:
    """Return what a text expresses, or `unsure` when the model breaks on it."""
    try:
        return read([text])[0]
    except PerceptionUnavailableError:
        return Reason.UNSURE


def _complain(count: int, error: Exception) -> None:
    global _complained
    if time.monotonic() - _complained > _QUIET:
        _complained = time.monotonic()
        logger.warning("%d messages still wait to be read: %s", count, error)


def _unbroken_consents(messages: Iterable[Message]) -> dict[str, int]:
    """Return by message id the consent that held when the message came in and holds still."""
    contacts = {message.conversation.contact_id for message in messages if message.conversation.contact_id}
    valid = permissions(contacts, modality=Modality.TEXT, purpose=Purpose.SERVICE)
    given = dict(
        ConsentDecision.objects.filter(id__in=[one for one in valid.values() if one]).values_list("id", "recorded_at")
    )
    unbroken: dict[str, int] = {}
    for message in messages:
        consent = valid.get(message.conversation.contact_id or "")
        if consent is not None and given[consent] <= message.received_at:
            unbroken[message.id] = consent
    return unbroken


@transaction.atomic
def _commit(decided: dict[str, Reading | str], consents: dict[str, int], now: datetime) -> None:
    """Store what was read where the same consent still holds, and all that follows from it."""
    pending = Message.objects.filter(id__in=decided, reading_state=ReadingState.PENDING)
    contacts = pending.exclude(conversation__contact=None).values_list("conversation__contact_id", flat=True)
    hold_contacts(list(contacts))
    conversations = {
        conversation.id: conversation
        for conversation in Conversation.objects.select_for_update(no_key=True)
        .filter(id__in=pending.values_list("conversation_id", flat=True))
        .order_by("id")
    }
    messages = list(pending.select_for_update(no_key=True).order_by("id"))
    for message in messages:
        message.conversation = conversations[message.conversation_id]
    holding = _unbroken_consents(messages)
    made: list[Made] = []
    for message in messages:
        outcome, consent, contact_id = decided[message.id], holding.get(message.id), message.conversation.contact_id
        message.conversation.version += 1
        if isinstance(outcome, Reading) and contact_id and consent is not None and consent == consents.get(message.id):
            message.reading_state = ReadingState.READ
            made.append(Made(message, outcome, contact_id, consent))
        else:
            message.reading_state = ReadingState.ABSTAINED
            message.reason = Reason.NO_CONSENT if isinstance(outcome, Reading) else outcome
            metrics.ABSTENTIONS.labels(message.reason).inc()
    update_rows(messages, ["reading_state", "reason"])
    readings = store_readings(made, now=now)
    metrics.READINGS.inc(len(readings))
    follow_and_flag(
        conversations,
        messages=messages,
        contacts={
            message.id: message.conversation.contact_id for message in messages if message.conversation.contact_id
        },
        readings=readings,
        events=_events(messages, readings),
        now=now,
    )


def _events(messages: Sequence[Message], readings: Sequence[StoredReading]) -> list[MessageRead]:
    ids = {reading.message_id: reading.id for reading in readings}
    return [
        MessageRead(
            conversation_id=message.conversation_id, contact_id=message.conversation.contact_id or "",
            team_id=message.conversation.team_id or "", message_id=message.id, reading_id=ids.get(message.id, ""),
            reason=message.reason,
        )
        for message in messages
    ]  # fmt: skip
