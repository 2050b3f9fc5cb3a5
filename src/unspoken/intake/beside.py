"""What came before a short message: our last line, and what the customer had said and was read of it.

Of earlier messages only those count that were read themselves: without permission nothing is taken from words, not even
to understand later ones. Private notes, bots and system lines never count.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet, Window
from django.db.models.functions import Left, RowNumber

from unspoken.conversations.models import Author, Message, ReadingState
from unspoken.kit.prepared import Given, Prepared
from unspoken.readings.actions import Words

Thread = tuple[str, str]
"""A source and its own name of a conversation."""

BEFORE = 3  # of the customer's own earlier lines
_NEWEST = 8  # lines of a conversation that are looked at
_LONGEST = 600  # characters of a line


@dataclass(frozen=True, slots=True)
class Line:
    """A public line of a conversation."""

    thread: Thread
    at: datetime
    author: str
    text: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A customer's message to read, and the names of those who take part."""

    line: Line
    names: tuple[str, ...] = ()


def beside(asked: Sequence[Asked], arriving: Iterable[Line]) -> list[Words]:
    """Return each message with what came before it, where it is short; arriving: lines that are not stored yet."""
    words = [Words(one.line.text, names=one.names) for one in asked]
    short = [place for place, one in enumerate(words) if one.is_short]
    threads = {asked[place].line.thread for place in short}
    if not threads:
        return words
    lines: defaultdict[Thread, list[Line]] = defaultdict(list)
    for line in (*_stored(threads), *arriving):
        if line.thread in threads:
            lines[line.thread].append(line)
    for found in lines.values():
        found.sort(key=lambda line: line.at)  # stable: of one moment, stored before arriving, in their order
    for place in short:
        line = asked[place].line
        words[place] = _with_context(words[place], line, lines[line.thread])
    return words


def _with_context(words: Words, line: Line, lines: Sequence[Line]) -> Words:
    earlier = [one for one in lines if one.at < line.at]
    agent = next((one.text for one in reversed(earlier) if one.author == Author.AGENT), "")
    own = [one.text for one in earlier if one.author == Author.CUSTOMER]
    return Words(words.text, agent[-_LONGEST:], tuple(text[-_LONGEST:] for text in own[-BEFORE:]), words.names)


def _stored(threads: Iterable[Thread]) -> Iterable[Line]:
    names: defaultdict[str, set[str]] = defaultdict(set)
    for source, name in threads:
        names[source].add(name)
    for source, wanted in names.items():
        for name, at, author, text in _LINES(source=source, names=wanted):
            yield Line((source, name), at, author, text)


def _lines() -> "QuerySet[Message, Any]":
    counted = Q(author_kind=Author.AGENT) | Q(author_kind=Author.CUSTOMER, reading_state=ReadingState.READ)
    newest = Window(RowNumber(), partition_by="conversation_id", order_by=[F("occurred_at").desc(), F("id").desc()])
    return (
        Message.objects.filter(
            counted,
            private=False,
            conversation__source=Given("source"),
            conversation__external_id__among=Given("names"),
        )
        .annotate(newest=newest)
        .filter(newest__lte=_NEWEST)
        .order_by("occurred_at", "id")
        .values_list("conversation__external_id", "occurred_at", "author_kind", Left("text", _LONGEST))
    )


_LINES = Prepared(_lines)
