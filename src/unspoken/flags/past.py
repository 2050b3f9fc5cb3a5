"""What a replay needs of the past, loaded for a few contacts at a time."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import islice

from django.db.models import Q, QuerySet

from unspoken.affect.baseline import Baseline
from unspoken.affect.trajectory import Trajectory
from unspoken.affect.turns import Turn
from unspoken.conversations.models import Conversation, Message, Status
from unspoken.flags.context import ON_CALL, Context
from unspoken.people.models import Contact, Order
from unspoken.readings.models import ConversationTrajectory, StoredReading
from unspoken.readings.queries import Earlier
from unspoken.readings.stored import effective, unpack

CHUNK = 100  # contacts, or conversations without one, that are in memory together


@dataclass(frozen=True, slots=True)
class Needs:
    """What the rules that are replayed look at beyond the turns themselves; the rest need not be loaded."""

    usual: bool
    same_thing: bool
    value: bool
    calls: bool = False
    words: bool = False  # what was said in calls, beside how
    recent: bool = False  # calls before

    @classmethod
    def of(cls, fields: frozenset[str]) -> "Needs":
        """Return what rules that look at `fields` need."""
        usual = any(field.startswith("trajectory.") for field in fields)
        return cls(
            usual, "contact.repeat_contacts" in fields, "contact.value" in fields,
            calls=any(field.startswith(ON_CALL) for field in fields),
            words=not fields.isdisjoint({"voice.parting", "call.distress"}), recent="call.recent" in fields,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stood:
    """How a call's conversation stood once `arrived` had come in: its newest message of the customer, or its first of
    anybody, with its reading as counted; and its trajectory."""

    arrived: Message
    message: Message
    reading: StoredReading | None
    trajectory: Trajectory


@dataclass(slots=True)
class Thread:
    """One conversation so far. about: what it is about, as kept (float16); newest: the customer's, if the last; stood:
    of a call whose voice is looked at, how it stood after each message."""

    conversation: Conversation
    turns: list[Turn] = field(default_factory=list)
    newest: Context | None = None
    about: bytes | None = None
    last_at: datetime | None = None
    stood: list[Stood] = field(default_factory=list)


@dataclass(slots=True)
class Person:
    """A contact (or None, for a conversation without one) with what was known before, and their messages in order."""

    contact: Contact | None
    threads: dict[str, Thread] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    readings: dict[str, StoredReading] = field(default_factory=dict)
    baseline: Baseline = field(default_factory=Baseline)
    earlier: list[tuple[datetime, Earlier]] = field(default_factory=list)
    orders: list[tuple[datetime, Decimal]] = field(default_factory=list)


def people_active(*, since: datetime, until: datetime, needs: Needs) -> Iterator[list[Person]]:
    """Yield everybody with a message in since…until, with their conversations from the beginning, in chunks."""
    active = Conversation.objects.filter(last_message_at__gte=since, opened_at__lte=until)
    known = active.exclude(contact=None).order_by("contact_id").values_list("contact_id", flat=True).distinct()
    for ids in _chunks(known.iterator(chunk_size=2000)):
        people = {contact.pk: Person(contact) for contact in Contact.objects.filter(pk__in=ids)}
        for conversation in active.filter(contact_id__in=ids):
            people[conversation.contact_id or ""].threads[conversation.pk] = _thread(conversation)
        _load_before(people, since, needs)
        yield _with_messages(list(people.values()), until)
    strangers = active.filter(contact=None).order_by("id").values_list("id", flat=True)
    for ids in _chunks(strangers.iterator(chunk_size=2000)):
        alone = [Person(None, {one.pk: _thread(one)}) for one in active.filter(pk__in=ids)]
        yield _with_messages(alone, until)


def _chunks(ids: Iterable[str | None]) -> Iterator[list[str]]:
    left = (one for one in ids if one)
    while chunk := list(islice(left, CHUNK)):
        yield chunk


def _thread(conversation: Conversation) -> Thread:
    """Whatever became of it later, a conversation is open when its customer writes."""
    conversation.status = Status.OPEN
    return Thread(conversation)


def _load_before(people: dict[str, Person], since: datetime, needs: Needs) -> None:
    """Load what is known from conversations that were over before `since`."""
    over = Q(conversation__last_message_at__lt=since)
    if needs.usual:
        rows = StoredReading.objects.filter(over, contact_id__in=people).select_related("correction")
        for row in _newest(rows).values():
            person = people[row.contact_id or ""]
            person.baseline = person.baseline.add_reading(effective(row))
    if needs.same_thing:
        kept = ConversationTrajectory.objects.filter(over, conversation__contact_id__in=people, embedding__isnull=False)
        for trajectory in kept.select_related("conversation").defer("numbers"):
            about, conversation = unpack(trajectory.embedding), trajectory.conversation
            if about is not None:
                earlier = conversation.pk, conversation.opened_at.timestamp(), about
                people[conversation.contact_id or ""].earlier.append((conversation.last_message_at, earlier))
    if needs.value:
        for order in Order.objects.filter(contact_id__in=people).only("contact_id", "placed_at", "total"):
            people[order.contact_id].orders.append((order.placed_at, order.total))


def _with_messages(people: Sequence[Person], until: datetime) -> list[Person]:
    """Load the public messages of these people's conversations up to `until` and what counts as read of them."""
    owner = {conversation_id: person for person in people for conversation_id in person.threads}
    messages = Message.objects.filter(conversation_id__in=owner, private=False, occurred_at__lte=until)
    for message in messages.defer("folded", "metadata").order_by("occurred_at", "id"):
        owner[message.conversation_id].messages.append(message)
    rows: QuerySet[StoredReading] = StoredReading.objects.filter(conversation_id__in=owner)
    for row in _newest(rows.select_related("correction")).values():
        owner[row.conversation_id].readings[row.message_id] = row
    return list(people)


def _newest(rows: QuerySet[StoredReading]) -> dict[str, StoredReading]:
    """Return the newest model's reading by message id."""
    return {row.message_id: row for row in rows.order_by("created_at", "id")}


def as_counted(row: StoredReading | None) -> StoredReading | None:
    """Return a reading's row with a person's correction, if there is one, in its place."""
    if row is None or getattr(row, "correction", None) is None:
        return row
    counted = effective(row)
    row.cx, row.valence, row.confidence = dict(counted.cx), counted.valence, counted.confidence
    row.service = dict(counted.service)
    return row
