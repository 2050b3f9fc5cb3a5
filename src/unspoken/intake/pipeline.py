"""The way of a message: consent looked up, words read, then everything in one transaction.

`prepare` runs outside any transaction and calls the model once; `commit` stores what came of it, or nothing at all.
"""

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db import DataError, IntegrityError, InterfaceError, OperationalError, connection, transaction

from unspoken.affect.reading import Abstention, Outcome, Reading, Reason
from unspoken.conversations.actions.receive import Incoming, find_conversations, find_messages, store_messages
from unspoken.conversations.events import MessageReceived
from unspoken.conversations.models import Author, Message, ReadingState
from unspoken.journal.events import Event
from unspoken.people.actions.resolve import Known, contact_of, find_contacts, find_or_make_contacts
from unspoken.people.handles import normalise
from unspoken.privacy.models import Modality, Purpose
from unspoken.privacy.queries import hold_contacts, permissions
from unspoken.readings.actions import Made, Words, analysis_is_on, store_readings
from unspoken.readings.lines import Line, line_of
from unspoken.staff.models import Member

from . import metrics
from .beside import Asked, beside
from .following import follow_and_flag
from .in_time import ReadInTime
from .inbound import Inbound
from .receipt import Receipt
from .validation import Problem, check

logger = logging.getLogger(__name__)
Result = TypeVar("Result")
Reader = Callable[[Sequence[Words]], Sequence[Outcome | None]]

TRIES = 4
"""Attempts at a transaction that met a lock, a dead connection or another process storing the same things."""

_POISON = (IntegrityError, DataError, ValueError, TypeError, OverflowError)  # lies in the event, not in the weather


@dataclass(slots=True)
class Arrival:
    """One event and what is decided of it before the transaction. `state` and `reason` as they go on the message."""

    inbound: Inbound
    problems: list[Problem]
    person: Known
    state: ReadingState = ReadingState.PENDING
    reason: str = ""
    consent_id: int | None = None
    reading: Reading | None = None
    contact_id: str | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What names the message for ever."""
        return self.inbound.source, self.inbound.external_id

    def abstain(self, reason: str) -> None:
        """Leave the message unread, for good."""
        self.state, self.reason, self.reading, self.consent_id = ReadingState.ABSTAINED, reason, None, None


class Pipeline:
    """Takes batches of events in. `read` returns an outcome per text, or None where the model gave none in time."""

    def __init__(self, read: Reader | None = None) -> None:
        self._read = read or ReadInTime()
        self._just_before: Sequence[Arrival] = ()  # the last batch, which may not be stored yet

    def receive(self, batch: Sequence[Inbound], *, now: datetime) -> list[Receipt]:
        """Store a batch and return a receipt for each event, in order; everything is durable when this returns.

        Raises OperationalError when the database cannot be written to; then nothing of the batch was stored.
        """
        settled = self.settle(self.prepare(batch, now=now), now=now)
        for one in settled:
            if isinstance(one, Exception):
                raise one
        return [one for one in settled if isinstance(one, Receipt)]

    def prepare(self, batch: Sequence[Inbound], *, now: datetime) -> list[Arrival]:
        """Check events, look up consents and read what may be read; outside any transaction."""
        metrics.BATCH.observe(len(batch))
        arrivals = [Arrival(inbound, check(inbound, now=now), _person(inbound)) for inbound in batch]
        readable = [one for one in arrivals if not one.problems and _is_readable(one)]
        permitted = _patiently(lambda: _permitted(readable))
        outcomes = self._read(self._words(permitted, arrivals))
        for one, outcome in zip(permitted, outcomes, strict=True):
            if isinstance(outcome, Abstention):
                one.abstain(outcome.reason)
            elif outcome is not None:
                one.state, one.reading = ReadingState.READ, outcome
        return arrivals

    def _words(self, permitted: Sequence[Arrival], batch: Sequence[Arrival]) -> list[Words]:
        """Return the texts to read with what came before those that are short."""
        asked = [Asked(one.inbound.text, _thread(one), _line(one), _names(one)) for one in permitted]
        known = [one for one in self._just_before if one.state == ReadingState.READ or _is_ours(one)]
        arriving = [*known, *permitted, *filter(_is_ours, batch)]
        self._just_before = batch
        return _patiently(lambda: beside(asked, [(_thread(one), _line(one)) for one in arriving]))

    def settle(self, arrivals: Sequence[Arrival], *, now: datetime) -> list[Receipt | Exception]:
        """Commit prepared events together; if one of them cannot be stored, each on its own, so that only it fails."""
        try:
            return list(_patiently(lambda: _commit_timed(arrivals, now)))
        except (OperationalError, InterfaceError) as error:
            return [error] * len(arrivals)
        except Exception as error:
            if len(arrivals) > 1:
                return [settled for one in arrivals for settled in self.settle([one], now=now)]
            if arrivals and arrivals[0].reading is not None:
                logger.exception("A message could not be stored with its reading; it is stored without.")
                arrivals[0].abstain(Reason.UNSURE)
                return self.settle(arrivals, now=now)
            logger.exception("A message could not be stored.")
            if isinstance(error, _POISON):
                return [Receipt(status="rejected", error=f"The database refused it: {error}")]
            return [error]


def _commit_timed(arrivals: Sequence[Arrival], now: datetime) -> list[Receipt]:
    started = time.monotonic()
    with transaction.atomic():
        receipts = _commit(arrivals, now)
    metrics.COMMIT.observe(time.monotonic() - started)
    _count(receipts)
    return receipts


def _patiently(work: Callable[[], Result]) -> Result:
    """Do `work`, and again after a lock, a lost connection, or another process having stored the same just before."""
    for attempt in range(1, TRIES):
        try:
            return work()
        except IntegrityError:
            if attempt > 1:
                raise
        except (OperationalError, InterfaceError):
            if not connection.in_atomic_block:
                connection.close()
        time.sleep(0.02 * 4**attempt)
    return work()


def _person(inbound: Inbound) -> Known:
    person = inbound.person
    if person is None:
        return Known(())
    keys = [
        (str(handle.kind), normalise(handle.kind, handle.value, source=inbound.source)) for handle in person.handles
    ]
    return Known(tuple(dict.fromkeys(key for key in keys if key[1])), person.name.strip())


def _line(one: Arrival) -> Line:
    inbound = one.inbound
    return line_of(inbound.external_id, inbound.occurred_at, inbound.author, inbound.text)


def _is_ours(one: Arrival) -> bool:
    """Tell whether it is a public line of a member's."""
    return one.inbound.author == Author.AGENT and not one.inbound.private and not one.problems


