"""Customers who wait in silence: rules that look at the time without an answer are judged when it passes their times.

No message comes in then, so nothing else would judge them. Nothing is read and no model is called: the conversation is
taken as its newest message left it, with the same rules, ledger and evidence as live.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import Error, transaction
from django.db.models import OuterRef, Subquery

from unspoken.affect.reading import Reason
from unspoken.affect.repetition import same_thing
from unspoken.affect.trajectory import Trajectory
from unspoken.conversations.models import Author, Conversation, Message, Status
from unspoken.flags.actions.raise_flags import evaluate
from unspoken.flags.compiled import CompiledRule, enabled_rules
from unspoken.flags.context import TOO_OLD, Moved
from unspoken.flags.models import Flag
from unspoken.flags.past import as_counted
from unspoken.privacy.queries import hold_contacts
from unspoken.readings.models import ConversationTrajectory, StoredReading
from unspoken.readings.queries import earlier_conversations
from unspoken.readings.stored import unpack

LOOKED_AT = 5000
"""Conversations that wait, newest first, among which a round looks for those whose time has come."""

AT_ONCE = 300
"""Conversations judged in one round; the rest is judged in the next ones."""

_Seen = tuple[int, int]  # a conversation's version, and how many of the rules' times it has waited for


@dataclass(slots=True)
class Watch:
    """Looks at the conversations that wait; a conversation in which nothing changes is judged once per time passed.

    What was judged is remembered while the process runs. After a start everything is judged once more: what was flagged
    before is not flagged again.
    """

    _judged: dict[str, _Seen] = field(default_factory=dict)
    _rules: Sequence[CompiledRule] = ()

    def look(self, now: datetime) -> list[Flag]:
        """Judge the conversations whose wait has passed a time that an enabled rule names; return the flags raised."""
        enabled = enabled_rules()
        if enabled is not self._rules:
            self._rules, self._judged = enabled, {}
        times = sorted({time for rule in enabled for time in rule.waits})
        waiting = _waiting(times, now) if times else {}
        due = [pk for pk, seen in waiting.items() if self._judged.get(pk) != seen][:AT_ONCE]
        before = self._judged
        self._judged = {pk: before[pk] for pk in waiting if pk in before} | {pk: waiting[pk] for pk in due}
        try:
            return judge(due, now=now) if due else []
        except Error:
            self._judged = before  # the database could not be used: they are still to be judged
            raise


def _waiting(times: Sequence[float], now: datetime) -> dict[str, _Seen]:
    """Return the open conversations that have waited for the first of `times`, those that came to it last first."""
    first = now - timedelta(seconds=times[0])
    rows = Conversation.objects.filter(
        status=Status.OPEN, waiting_since__lte=first, waiting_since__gt=now - timedelta(seconds=times[-1]) - TOO_OLD,
        last_message_at__gt=now - TOO_OLD,
    ).order_by("-waiting_since")  # fmt: skip
    return {
        pk: (version, sum((now - since).total_seconds() >= time for time in times))
        for pk, version, since in rows.values_list("id", "version", "waiting_since")[:LOOKED_AT]
        if since is not None
    }


@transaction.atomic
def judge(conversation_ids: Sequence[str], *, now: datetime) -> list[Flag]:
    """Judge the rules that look at waiting on the newest customer message of these conversations, if they still wait.

    Withdrawals of consent wait until it is done, as in intake.
    """
    wanted = Conversation.objects.filter(pk__in=conversation_ids)
    hold_contacts(pk for pk in wanted.values_list("contact_id", flat=True) if pk)
    held = wanted.filter(status=Status.OPEN, waiting_since__isnull=False).select_for_update(no_key=True, of=("self",))
    still = {one.pk: one for one in held.select_related("contact").order_by("id")}
    rules = [rule for rule in enabled_rules() if rule.waits]
    return evaluate(list(_moved(still, now)), now=now, rules=rules)


def _moved(conversations: dict[str, Conversation], now: datetime) -> Iterator[Moved]:
    """Yield how each conversation stands, as of its newest customer message, with the silence since."""
    messages = _newest_messages(conversations)
    rows = ConversationTrajectory.objects.filter(conversation__in=messages)
    readings = StoredReading.objects.filter(message__in=[message.pk for message in messages.values()])
    newest = {row.message_id: row for row in readings.select_related("correction").order_by("created_at", "id")}
    earlier = earlier_conversations([conversations[pk] for pk in messages], now=now)
    for row in rows:
        conversation, message = conversations[row.conversation_id], messages[row.conversation_id]
        message.conversation, about = conversation, unpack(row.embedding)
        yield Moved(
            conversation=conversation, message=message, trajectory=Trajectory.from_json(row.numbers),
            contact=conversation.contact, reading=as_counted(newest.get(message.pk)), silent_until=now,
            previous_contacts_same_thing=0 if about is None else len(same_thing(about, earlier[conversation.pk])),
        )  # fmt: skip


def _newest_messages(conversations: dict[str, Conversation]) -> dict[str, Message]:
    """Return the newest message that the customer wrote in person, by conversation id."""
    theirs = Message.objects.filter(conversation=OuterRef("pk"), author_kind=Author.CUSTOMER, private=False)
    newest = theirs.exclude(reason=Reason.AUTOMATIC).order_by("-occurred_at", "-id").values("id")[:1]
    ids = Conversation.objects.filter(pk__in=conversations).annotate(newest=Subquery(newest))
    messages = Message.objects.filter(pk__in=ids.values_list("newest", flat=True))
    return {message.conversation_id: message for message in messages.defer("folded", "metadata")}
