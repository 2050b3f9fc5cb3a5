"""What a connector is: it checks where a delivery comes from, turns it into Inbound, and sends answers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from unspoken.conversations.models import Inbox, Message
from unspoken.intake.inbound import Inbound
from unspoken.people.models import Channel

from .forms import SettingsForm


class SignatureError(Exception):
    """A delivery does not prove where it comes from. The sender is told nothing more; the log is told why."""


class PayloadError(ValueError):
    """A delivery cannot be read at all; the message says why."""


class SendError(Exception):
    """An answer did not leave; the message is shown to members.

    permanent: trying again is of no use. uncertain: it may have left all the same; unless nobody can ever tell
    (permanent as well), `was_sent` is asked before it is tried again. Neither: it certainly did not leave.
    """

    def __init__(self, message: str, *, permanent: bool = False, uncertain: bool = False) -> None:
        super().__init__(message)
        self.permanent, self.uncertain = permanent, uncertain


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One request of another system: the body as its bytes came, headers by lower-case name, the URL's query."""

    body: bytes
    headers: Mapping[str, str]
    query: Mapping[str, str]
    at: datetime


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a delivery holds: messages, and in words what of it was left aside.

    updated: whether it tells how messages read now that may have come in before.
    """

    messages: tuple[Inbound, ...] = ()
    ignored: tuple[str, ...] = ()
    updated: bool = False


class Connector(Protocol):
    """One outside system. `name` is its folder's name; `title` what members read; `channel` its usual channel."""

    name: str
    title: str
    channel: Channel
    settings_form: type[SettingsForm]

    def verify(self, delivery: Delivery, inbox: Inbox) -> None:
        """Raise SignatureError unless the delivery comes from the system that `inbox` is set up for."""

    def parse(self, delivery: Delivery, inbox: Inbox) -> Parsed:
        """Return what a verified delivery holds; no database, no network. Raises PayloadError for rubbish."""

    def send(self, message: Message, inbox: Inbox) -> str:
        """Send an approved answer; return the other system's id of it. Raises SendError."""

    def was_sent(self, message: Message, inbox: Inbox) -> str:
        """Return the other system's id of an answer that may have left, or '' when it certainly did not.

        Raises SendError, `uncertain` when that cannot be told now, `permanent` as well when it never can.
        """

    def probe(self, settings: Mapping[str, Any]) -> list[str]:
        """Try checked settings out without changing or sending anything; return in words what does not work."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What was fetched in one go, and the state to go on from once it is durable."""

    messages: tuple[Inbound, ...]
    state: Mapping[str, Any]
    ignored: tuple[str, ...] = ()


@runtime_checkable
class Polling(Protocol):
    """A connector that is not told of messages but looks for them."""

    def poll(self, inbox: Inbox, state: Mapping[str, Any], *, now: datetime) -> Iterator[Fetched]:
        """Yield what is new since `state` ({} at first), oldest first; raises PollError."""


class PollError(Exception):
    """The other system could not be asked; the message says what happened and what to do."""


def source_of(inbox: Inbox) -> str:
    """Return the source under which an inbox's messages are known: its connector and its id."""
    return f"{inbox.connector}:{inbox.pk}"
