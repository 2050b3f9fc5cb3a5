"""Inbound: the one normalised event. Vendor words end here; every door makes these and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from unspoken.conversations.models import Author, Kind
from unspoken.people.models import Channel, IdentityKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Handle:
    """One way to know a contact: an identity's kind and its handle as the source wrote it."""

    kind: IdentityKind
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The contact of a conversation as the source knows them; handles in order of trust."""

    handles: tuple[Handle, ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbound:
    """One message on its way in.

    source + external_id name it uniquely for ever; conversation_id is the source's own name of the conversation.
    `person` is the customer of the conversation, whoever wrote this message; `member_email` the agent who wrote it.
    `automatic` marks auto-replies and delivery reports: kept, never read.
    """

    source: str
    external_id: str
    conversation_id: str
    channel: Channel
    kind: Kind
    author: Author
    occurred_at: datetime
    text: str
    person: Person | None = None
    author_name: str = ""
    member_email: str = ""
    private: bool = False
    automatic: bool = False
    inbox: str = ""  # its name; empty: the default inbox of the channel
    subject: str = ""
    stars: int | None = None
    product: str = ""
    language: str = ""
    quoted: str = ""
    signature: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)
