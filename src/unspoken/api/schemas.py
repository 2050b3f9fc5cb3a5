"""What the API answers with: ids, words and numbers of one thing each, made from its row."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Generic, TypeVar

from ninja import Schema

from unspoken.conversations.models import Conversation, Message
from unspoken.flags.models import Flag, Rule
from unspoken.people.models import Contact
from unspoken.privacy.models import ConsentDecision
from unspoken.readings.models import ConversationTrajectory
from unspoken.readings.queries import Effective
from unspoken.staff.models import Member

T = TypeVar("T")


class PageOut(Schema, Generic[T]):
    """One page of a list; `next_cursor` is null on the last."""

    items: list[T]
    next_cursor: str | None = None


class Named(Schema):
    id: str
    name: str

    @classmethod
    def of(cls, row: Any) -> "Named | None":
        """Return id and name of a row, or None."""
        return cls(id=row.pk, name=str(row)) if row else None


class ConversationOut(Schema):
    id: str
    channel: str
    inbox: Named | None
    contact: Named | None
    team: Named | None
    assignee: Named | None
    status: str
    snoozed_until: datetime | None
    subject: str
    labels: list[str]
    opened_at: datetime
    last_message_at: datetime
    waiting_since: datetime | None
    message_count: int
    attention: float

    @classmethod
    def of(cls, row: Conversation) -> "ConversationOut":
        """Return a conversation that was read with its inbox, contact, team, assignee and labels."""
        same = ("channel", "status", "snoozed_until", "subject", "opened_at", "last_message_at", "waiting_since")
        return cls(
            id=row.pk, inbox=Named.of(row.inbox), contact=Named.of(row.contact), team=Named.of(row.team),
            assignee=Named.of(row.assignee), labels=[label.name for label in row.labels.all()],
            message_count=row.message_count, attention=round(row.attention, 4),
            **{name: getattr(row, name) for name in same},
        )  # fmt: skip


class SpanOut(Schema):
    """Characters start…end (exclusive) of the message's text, and how much they carried the label."""

    start: int
    end: int
    label: str
    weight: float


class ReadingOut(Schema):
    """What a message expresses, as a model read it; `corrected` is what a person said that it reads as instead."""

    id: str
    expresses: str
    probability: float
    labels: dict[str, float]
    cx: dict[str, float]
    valence: float
    arousal: float
    dominance: float | None
    service: dict[str, float]
    confidence: float
    spans: list[SpanOut]
    area: str
    model: dict[str, str]
    corrected: str | None

    @classmethod
    def of(cls, effective: Effective) -> "ReadingOut":
        """Return a stored reading with what counts of it."""
        row, counts = effective.stored, effective.reading
        return cls(
            id=row.pk, expresses=counts.top, probability=round(counts.cx[counts.top], 4), labels=dict(row.labels),
            cx=dict(counts.cx), valence=counts.valence, arousal=counts.arousal, confidence=counts.confidence,
            dominance=counts.dominance, service=dict(counts.service),
            spans=[SpanOut(start=s[0], end=s[1], label=s[2], weight=s[3]) for s in row.spans], area=row.area,
            model={"name": row.model, "version": row.model_version, "sha256": row.model_sha256},
            corrected=effective.correction.cx if effective.correction else None,
        )  # fmt: skip


class MessageOut(Schema):
    """One message. `reading_state` says whether it was read; `reason` why not; `reading` what it expresses."""

    id: str
    kind: str
    author: str
    author_name: str
    private: bool
    text: str
    quoted: str
    signature: str
    stars: int | None
    occurred_at: datetime
    received_at: datetime
    reading_state: str
    reason: str
    reading: ReadingOut | None
    sending: str

    @classmethod
    def of(cls, row: Message, effective: Effective | None) -> "MessageOut":
        """Return a message with its reading, if any."""
        same = (
            "kind", "author_name", "private", "text", "stars", "occurred_at", "received_at", "reading_state", "reason",
            "sending",
        )  # fmt: skip
        return cls(
            id=row.pk, author=row.author_kind, quoted=row.folded.get("quoted", ""),
            signature=row.folded.get("signature", ""), reading=ReadingOut.of(effective) if effective else None,
            **{name: getattr(row, name) for name in same},
        )  # fmt: skip


class TrajectoryOut(Schema):
    """How the readings of a conversation move; `numbers` holds turning points, causes and points for drawing."""

    direction: str
    level: float
    slope: float
    ends_badly: float
    numbers: dict[str, Any]
    updated_at: datetime

    @classmethod
    def of(cls, row: ConversationTrajectory | None) -> "TrajectoryOut | None":
        """Return a stored trajectory, or None where nothing was read yet."""
        return cls(**{name: getattr(row, name) for name in cls.model_fields}) if row else None


class ContactOut(Schema):
    id: str
    name: str
    title: str
    organisation: Named | None
    owner: Named | None
    tags: list[str]
    identities: list[dict[str, str]]
    city: str
    country: str
    language: str
    attributes: dict[str, Any]
    preferences: dict[str, Any]
    created_at: datetime
    last_seen_at: datetime | None

    @classmethod
    def of(cls, row: Contact) -> "ContactOut":
        """Return a contact with its tags and identities."""
        same = (
            "name", "title", "city", "country", "language", "attributes", "preferences", "created_at", "last_seen_at",
        )  # fmt: skip
        return cls(
            id=row.pk, organisation=Named.of(row.organisation), owner=Named.of(row.owner),
            tags=[tag.name for tag in row.tags.all()],
            identities=[{"id": each.pk, "kind": each.kind, "handle": each.handle} for each in row.identities.all()],
            **{name: getattr(row, name) for name in same},
        )  # fmt: skip


class ConsentOut(Schema):
    modality: str
    purpose: str
    decision: str
    notice: str
    source: str
    basis: str
    decided_at: datetime

    @classmethod
    def all_of(cls, rows: Iterable[ConsentDecision]) -> "list[ConsentOut]":
        """Return decisions."""
        return [cls(**{name: getattr(row, name) for name in cls.model_fields}) for row in rows]


class FlagOut(Schema):
    """Something that needs a person, with the evidence, and what would have made it not a flag."""

    id: str
    rule: str
    rule_version: int
    title: str
    conversation: str
    message: str
    contact: str | None
    status: str
    held: str
    evidence: dict[str, Any]
    counterfactual: list[Any]
    reason: str
    raised_at: datetime
    decided_at: datetime | None
    snoozed_until: datetime | None

    @classmethod
    def of(cls, row: Flag) -> "FlagOut":
        """Return a flag that was read with its rule."""
        same = (
            "rule_version", "status", "held", "evidence", "counterfactual", "reason", "raised_at", "decided_at",
            "snoozed_until",
        )  # fmt: skip
        return cls(
            id=row.pk, rule=row.rule.name, title=row.rule.title, conversation=row.conversation_id,
            message=row.message_id, contact=row.contact_id, **{name: getattr(row, name) for name in same},
        )  # fmt: skip


class RuleOut(Schema):
    name: str
    title: str
    description: str
    purpose: str
    condition: dict[str, Any]
    enabled: bool
    version: int
    cooldown_seconds: int
    urgent: bool

    @classmethod
    def of(cls, row: Rule) -> "RuleOut":
        """Return a rule."""
        return cls(**{name: getattr(row, name) for name in cls.model_fields})


class MemberOut(Schema):
    id: str
    name: str
    role: str

    @classmethod
    def of(cls, row: Member) -> "MemberOut":
        """Return what colleagues may know of a member."""
        return cls(id=row.pk, name=row.name, role=row.role)
