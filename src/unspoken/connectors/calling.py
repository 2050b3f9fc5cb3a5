"""What a connector is through which calls come in: frames of a WebSocket in, happenings out, and frames to answer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

from unspoken.calls.happenings import Happening
from unspoken.conversations.models import Inbox

from .base import Delivery

Frame = str | bytes
"""A text frame or a binary frame."""


class Talk(Protocol):
    """One connection's conversation in the other system's words. Pure: no database, no network, no clock.

    One is made for each connection. Whatever comes, it raises nothing but PayloadError, which ends the connection.
    """

    def take(self, frame: Frame, *, now: datetime) -> Sequence[Happening]:
        """Return what a frame tells, in order; raises PayloadError for rubbish."""

    def answers(self) -> Sequence[Frame]:
        """Return the frames to send now, once each."""

    def quiet(self, why: str) -> None:
        """Note that nothing more is listened to on this line; what there is to tell the other side is in `answers`."""

    def leave(self, why: str) -> None:
        """Note that we are about to close the connection; the last words are in `answers`."""


@runtime_checkable
class Calling(Protocol):
    """A connector through which calls come in. `subprotocols`: of WebSocket, that it speaks; usually none."""

    subprotocols: tuple[str, ...]

    def admit(self, upgrade: Delivery, inbox: Inbox) -> Talk:
        """Return the talk of a new connection.

        upgrade: the request of the upgrade, with its headers, its query and an empty body; its target as
        `upgrade.headers[":path"]` with the query as it came, its scheme as ":scheme" (ws or wss). Raises
        SignatureError unless it comes from the system that `inbox` is set up for.
        """