def _names(one: Arrival) -> tuple[str, ...]:
    """Return the names of those who take part, as far as the event tells them."""
    person = one.inbound.person
    return tuple({name: None for name in (person.name if person else "", one.inbound.author_name) if name})


def _is_readable(one: Arrival) -> bool:
    """Tell whether a message holds a customer's own public words; if not, note why it is not read."""
    inbound = one.inbound
    if inbound.author != Author.CUSTOMER or inbound.private:
        one.state, one.reason = ReadingState.SKIPPED, Reason.NOT_CUSTOMER
    elif not analysis_is_on():
        one.state, one.reason = ReadingState.SKIPPED, "analysis_off"
    elif inbound.automatic:
        one.abstain(Reason.AUTOMATIC)
    elif not inbound.text.strip():
        one.abstain(Reason.QUOTED_ONLY if inbound.quoted.strip() else Reason.NO_TEXT)
    return one.state == ReadingState.PENDING


def _permitted(readable: Sequence[Arrival]) -> list[Arrival]:
    """Return the messages that a valid consent permits to read, once each; the others abstain."""
    if not readable:
        return []
    stored = find_messages(one.key for one in readable)
    new = list({one.key: one for one in reversed(readable) if one.key not in stored}.values())[::-1]
    known = find_contacts(handle for one in new for handle in one.person.handles)
    of_conversation = _contacts_of_conversations(one for one in new if not one.person.handles)
    for one in new:
        one.contact_id = contact_of(one.person, known) or of_conversation.get(_thread(one))
    consents = _consents(new)
    for one in new:
        one.consent_id = consents.get(one.contact_id or "")
        if one.consent_id is None:
            one.abstain(Reason.NO_CONSENT)
    return [one for one in new if one.consent_id is not None]


def _consents(arrivals: Iterable[Arrival]) -> dict[str, int | None]:
    contacts = {one.contact_id for one in arrivals if one.contact_id}
    return permissions(contacts, modality=Modality.TEXT, purpose=Purpose.SERVICE) if contacts else {}


def _thread(one: Arrival) -> tuple[str, str]:
    return one.inbound.source, one.inbound.conversation_id


def _contacts_of_conversations(arrivals: Iterable[Arrival]) -> dict[tuple[str, str], str]:
    threads = {_thread(one) for one in arrivals}
    found = find_conversations(threads) if threads else {}
    return {key: conversation.contact_id for key, conversation in found.items() if conversation.contact_id}


