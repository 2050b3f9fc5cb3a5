"""Lets the last ninety days of the shop happen: every written conversation through the pipeline, in order of time."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from unspoken.conversations import actions as desk
from unspoken.conversations.models import Author, Conversation, Kind, Status
from unspoken.flags import actions as flag_actions
from unspoken.flags.models import Flag, FlagStatus
from unspoken.intake.inbound import Handle, Inbound, Person
from unspoken.intake.pipeline import Pipeline
from unspoken.people.models import Channel, IdentityKind

from . import written
from .shop import Shop, address

SOURCE = "demo"
BATCH = 16  # small, so that rules see the days as they went by
KINDS = {
    "chat": Kind.CHAT, "email": Kind.EMAIL, "call": Kind.SEGMENT, "review": Kind.REVIEW, "survey": Kind.SURVEY,
    "mention": Kind.MENTION,
}  # fmt: skip


def inbounds_of(conversation: dict[str, Any], *, started: datetime) -> Iterator[Inbound]:
    """Yield a written conversation's messages as they would have come in, the first at `started`."""
    at = started
    for number, message in enumerate(conversation["messages"]):
        at += timedelta(seconds=message.get("after", 0))
        by = message.get("by")
        yield Inbound(
            source=SOURCE, external_id=f"{conversation['key']}/{number}", conversation_id=conversation["key"],
            channel=Channel(conversation["channel"]), kind=KINDS[conversation["channel"]],
            author=Author(message["from"]), occurred_at=at, text=message["text"], person=person_of(conversation),
            member_email=address(by) if by else "", private=message.get("private", False),
            inbox=conversation["inbox"], subject=conversation.get("subject") or "", stars=conversation.get("stars"),
            product=conversation.get("product") or "", quoted=message.get("quoted", ""),
            signature=message.get("signature", ""),
        )  # fmt: skip


def person_of(conversation: dict[str, Any]) -> Person:
    """Return the customer of a written conversation: a contact of the shop, or a public handle."""
    contact = conversation.get("contact")
    if not contact:
        return Person(
            handles=(Handle(kind=IdentityKind.SOCIAL, value=conversation["handle"]),), name=conversation["handle"]
        )
    name = written.contacts()[contact]["name"]
    return Person(handles=(Handle(kind=IdentityKind.EXTERNAL, value=f"demo:{contact}"),), name=name)


def happen(shop: Shop, *, now: datetime, tell: Callable[[int, int], None]) -> None:
    """Put all written conversations in, then their outcome; `tell(done, total)` is called as it goes."""
    conversations = list(written.conversations())
    messages = [
        inbound
        for conversation in conversations
        for inbound in inbounds_of(conversation, started=now - timedelta(days=conversation["days_ago"]))
    ]
    messages.sort(key=lambda inbound: inbound.occurred_at)
    pipeline = Pipeline()
    for start in range(0, len(messages), BATCH):
        batch = messages[start : start + BATCH]
        for receipt in pipeline.receive(batch, now=min(batch[-1].occurred_at, now)):
            if receipt.error:
                raise RuntimeError(f"the demo's own message was refused: {receipt.error}")
        tell(start + len(batch), len(messages))
    _conclude(conversations, shop, now)


def _conclude(conversations: list[dict[str, Any]], shop: Shop, now: datetime) -> None:
    """Give each conversation the status, assignee and labels that it was written with, and old flags a decision."""
    stored = {
        conversation.external_id: conversation
        for conversation in Conversation.objects.filter(source=SOURCE).select_related("inbox", "contact")
    }
    by = shop.members["dara"]  # she leads both teams
    places = {(team.pk, key) for key, member in shop.members.items() for team in member.teams.all()}
    for told in conversations:
        conversation = stored[told["key"]]
        ended = min(conversation.last_message_at + timedelta(minutes=7), now)
        wanted = told.get("assignee")
        if wanted:
            able = (conversation.team_id, wanted) in places
            desk.assign(conversation, assignee=shop.members[wanted] if able else by, by=by, now=ended)
        if told.get("labels"):
            desk.set_labels(conversation, labels=told["labels"], by=by, now=ended)
        if told["status"] != Status.OPEN:
            until = now + timedelta(hours=20) if told["status"] == Status.SNOOZED else None
            desk.set_status(conversation, status=Status(told["status"]), snoozed_until=until, by=by, now=ended)
    _decide_flags(shop, now)


def _decide_flags(shop: Shop, now: datetime) -> None:
    """Decide the flags of resolved conversations as a busy team would have: mostly useful, now and then not."""
    old = Flag.objects.filter(status=FlagStatus.OPEN, conversation__status=Status.RESOLVED).select_related("rule")
    for number, flag in enumerate(old.order_by("raised_at")):
        unhelpful = number % 9 == 4
        flag_actions.decide_flag(
            flag, status=FlagStatus.NOT_HELPFUL if unhelpful else FlagStatus.RESOLVED, by=shop.members["dara"],
            reason="It had been put right already." if unhelpful else "",
            now=min(flag.raised_at + timedelta(minutes=25), now),
        )  # fmt: skip
