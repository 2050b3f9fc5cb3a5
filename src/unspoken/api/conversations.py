"""Conversations: the attention queue, one conversation with what it expresses, answering, and correcting a reading."""

from datetime import datetime
from typing import Annotated

from django.db import transaction
from django.http import HttpRequest
from ninja import Query, Router, Status
from pydantic import Field

from unspoken.conversations import actions
from unspoken.conversations.models import Status as ConversationStatus
from unspoken.conversations.queries import attention_queue, conversation_for, messages_of, recent_conversations
from unspoken.kit.clock import now
from unspoken.readings.actions import correct_reading
from unspoken.readings.models import StoredReading
from unspoken.readings.queries import effective_readings, same_thing_before, trajectory_of
from unspoken.staff.models import Member, Scope
from unspoken.staff.queries import active_members

from .inbound import Strict
from .problems import Problem
from .schemas import ConversationOut, MessageOut, PageOut, TrajectoryOut
from .tokens import Token, asker, token_of

router = Router(tags=["conversations"])
READ, WRITE = Token(Scope.CONVERSATIONS_READ), Token(Scope.CONVERSATIONS_WRITE)
Limit = Annotated[int, Query(ge=1, le=100)]


class Filters(Strict):
    status: ConversationStatus = ConversationStatus.OPEN
    inbox: str | None = None
    assignee: str | None = None
    label: str | None = None
    contact: str | None = None


class Change(Strict):
    """What to change; fields that are left out stay. `assignee`: a member's id, or null for nobody."""

    status: ConversationStatus | None = None
    snoozed_until: datetime | None = None
    assignee: str | None = None
    labels: Annotated[list[Annotated[str, Field(min_length=1, max_length=60)]] | None, Field(max_length=30)] = None


class TextIn(Strict):
    text: Annotated[str, Field(min_length=1, max_length=100_000)]


class CorrectionIn(Strict):
    """What it reads as instead: a word of the CX vocabulary."""

    cx: str
    note: Annotated[str, Field(max_length=2000)] = ""


@router.get("/conversations", auth=READ, response=PageOut[ConversationOut])
def list_conversations(
    request: HttpRequest, filters: Query[Filters], cursor: str | None = None, limit: Limit = 50
) -> PageOut[ConversationOut]:
    """List conversations by worsening (the attention queue), or with `contact` those of one contact, newest first."""
    if filters.contact:
        page = recent_conversations(asker(request), contact=filters.contact, cursor=cursor, limit=limit)
    else:
        page = attention_queue(
            asker(request), status=filters.status, inbox=filters.inbox, assignee=filters.assignee,
            label=filters.label, cursor=cursor, limit=limit,
        )  # fmt: skip
    return PageOut(items=[ConversationOut.of(row) for row in page.items], next_cursor=page.next_cursor)


@router.get("/conversations/{conversation_id}", auth=READ, response=ConversationOut)
def get_conversation(request: HttpRequest, conversation_id: str) -> ConversationOut:
    """Return one conversation."""
    return ConversationOut.of(conversation_for(asker(request), conversation_id))


@router.get("/conversations/{conversation_id}/messages", auth=READ, response=PageOut[MessageOut])
def list_messages(
    request: HttpRequest, conversation_id: str, cursor: str | None = None, limit: Limit = 50
) -> PageOut[MessageOut]:
    """List a conversation's messages with their readings, oldest first; `next_cursor` leads to earlier ones."""
    conversation = conversation_for(asker(request), conversation_id)
    page = messages_of(conversation, before=cursor, limit=limit)
    read = effective_readings(conversation)
    return PageOut(items=[MessageOut.of(row, read.get(row.pk)) for row in page.items], next_cursor=page.next_cursor)


@router.get("/conversations/{conversation_id}/trajectory", auth=READ, response={200: TrajectoryOut, 204: None})
def get_trajectory(request: HttpRequest, conversation_id: str) -> Status[TrajectoryOut | None]:
    """Return how the conversation moves; 204 where nothing was read yet."""
    found = TrajectoryOut.of(trajectory_of(conversation_for(asker(request), conversation_id)))
    return Status(200 if found else 204, found)


@router.get("/conversations/{conversation_id}/same-thing-before", auth=READ, response=list[str])
def get_same_thing_before(request: HttpRequest, conversation_id: str) -> list[str]:
    """Return the ids of this contact's earlier conversations about the same thing, oldest first."""
    return list(same_thing_before(conversation_for(asker(request), conversation_id), now=now()))


@router.patch("/conversations/{conversation_id}", auth=WRITE, response=ConversationOut)
def change_conversation(request: HttpRequest, conversation_id: str, change: Change) -> ConversationOut:
    """Change status, assignee and labels; all of what is asked, or nothing."""
    by, moment = asker(request), now()
    conversation = conversation_for(by, conversation_id)
    with transaction.atomic():
        if "assignee" in change.model_fields_set:
            actions.assign(conversation, assignee=_member(change.assignee), by=by, now=moment)
        if change.labels is not None:
            actions.set_labels(conversation, labels=change.labels, by=by, now=moment)
        if change.status is not None:
            until = change.snoozed_until
            actions.set_status(conversation, status=change.status, snoozed_until=until, by=by, now=moment)
    return get_conversation(request, conversation_id)


def _member(member_id: str | None) -> Member | None:
    if not member_id:
        return None
    found = active_members().filter(pk=member_id).first()
    if found is None:
        raise Problem(422, "Refused.", f"There is no active member {member_id}. Nothing was changed.")
    return found


@router.post("/conversations/{conversation_id}/replies", auth=WRITE, response={201: MessageOut})
def reply(request: HttpRequest, conversation_id: str, answer: TextIn) -> Status[MessageOut]:
    """Answer through the channel it came by. Sending with a token is its member's approval; `Idempotency-Key`: once."""
    key = request.headers.get("Idempotency-Key", "")
    token = f"{token_of(request).pk}:{key}"[:100] if key else ""
    by = asker(request)
    conversation = conversation_for(by, conversation_id)
    return Status(
        201, MessageOut.of(actions.reply(conversation, text=answer.text, by=by, now=now(), token=token), None)
    )


@router.post("/conversations/{conversation_id}/notes", auth=WRITE, response={201: MessageOut})
def add_note(request: HttpRequest, conversation_id: str, note: TextIn) -> Status[MessageOut]:
    """Add a private note; it is never read by a model and never leaves."""
    by = asker(request)
    written = actions.add_private_note(conversation_for(by, conversation_id), text=note.text, by=by, now=now())
    return Status(201, MessageOut.of(written, None))


@router.post("/readings/{reading_id}/correction", auth=WRITE, response={201: dict[str, str]})
def correct(request: HttpRequest, reading_id: str, correction: CorrectionIn) -> Status[dict[str, str]]:
    """Say that a reading is wrong and what the message reads as; trajectory and state follow your word."""
    by = asker(request)
    reading = StoredReading.objects.select_related("conversation").get(pk=reading_id)
    conversation_for(by, reading.conversation_id)
    made = correct_reading(reading, cx=correction.cx, note=correction.note, by=by, now=now())
    return Status(201, {"id": made.pk, "reading": reading.pk, "cx": made.cx})
