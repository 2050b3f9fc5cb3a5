"""What was read, and what follows from it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast
from zoneinfo import ZoneInfo

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from unspoken.affect.reading import Reading
from unspoken.affect.repetition import same_thing
from unspoken.affect.sentence import Sentence, describe
from unspoken.affect.state import Area, State
from unspoken.affect.tone import Window
from unspoken.affect.turns import Turn
from unspoken.conversations.models import Conversation
from unspoken.kit.prepared import Given, Prepared

from .models import ContactState, ConversationTrajectory, Correction, StoredReading, ToneReading
from .stored import effective, unpack, unpack_all
from .turns import turns_of_many

Earlier = tuple[str, float, NDArray[np.float32]]
"""A conversation's id, when it began (epoch seconds) and what it is about (unit embedding)."""

LOOKS_BACK = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Effective:
    """A stored reading, a person's correction if there is one, and what therefore counts."""

    stored: StoredReading
    correction: Correction | None
    reading: Reading


def effective_readings(conversation: Conversation, *, messages: Collection[str] | None = None) -> dict[str, Effective]:
    """Return by message id what was read of each message of a conversation, corrections applied; the newest model's.

    messages: ids of those wanted, if not all.
    """
    rows = StoredReading.objects.filter(conversation=conversation).select_related("correction", "correction__by")
    if messages is not None:
        rows = rows.filter(message__in=messages)
    return {
        row.message_id: Effective(row, getattr(row, "correction", None), effective(row))
        for row in rows.order_by("created_at", "id")
    }


def corrected_of(conversation: Conversation) -> frozenset[str]:
    """Return the ids of the messages of a conversation of which a person said what they read as."""
    rows = StoredReading.objects.filter(conversation=conversation, correction__isnull=False)
    return frozenset(rows.values_list("message_id", flat=True))


def turns_of(conversation: Conversation) -> list[Turn]:
    """Return the newest 60 public turns of a conversation, oldest first, as its trajectory rests on them."""
    return turns_of_many([conversation])[conversation.id]


def trajectory_of(conversation: Conversation) -> ConversationTrajectory | None:
    """Return the stored trajectory of a conversation, or None before anything was followed."""
    return ConversationTrajectory.objects.filter(conversation=conversation).first()


def tones_of(conversation: Conversation) -> list[ToneReading]:
    """Return what the tone of the customer's voice expressed in a call, window by window, by the newest model."""
    rows = list(ToneReading.objects.filter(conversation=conversation).order_by("begins", "id"))
    newest = max(rows, key=lambda row: (row.created_at, row.id)).model if rows else ""
    return [row for row in rows if row.model == newest]


def tone_windows(rows: Iterable[ToneReading]) -> list[Window]:
    """Return stored windows of a call as `affect.tone` looks at them, in their order."""
    return [Window(row.begins, row.ends, None if row.reason else row.scales["stress"]) for row in rows]


def states_of(contact_id: str) -> dict[Area, State]:
    """Return what is currently known of a contact, by area."""
    rows = ContactState.objects.filter(contact_id=contact_id)
    return {cast(Area, row.area): State.from_json(row.numbers) for row in rows}


def contact_sentence(contact_id: str, now: datetime) -> Sentence:
    """Return what is currently known of a contact as one sentence with its evidence."""
    return sentence_of(states_of(contact_id), now)


def sentence_of(states: Mapping[Area, State], now: datetime) -> Sentence:
    """Return what a contact's states say as one sentence, in the installation's time zone."""
    return describe(states, now.timestamp(), tz=ZoneInfo(settings.TIME_ZONE))


def earlier_conversations(conversations: Sequence[Conversation], *, now: datetime) -> dict[str, list[Earlier]]:
    """Return for each conversation the contact's earlier ones of the last 180 days that have been read."""
    contacts = {one.contact_id for one in conversations if one.contact_id}
    if not contacts:
        return {}
    rows = _EARLIER(contacts=contacts, since=now - LOOKS_BACK)
    by_contact: defaultdict[str | None, list[Earlier]] = defaultdict(list)
    embeddings = unpack_all([row[3] for row in rows])
    for (contact_id, conversation_id, opened_at, _), about in zip(rows, embeddings, strict=True):
        if about is not None:
            by_contact[contact_id].append((conversation_id, opened_at.timestamp(), about))
    return {
        one.id: [
            earlier for earlier in by_contact[one.contact_id]
            if earlier[0] != one.id and earlier[1] < one.opened_at.timestamp()
        ]
        for one in conversations
    }  # fmt: skip


_EARLIER = Prepared(
    lambda: ConversationTrajectory.objects.filter(
        conversation__contact_id__among=Given("contacts"), conversation__last_message_at__gte=Given("since"),
        embedding__isnull=False,
    ).values_list("conversation__contact_id", "conversation_id", "conversation__opened_at", "embedding")
)  # fmt: skip


def same_thing_before(
    conversation: Conversation, *, now: datetime, trajectory: ConversationTrajectory | None = None
) -> tuple[str, ...]:
    """Return the ids of the contact's earlier conversations about the same thing, oldest first.

    trajectory: the conversation's own, where it is at hand already.
    """
    row = trajectory or trajectory_of(conversation)
    about = unpack(row.embedding) if row else None
    if about is None:
        return ()
    return same_thing(about, earlier_conversations([conversation], now=now)[conversation.id])


def trajectories_of(conversations: Iterable[Conversation]) -> dict[str, ConversationTrajectory]:
    """Return the stored trajectory of each conversation that has one, by conversation id, in one query."""
    rows = ConversationTrajectory.objects.filter(conversation__in=[one.id for one in conversations])
    return {row.conversation_id: row for row in rows.defer("embedding")}
