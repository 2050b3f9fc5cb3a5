"""What a message looks like when it is sent in, and how it becomes an `Inbound`."""

import asyncio
from datetime import datetime
from typing import Annotated, Any

from ninja import Schema
from pydantic import ConfigDict, Field

from unspoken.conversations.models import Author, Kind
from unspoken.intake import batcher
from unspoken.intake.inbound import Handle, Inbound, Person
from unspoken.intake.receipt import Receipt
from unspoken.people.models import Channel, IdentityKind

LONGEST_WAIT = 30.0  # seconds for an acknowledgement
USUAL_KIND = {
    Channel.CHAT: Kind.CHAT, Channel.EMAIL: Kind.EMAIL, Channel.CALL: Kind.SEGMENT, Channel.REVIEW: Kind.REVIEW,
    Channel.SURVEY: Kind.SURVEY, Channel.MENTION: Kind.MENTION,
}  # fmt: skip


class Strict(Schema):
    """Refuses fields that it does not know, so that a typing error is noticed and not lost."""

    model_config = ConfigDict(extra="forbid")


class HandleIn(Strict):
    kind: IdentityKind
    value: Annotated[str, Field(min_length=1, max_length=254)]


class PersonIn(Strict):
    """The customer of the conversation: handles in order of trust."""

    handles: Annotated[list[HandleIn], Field(max_length=10)] = []
    name: Annotated[str, Field(max_length=200)] = ""

    def person(self) -> Person:
        """Return the normalised person."""
        return Person(handles=tuple(Handle(kind=each.kind, value=each.value) for each in self.handles), name=self.name)


class MessageIn(Strict):
    """One message. `source` + `external_id` name it for ever: sent again, it has one effect."""

    source: Annotated[str, Field(description="The system it comes from, e.g. `shop-chat`", min_length=1, max_length=60)]
    external_id: Annotated[str, Field(description="The source's own id of the message", min_length=1, max_length=254)]
    conversation_id: Annotated[
        str, Field(description="The source's own id of the conversation", min_length=1, max_length=254)
    ]
    channel: Channel
    kind: Kind | None = None
    author: Author
    occurred_at: datetime | None = Field(None, description="With its time zone; left out: now")
    text: str
    person: PersonIn | None = None
    author_name: Annotated[str, Field(max_length=200)] = ""
    member_email: Annotated[str, Field(max_length=254)] = ""
    private: bool = False
    automatic: bool = False
    inbox: Annotated[str, Field(max_length=120)] = ""
    subject: Annotated[str, Field(max_length=300)] = ""
    stars: Annotated[int | None, Field(ge=0, le=10)] = None
    product: Annotated[str, Field(max_length=200)] = ""
    language: Annotated[str, Field(max_length=12)] = ""
    quoted: str = ""
    signature: str = ""
    metadata: dict[str, Any] = {}

    def inbound(self, *, now: datetime) -> Inbound:
        """Return the normalised event."""
        person = self.person.person() if self.person else None
        taken = {
            name: getattr(self, name)
            for name in (
                "source", "external_id", "conversation_id", "channel", "author", "text", "author_name", "member_email",
                "private", "automatic", "inbox", "subject", "stars", "product", "language", "quoted", "signature",
                "metadata",
            )
        }  # fmt: skip
        return Inbound(
            **taken, person=person, kind=self.kind or USUAL_KIND[self.channel], occurred_at=self.occurred_at or now
        )


async def acknowledged(inbound: Inbound) -> Receipt:
    """Submit a message and return its receipt once it is durable.

    Raises Busy when there is no room, TimeoutError after half a minute, or what storing it met.
    """
    return await asyncio.wait_for(asyncio.wrap_future(batcher.submit(inbound)), LONGEST_WAIT)


class ReceiptOut(Schema):
    """What became of a message. `duplicate` names the message that was stored the first time."""

    status: str
    message: str = ""
    conversation: str = ""
    reading_state: str = ""
    reason: str = ""

    @classmethod
    def of(cls, receipt: Receipt) -> dict[str, str]:
        """Return a stored or duplicate receipt as JSON values."""
        return {
            "status": receipt.status, "message": receipt.message_id, "conversation": receipt.conversation_id,
            "reading_state": receipt.reading_state, "reason": receipt.reason,
        }  # fmt: skip
