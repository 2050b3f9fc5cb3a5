"""The newest public lines of a conversation, which a short message is read with.

Ours, and of the customer's only those that were read themselves: without permission nothing is taken from words, not
even to understand later ones. Private notes, bots and system lines never count.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet, Window
from django.db.models.functions import Right, RowNumber

from unspoken.conversations.models import Author, Message, ReadingState
from unspoken.kit.prepared import Given, Prepared

NEWEST = 8  # lines of a conversation that are looked at
LONGEST = 300  # characters of a line, its last ones; what counts of it is far shorter


@dataclass(frozen=True, slots=True)
class Line:
    """A public line: the name that its source gave it, when it was written, by whom, and how it ends."""

    name: str
    at: datetime
    author: str
    text: str


def line_of(name: str, at: datetime, author: str, text: str) -> Line:
    """Return a line with the end of its text."""
    return Line(name, at, str(author), text[-LONGEST:])


def newest(lines: Iterable[Line]) -> Sequence[Line]:
    """Return the newest 8 of a conversation's lines, each once, oldest first."""
    return sorted({line.name: line for line in lines}.values(), key=lambda line: (line.at, line.name))[-NEWEST:]


def stored_lines(conversation_ids: Iterable[str]) -> dict[str, Sequence[Line]]:
    """Return the newest 8 lines of each conversation by its id."""
    found: dict[str, list[Line]] = {one: [] for one in conversation_ids}
    if found:
        for conversation_id, *line in _LINES(conversations=found.keys()):
            found[conversation_id].append(Line(*line))
    return {one: newest(lines) for one, lines in found.items()}


def _lines() -> "QuerySet[Message, Any]":
    counted = Q(author_kind=Author.AGENT) | Q(author_kind=Author.CUSTOMER, reading_state=ReadingState.READ)
    rank = Window(RowNumber(), partition_by="conversation_id", order_by=[F("occurred_at").desc(), F("id").desc()])
    return (
        Message.objects.filter(counted, private=False, conversation_id__among=Given("conversations"))
        .annotate(rank=rank)
        .filter(rank__lte=NEWEST)
        .values_list("conversation_id", "external_id", "occurred_at", "author_kind", Right("text", LONGEST))
    )


_LINES = Prepared(_lines)
