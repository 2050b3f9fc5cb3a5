"""Storing messages that came in, many at once and each one once."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from unspoken.conversations.events import ConversationChanged
from unspoken.conversations.models import Author, Conversation, Inbox, Message, Status
from unspoken.kit.prepared import Given, Prepared
from unspoken.kit.rows import insert_rows, update_rows
from unspoken.people.models import Channel

Key = tuple[str, str]
"""A source and its own name of a message or a conversation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """An unsaved message and where it belongs: `thread` is the source's own name of the conversation."""

    message: Message
    thread: str
    channel: Channel
    contact_id: str | None = None
    inbox: str = ""
    subject: str = ""

    @property
    def conversation_key(self) -> Key:
        """What the conversation is known by."""
        return self.message.source, self.thread


@dataclass(slots=True)
class Stored:
    """What was stored: the conversation of each message (same order), conversations by id, and what to record."""

    messages: list[Message]
    conversations: dict[str, Conversation]
    events: list[ConversationChanged] = field(default_factory=list)


def find_messages(keys: Iterable[Key]) -> dict[Key, Message]:
    """Return the stored messages among `keys`, with id, conversation, reading state and reason loaded."""
    found: dict[Key, Message] = {}
    for source, names in _by_source(keys).items():
        for message in _MESSAGES(source=source, names=names):
            found[message.source, message.external_id] = message
    return found


def find_conversations(keys: Iterable[Key], *, lock: bool = False) -> dict[Key, Conversation]:
    """Return the stored conversations among `keys`; lock: keep others from changing them until the commit."""
    found: dict[Key, Conversation] = {}
    for source, names in sorted(_by_source(keys).items()):
        for conversation in (_LOCKED if lock else _CONVERSATIONS)(source=source, names=names):
            found[conversation.source, conversation.external_id] = conversation
    return found


def _named(model: Any) -> Any:
    return model.objects.filter(source=Given("source"), external_id__among=Given("names")).order_by("id")


_MESSAGES = Prepared(
    lambda: _named(Message).only("id", "source", "external_id", "conversation_id", "reading_state", "reason")
)
_CONVERSATIONS = Prepared(lambda: _named(Conversation))
_LOCKED = Prepared(lambda: _named(Conversation).select_for_update(no_key=True))


def _by_source(keys: Iterable[Key]) -> Mapping[str, set[str]]:
    names: defaultdict[str, set[str]] = defaultdict(set)
    for source, name in keys:
        names[source].add(name)
    return names


def store_messages(incoming: Sequence[Incoming], *, now: datetime) -> Stored:
    """Store messages that are known to be new, making or moving their conversations, inside the caller's transaction.

    A customer's message reopens its conversation, unless it was written before that was resolved. The caller then
    writes the conversations with `save_moved` (a new one only there: once, with all that its messages made of it), and
    records the events, last of all.
    """
    known = find_conversations((one.conversation_key for one in incoming), lock=True)
    inboxes = _inboxes([one for one in incoming if one.conversation_key not in known], now)
    stored = Stored([one.message for one in incoming], {})
    for one in incoming:
        conversation = known.get(one.conversation_key)
        if conversation is None:
            conversation = known[one.conversation_key] = _opened(one, inboxes[_inbox_name(one)])
        stored.conversations[conversation.id] = conversation
        one.message.conversation = conversation
        if _moves(conversation, one):
            stored.events.append(
                ConversationChanged(
                    conversation_id=conversation.id, contact_id=conversation.contact_id or "",
                    team_id=conversation.team_id or "", what="status",
                )
            )  # fmt: skip
    insert_rows(stored.messages)
    return stored


def save_moved(conversations: Iterable[Conversation]) -> None:
    """Write conversations that are new, and on the others what receiving and reading messages changed."""
    made: list[Conversation] = []
    known: list[Conversation] = []
    for conversation in conversations:
        (made if conversation._state.adding else known).append(conversation)
    insert_rows(made)
    update_rows(
        known,
        ["contact", "status", "snoozed_until", "resolved_at", "subject", "opened_at", "last_message_at",
         "waiting_since", "message_count", "attention", "version"],
    )  # fmt: skip


def _opened(one: Incoming, inbox: Inbox) -> Conversation:
    at = one.message.occurred_at
    return Conversation(
        inbox=inbox, channel=one.channel, contact_id=one.contact_id, team_id=inbox.team_id, source=one.message.source,
        external_id=one.thread, subject=one.subject[:300], opened_at=at, last_message_at=at,
    )  # fmt: skip


def _moves(conversation: Conversation, one: Incoming) -> bool:
    """Let one message move its conversation; return whether that reopened it."""
    message, at = one.message, one.message.occurred_at
    conversation.message_count += 1
    conversation.version += 1
    if conversation.contact_id is None and one.contact_id is not None:
        conversation.contact_id = one.contact_id
    conversation.subject = conversation.subject or one.subject[:300]
    if message.private:
        return False
    conversation.opened_at = min(conversation.opened_at, at)
    conversation.last_message_at = max(conversation.last_message_at, at)
    if message.author_kind in {Author.AGENT, Author.BOT}:
        if conversation.waiting_since and conversation.waiting_since <= at:
            conversation.waiting_since = None
        return False
    return message.author_kind == Author.CUSTOMER and _waits(conversation, at)


def _waits(conversation: Conversation, at: datetime) -> bool:
    conversation.waiting_since = conversation.waiting_since or at
    if conversation.status == Status.OPEN or (conversation.resolved_at and at < conversation.resolved_at):
        return False
    conversation.status = Status.OPEN
    conversation.resolved_at = conversation.snoozed_until = None
    return True


def _inbox_name(one: Incoming) -> str:
    return one.inbox or Channel(one.channel).label


def _inboxes(incoming: Sequence[Incoming], now: datetime) -> dict[str, Inbox]:
    channels = {_inbox_name(one): one.channel for one in incoming}
    if not channels:
        return {}
    found = {inbox.name: inbox for inbox in Inbox.objects.filter(name__in=channels)}
    for name in sorted(channels.keys() - found.keys()):
        found[name], _ = Inbox.objects.get_or_create(name=name, defaults={"channel": channels[name], "created_at": now})
    return found