def _commit(arrivals: Sequence[Arrival], now: datetime) -> list[Receipt]:
    """Store the new ones among `arrivals` in the present transaction; return a receipt for each."""
    sound = [one for one in arrivals if not one.problems]
    stored = find_messages(one.key for one in sound)
    new = list({one.key: one for one in reversed(sound) if one.key not in stored}.values())[::-1]
    contact_events = _resolve(new, now)
    _hold(new)
    _drop_what_is_no_longer_permitted(new)
    members = _members(new)
    messages = {one.key: _message(one, members, now) for one in new}
    if new:
        taken = store_messages([_incoming(one, messages[one.key]) for one in new], now=now)
        made = [
            Made(messages[one.key], one.reading, one.contact_id, one.consent_id)
            for one in new
            if one.reading and one.contact_id and one.consent_id is not None and one.state == ReadingState.READ
        ]
        follow_and_flag(
            taken.conversations,
            arrived=taken.messages,
            messages=[
                message
                for message in messages.values()
                if message.author_kind == Author.CUSTOMER and not message.private
            ],
            contacts={messages[one.key].id: one.contact_id for one in new if one.contact_id},
            readings=store_readings(made, now=now),
            events=[*contact_events, *map(_received, messages.values()), *taken.events],
            now=now,
        )
    first = {id(one) for one in new}
    known = stored | messages
    return [_receipt(one, None if one.problems else known[one.key], is_new=id(one) in first) for one in arrivals]


def _resolve(new: Sequence[Arrival], now: datetime) -> Sequence[Event]:
    """Set the contact of each event, making those that are unknown; return what to record."""
    of_conversation = _contacts_of_conversations(one for one in new if not one.person.handles)
    people = list(dict.fromkeys(one.person for one in new if one.person.handles))
    ids, events = find_or_make_contacts(people, now=now)
    found = dict(zip(people, ids, strict=True))
    for one in new:
        one.contact_id = found.get(one.person) or of_conversation.get(_thread(one))
    return events


def _hold(new: Sequence[Arrival]) -> None:
    """Hold the contacts; one that was merged away just before gives way to the one that absorbed it."""
    while absorbed := hold_contacts(one.contact_id for one in new if one.contact_id):
        for one in new:
            one.contact_id = absorbed.get(one.contact_id or "", one.contact_id)


def _drop_what_is_no_longer_permitted(new: Sequence[Arrival]) -> None:
    """Compare with the consents, now that no withdrawal can come between: only an unbroken permission counts."""
    asked = [one for one in new if one.consent_id is not None]
    consents = _consents(asked)
    for one in asked:
        if consents.get(one.contact_id or "") != one.consent_id:
            one.abstain(Reason.NO_CONSENT)


def _members(new: Sequence[Arrival]) -> dict[str, str]:
    emails = {one.inbound.member_email.strip().lower() for one in new if one.inbound.member_email}
    return dict(Member.objects.filter(email__in=emails).values_list("email", "id")) if emails else {}


def _message(one: Arrival, members: dict[str, str], now: datetime) -> Message:
    inbound, metadata = one.inbound, dict(one.inbound.metadata)
    if inbound.occurred_at > now:  # a clock that runs ahead must not put its messages after all others
        metadata["occurred_at_as_sent"] = inbound.occurred_at.isoformat()
    folded = {"quoted": inbound.quoted, "signature": inbound.signature}
    return Message(
        source=inbound.source, external_id=inbound.external_id, author_kind=inbound.author,
        author_name=(inbound.author_name or _name_of_author(inbound))[:200],
        member_id=members.get(inbound.member_email.strip().lower()) if inbound.author == Author.AGENT else None,
        private=inbound.private, kind=inbound.kind, text=inbound.text,
        folded={name: text for name, text in folded.items() if text}, stars=inbound.stars, product=inbound.product,
        language=inbound.language, metadata=metadata, occurred_at=min(inbound.occurred_at, now), received_at=now,
        reading_state=one.state, reason=one.reason,
    )  # fmt: skip


def _name_of_author(inbound: Inbound) -> str:
    return inbound.person.name if inbound.person and inbound.author == Author.CUSTOMER else ""


def _incoming(one: Arrival, message: Message) -> Incoming:
    inbound = one.inbound
    return Incoming(
        message=message, thread=inbound.conversation_id, channel=inbound.channel, contact_id=one.contact_id,
        inbox=inbound.inbox, subject=inbound.subject,
    )  # fmt: skip


def _received(message: Message) -> MessageReceived:
    conversation = message.conversation
    return MessageReceived(
        conversation_id=conversation.id, contact_id=conversation.contact_id or "", team_id=conversation.team_id or "",
        message_id=message.id, author=message.author_kind, reading_state=message.reading_state, reason=message.reason,
    )  # fmt: skip


def _receipt(one: Arrival, message: Message | None, *, is_new: bool) -> Receipt:
    if message is None:
        return Receipt(status="rejected", error="; ".join(map(str, one.problems)), problems=tuple(one.problems))
    return Receipt(
        status="stored" if is_new else "duplicate", message_id=message.id, conversation_id=message.conversation_id,
        reading_state=message.reading_state, reason=message.reason,
    )  # fmt: skip


def _count(receipts: Iterable[Receipt]) -> None:
    for receipt in receipts:
        metrics.MESSAGES.labels(receipt.status).inc()
        if receipt.status != "stored":
            continue
        if receipt.reading_state == ReadingState.READ:
            metrics.READINGS.inc()
        elif receipt.reason:
            metrics.ABSTENTIONS.labels(receipt.reason).inc()
