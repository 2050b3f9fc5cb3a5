"""Conversations under way, remembered from one message to the next instead of loaded anew for each.

A conversation's `version` grows with every change, so what is remembered of a version is what the database holds of
it, whoever else writes there. Only what was committed is remembered.
"""

from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from threading import Lock
from time import monotonic

from django.db import transaction

from unspoken.affect.reading import Reading
from unspoken.affect.turns import Turn
from unspoken.conversations.models import Author, Conversation, Message, ReadingState
from unspoken.kit.prepared import Given, Prepared

from .lines import Line, line_of, newest, stored_lines
from .models import StoredReading
from .turns import NEWEST, reading_of, turn_of, turns_of_many

Thread = tuple[str, str]
"""A source and its own name of a conversation."""

MOST = 5_000
"""Turns that a process remembers, some 5 kB each; of the conversations that moved last."""

LONGEST = 1_800.0
"""Seconds after which a conversation that has not moved is forgotten."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """A conversation as of a version: its newest 60 turns and newest 8 lines, oldest first; None: not known."""

    version: int
    turns: Sequence[Turn] | None = None
    lines: Sequence[Line] | None = None


class Recollection:
    """What is remembered of conversations. Safe to use from several threads."""

    def __init__(self, most: int = MOST) -> None:
        self._most, self._count, self._lock = most, 0, Lock()
        self._kept: OrderedDict[str, tuple[Remembered, float]] = OrderedDict()

    def recall(self, conversation_id: str, version: int) -> Remembered:
        """Return what is remembered of a conversation as of exactly this version."""
        with self._lock:
            found = self._kept.get(conversation_id)
        return found[0] if found and found[0].version == version else Remembered(version)

    def remember(self, conversations: Mapping[str, Remembered]) -> None:
        """Keep what is known of conversations; forget those that have not moved for longest."""
        now = monotonic()
        with self._lock:
            for conversation_id, known in conversations.items():
                self._forget(conversation_id)
                self._kept[conversation_id] = known, now
                self._count += _size(known)
            while self._kept and (self._count > self._most or next(iter(self._kept.values()))[1] < now - LONGEST):
                self._forget(next(iter(self._kept)))

    def forget(self) -> None:
        """Forget everything."""
        with self._lock:
            self._kept.clear()
            self._count = 0

    def _forget(self, conversation_id: str) -> None:
        if known := self._kept.pop(conversation_id, None):
            self._count -= _size(known[0])


def _size(known: Remembered) -> int:
    return 1 + len(known.turns or ())


recollection = Recollection()
"""What this process remembers."""


def turns_with(
    arrived: Sequence[Message], *, of: Sequence[Conversation], made: Iterable[StoredReading]
) -> dict[str, Sequence[Turn]]:
    """Return the newest 60 turns of each conversation, those that `arrived` among them, as `turns_of_many` would.

    arrived: messages just stored in the caller's transaction, each of which has moved its conversation's version by
    one; made: what was read of them, or of earlier ones.
    """
    new: defaultdict[str, list[Message]] = defaultdict(list)
    for message in arrived:
        if not message.private:
            new[message.conversation_id].append(message)
    before = _before(of, arrived)
    loaded = turns_of_many([one for one in of if before[one.id].turns is None])
    readings = {row.message_id: reading_of(row) for row in made}
    after: dict[str, Remembered] = {}
    turns: dict[str, Sequence[Turn]] = {}
    for one in of:
        known, more = before[one.id], new[one.id]
        turns[one.id] = loaded.get(one.id) or _with(known.turns or (), [_turn(message, readings) for message in more])
        lines = known.lines if known.lines is None else newest([*known.lines, *_lines(more)])
        after[one.id] = Remembered(one.version, turns[one.id], lines)
    transaction.on_commit(partial(recollection.remember, after))
    return turns


def _before(conversations: Iterable[Conversation], arrived: Iterable[Message]) -> dict[str, Remembered]:
    """Return what is remembered of conversations as they were before the messages that arrived: of new ones, all."""
    moved: defaultdict[str, int] = defaultdict(int)
    for message in arrived:
        moved[message.conversation_id] += 1
    return {
        one.id: Remembered(0, (), ())
        if one._state.adding and moved[one.id]
        else recollection.recall(one.id, one.version - moved[one.id])
        for one in conversations
    }


def lines_of(threads: Iterable[Thread]) -> dict[Thread, Sequence[Line]]:
    """Return the newest 8 lines of each conversation that is stored, by its source and its source's name for it."""
    names: defaultdict[str, set[str]] = defaultdict(set)
    for source, name in threads:
        names[source].add(name)
    rows = [
        ((source, name), conversation_id, version)
        for source, wanted in names.items()
        for name, conversation_id, version in _VERSIONS(source=source, names=wanted)
    ]
    known = {conversation_id: recollection.recall(conversation_id, version) for _, conversation_id, version in rows}
    loaded = stored_lines([one for one, remembered in known.items() if remembered.lines is None])
    recollection.remember({one: replace(known[one], lines=lines) for one, lines in loaded.items()})
    return {thread: known[one].lines or loaded.get(one, ()) for thread, one, _ in rows}


_VERSIONS = Prepared(
    lambda: Conversation.objects.filter(source=Given("source"), external_id__among=Given("names")).values_list(
        "external_id", "id", "version"
    )
)


def _with(turns: Sequence[Turn], more: Sequence[Turn]) -> Sequence[Turn]:
    return sorted((*turns, *more), key=lambda turn: (turn.at, turn.id))[-NEWEST:] if more else turns


def _turn(message: Message, readings: Mapping[str, Reading]) -> Turn:
    return turn_of(
        message.id, at=message.occurred_at, author=str(message.author_kind), reason=message.reason, text=message.text,
        reading=readings.get(message.id),
    )  # fmt: skip


def _lines(messages: Iterable[Message]) -> Iterable[Line]:
    for message in messages:
        if message.author_kind == Author.AGENT or message.reading_state == ReadingState.READ:
            yield line_of(message.external_id, message.occurred_at, message.author_kind, message.text)
