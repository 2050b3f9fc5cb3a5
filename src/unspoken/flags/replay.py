"""Past turns once more, as the rules would have seen them: the stored readings, followed with the same code as live.

No model is called. What is not kept of the past is taken as it is now: team and assignee; a person's correction counts
from the start. What an import brought long after it was written is replayed as of when it was written.

A customer who waited in silence is judged at the moment when the wait passed a time that the rule names; live it is
judged at the next look after it, most of a minute later at most. It is not known when a conversation was snoozed or
resolved without an answer: here it goes on waiting. A silence that began before the days replayed is not seen.

Calls whose voice was read are stepped through in `past_calls`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal

from unspoken.affect.baseline import SERVICE, Baseline, Usual
from unspoken.affect.repetition import mean_embedding, same_thing
from unspoken.affect.trajectory import Trajectory, follow
from unspoken.conversations.models import Author, Message
from unspoken.flags.context import TOO_OLD, Context, Moved
from unspoken.flags.past import Needs, Person, Stood, Thread, as_counted, people_active
from unspoken.flags.past_calls import call_contexts
from unspoken.flags.usual import ChannelPast, channels_since
from unspoken.people.models import Channel
from unspoken.readings.actions.move import patience_of
from unspoken.readings.models import StoredReading
from unspoken.readings.queries import LOOKS_BACK, Earlier
from unspoken.readings.stored import effective, pack, unpack
from unspoken.readings.turns import NEWEST, turn_of


def replay(
    *, since: datetime, until: datetime, fields: frozenset[str], waits: Sequence[float] = ()
) -> Iterator[list[Context]]:
    """Yield what rules that look at `fields` would have seen of messages and calls in since…until, in chunks.

    waits: seconds without an answer after which it is looked again at a customer who waits in silence.
    """
    needs = Needs.of(fields)
    stage = _Stage(since, until, needs, channels_since(since) if needs.usual else {}, waits)
    for people in people_active(since=since, until=until, needs=needs):
        yield [context for person in people for context in stage.contexts(person)]


def moment_of(message: Message) -> datetime:
    """Return when the rules judged a message: when it came in, or for an import, when it was written."""
    late = message.received_at - message.occurred_at >= TOO_OLD
    return message.occurred_at if late else max(message.occurred_at, message.received_at)


@dataclass(frozen=True, slots=True)
class _Stage:
    since: datetime
    until: datetime
    needs: Needs
    channels: Mapping[str, ChannelPast]
    waits: Sequence[float]

    def contexts(self, person: Person) -> Iterator[Context]:
        """Let everything that a person wrote happen again, in order; yield a context for each message in the window."""
        for message in person.messages:
            thread, row = person.threads[message.conversation_id], person.readings.get(message.pk)
            reading = effective(row) if row is not None else None
            turn = turn_of(message.pk, at=message.occurred_at, author=message.author_kind, reason=message.reason,
                           text=message.text, reading=reading)  # fmt: skip
            thread.turns = [*thread.turns[1 - NEWEST :], turn]
            if reading is not None:
                person.baseline = person.baseline.add_reading(reading)
            if turn.author != "system":
                yield from self._silence(thread.newest, message.occurred_at)
                thread.newest = None
            if message.author_kind == Author.CUSTOMER and message.occurred_at >= self.since:
                context = self._context(person, thread, message, as_counted(row))
                thread.newest = context if turn.author == "customer" else thread.newest
                yield context
            if self.needs.same_thing:
                thread.about = pack(mean_embedding([turn.reading for turn in thread.turns]))
            if self.needs.calls and thread.conversation.channel == Channel.CALL:
                thread.stood.append(self._stood(person, thread, message, as_counted(row)))
            thread.last_at = message.occurred_at
        for thread in person.threads.values():
            yield from self._silence(thread.newest, self.until)
            yield from self._call(person, thread)

    def _stood(self, person: Person, thread: Thread, message: Message, reading: StoredReading | None) -> Stood:
        before = thread.stood[-1] if thread.stood else None
        trajectory = self._followed(person, thread, moment_of(message))
        if before is not None and message.author_kind != Author.CUSTOMER:
            return Stood(message, before.message, before.reading, trajectory)
        return Stood(message, message, reading, trajectory)

    def _call(self, person: Person, thread: Thread) -> Iterator[Context]:
        """Yield how a call stood while it was listened to, in the window."""
        if not thread.stood:
            return
        contexts = call_contexts(
            person, thread, moment_of=lambda stood: moment_of(stood.arrived), needs=self.needs,
            value_at=lambda moment: _value(person, moment),
        )  # fmt: skip
        yield from (context for context in contexts if self.since <= context.now <= self.until)

    def _silence(self, context: Context | None, end: datetime) -> Iterator[Context]:
        """Yield how the silence after a customer's message looked as it passed each of the waits before `end`."""
        since = context.moved.trajectory.unanswered_since if context is not None else None
        if context is None or since is None:
            return
        for seconds in self.waits:
            written, at = context.moved.message.occurred_at, datetime.fromtimestamp(since + seconds, UTC)
            if written < at < min(end, written + TOO_OLD):
                at = max(at, context.now)
                yield Context(replace(context.moved, silent_until=at), at, context.value_of)

    def _context(self, person: Person, thread: Thread, message: Message, reading: StoredReading | None) -> Context:
        now, conversation = moment_of(message), thread.conversation
        moved = Moved(
            conversation=conversation,
            message=message,
            trajectory=self._followed(person, thread, now),
            contact=person.contact,
            reading=reading,
            previous_contacts_same_thing=_same_thing(person, thread, now) if self.needs.same_thing else 0,
        )
        value = _value(person, now)
        return Context(moved, now, lambda contact_id: value)

    def _followed(self, person: Person, thread: Thread, now: datetime) -> Trajectory:
        patience = patience_of(thread.conversation.channel)
        return follow(thread.turns, self._usual(person, thread, now), patience=patience)

    def _usual(self, person: Person, thread: Thread, now: datetime) -> Usual:
        if not self.needs.usual:
            return SERVICE
        channel = self.channels.get(thread.conversation.channel)
        return person.baseline.usual((channel.at(now.timestamp()) if channel else Baseline()).usual())


def _value(person: Person, now: datetime) -> Decimal:
    return sum((total for at, total in person.orders if at <= now), Decimal(0))


def _same_thing(person: Person, thread: Thread, now: datetime) -> int:
    about = mean_embedding([turn.reading for turn in thread.turns])
    if about is None or person.contact is None:
        return 0
    opened = thread.conversation.opened_at.timestamp()
    known: list[tuple[datetime | None, Earlier]] = [*person.earlier]
    for other in person.threads.values():
        embedding = unpack(other.about)
        if embedding is not None and other is not thread:
            known.append((other.last_at, (other.conversation.pk, other.conversation.opened_at.timestamp(), embedding)))
    return len(
        same_thing(about, [one for at, one in known if at is not None and now - at <= LOOKS_BACK and one[1] < opened])
    )
