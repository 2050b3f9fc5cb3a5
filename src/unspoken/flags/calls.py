"""Calls under way: rules that look at the voice or at the line are judged while nobody writes a message.

As in `silence`, the conversation is taken as its newest message left it, with the same rules, ledger and evidence.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from unspoken.affect.trajectory import Trajectory, follow
from unspoken.conversations.models import Author, Conversation, Message
from unspoken.flags.actions.raise_flags import evaluate
from unspoken.flags.compiled import enabled_rules
from unspoken.flags.context import Moved, OnCall
from unspoken.flags.models import Flag
from unspoken.flags.past import as_counted
from unspoken.people.models import Channel
from unspoken.readings.models import ConversationTrajectory, StoredReading

WEEK = timedelta(days=7)


def recent_calls(call: Conversation) -> int:
    """Return how many calls of the same contact began in the seven days before `call`."""
    if call.contact_id is None:
        return 0
    before = Conversation.objects.filter(contact=call.contact_id, channel=Channel.CALL, opened_at__lt=call.opened_at)
    return before.filter(opened_at__gte=call.opened_at - WEEK).count()


def judge_calls(standing: Mapping[str, OnCall], *, now: datetime) -> list[Flag]:
    """Judge the rules that look at calls on how each call stands, in the caller's transaction; return the flags raised.

    standing: by conversation id; their contacts are held.
    """
    rules = [rule for rule in enabled_rules() if rule.looks_at_calls]
    return evaluate(list(_moved(standing)), now=now, rules=rules) if rules and standing else []


def _moved(standing: Mapping[str, OnCall]) -> Iterator[Moved]:
    calls = Conversation.objects.filter(pk__in=standing).select_related("contact").order_by("id")
    followed = ConversationTrajectory.objects.filter(conversation__in=standing).defer("embedding")
    trajectories = {row.conversation_id: Trajectory.from_json(row.numbers) for row in followed}
    for call in calls:
        message = _anchor(call)
        if message is None:
            continue
        message.conversation = call
        readings = StoredReading.objects.filter(message=message).select_related("correction")
        yield Moved(
            conversation=call, message=message, trajectory=trajectories.get(call.pk) or follow([]),
            contact=call.contact, reading=as_counted(readings.order_by("-created_at", "-id").first()),
            call=standing[call.pk],
        )  # fmt: skip


def _anchor(call: Conversation) -> Message | None:
    """Return the newest thing that the customer said, or, where none was written down, the call's beginning."""
    rows = Message.objects.filter(conversation=call, private=False).defer("folded", "metadata")
    said = rows.filter(author_kind=Author.CUSTOMER).order_by("-occurred_at", "-id").first()
    return said or rows.order_by("occurred_at", "id").first()
