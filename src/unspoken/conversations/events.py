"""What is recorded of conversations."""

from dataclasses import dataclass
from typing import ClassVar

from unspoken.journal.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageReceived(Event):
    """A message was stored. `reading_state` and `reason` as on the message; `author` customer, agent, bot or system."""

    kind: ClassVar[str] = "message.received"
    message_id: str
    author: str
    reading_state: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationChanged(Event):
    """`what` changed: status, assignee, team, labels, subject, note, merged, attention, or a call's recording."""

    kind: ClassVar[str] = "conversation.changed"
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxChanged(Event):
    """`what` happened to an inbox: created, changed."""

    kind: ClassVar[str] = "inbox.changed"
    inbox_id: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CannedReplyChanged(Event):
    """`what` happened to a canned reply: created, changed, deleted."""

    kind: ClassVar[str] = "canned_reply.changed"
    canned_reply_id: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyQueued(Event):
    """A member wrote an answer and pressed send: this is the approval under which it goes out, once."""

    kind: ClassVar[str] = "reply.queued"
    message_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplySent(Event):
    """An answer left, or could not (`error`)."""

    kind: ClassVar[str] = "reply.sent"
    message_id: str
    error: str = ""
