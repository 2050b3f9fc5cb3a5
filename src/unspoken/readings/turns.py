"""A conversation as `affect.trajectory` sees it: its newest public messages with what was read of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Left

from unspoken.affect.reading import Producer, Reading, Reason
from unspoken.affect.turns import Turn
from unspoken.affect.wording import LOOKED_AT
from unspoken.conversations.models import Author, Conversation, Message
from unspoken.kit.prepared import Given, Prepared

from .models import StoredReading
from .stored import in_words_of_a_person, unpack, unpack_all

NEWEST = 60
"""Turns that a trajectory rests on: later words decide, and a very long thread must not slow down the others."""


def turns_of_many(conversations: Sequence[Conversation]) -> dict[str, list[Turn]]:
    """Return the newest 60 turns of each conversation by its id, oldest first; few queries however many there are."""
    if not conversations:
        return {}
    by_conversation: dict[str, list[Any]] = {conversation.id: [] for conversation in conversations}
    long = [conversation.id for conversation in conversations if conversation.message_count > NEWEST]
    short = by_conversation.keys() - set(long)
    rows = _MESSAGES(conversations=short)
    for conversation_id in long:
        rows += _messages().filter(conversation_id=conversation_id).order_by("-occurred_at", "-id")[:NEWEST]
    for row in rows:
        by_conversation[row[1]].append(row)
    in_long = [row[0] for row in rows if row[1] not in short]
    readings = _readings(_READINGS(conversations=short) + (_READINGS_OF(messages=in_long) if in_long else []))
    return {
        conversation_id: [_turn(row, readings) for row in sorted(found, key=lambda row: (row[3], row[0]))]
        for conversation_id, found in by_conversation.items()
    }


def _messages() -> "QuerySet[Message, Any]":
    return Message.objects.filter(private=False).values_list(
        "id", "conversation_id", "author_kind", "occurred_at", "reason", Left("text", LOOKED_AT)
    )


def _read() -> "QuerySet[StoredReading, Any]":
    return StoredReading.objects.order_by("created_at", "id").values_list(
        "embedding", "message_id", "cx", "valence", "arousal", "confidence", "service", "correction__cx"
    )


_MESSAGES = Prepared(lambda: _messages().filter(conversation_id__among=Given("conversations")))
_READINGS = Prepared(lambda: _read().filter(conversation_id__among=Given("conversations")))
_READINGS_OF = Prepared(lambda: _read().filter(message_id__among=Given("messages")))


def _readings(rows: Sequence[tuple[Any, ...]]) -> dict[str, Reading]:
    """Return the newest model's reading of each message by its id, without labels and spans (not needed here)."""
    found: dict[str, Reading] = {}
    for row, embedding in zip(rows, unpack_all([row[0] for row in rows]), strict=True):
        _, message_id, cx, valence, arousal, confidence, service, corrected = row
        reading = Reading({}, cx, valence, arousal, confidence, (), _STORED, embedding, service=service or {})
        found[message_id] = in_words_of_a_person(reading, corrected) if corrected else reading
    return found


def reading_of(row: StoredReading) -> Reading:
    """Return what a turn keeps of a row just stored."""
    return Reading(
        {}, row.cx, row.valence, row.arousal, row.confidence, (), _STORED, unpack(row.embedding),
        service=row.service or {},
    )  # fmt: skip


_STORED = Producer("stored", "")


def _turn(row: Sequence[Any], readings: dict[str, Reading]) -> Turn:
    message_id, _, author, occurred_at, reason, text = row
    reading = readings.get(message_id)
    return turn_of(message_id, at=occurred_at, author=author, reason=reason, text=text, reading=reading)


def turn_of(message_id: str, *, at: datetime, author: Any, reason: str, text: str, reading: Reading | None) -> Turn:
    """Return a stored public message as a turn; `author` and `reason` as on the message."""
    if reason == Reason.AUTOMATIC:
        author = Author.SYSTEM
    if reason == Reason.NO_CONSENT:
        text = ""  # without permission nothing is taken from the words, not even that they repeat earlier ones
    return Turn.of(message_id, at.timestamp(), author, text[:LOOKED_AT], reading)
