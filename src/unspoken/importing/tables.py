"""Rows of a table, from CSV or JSON, to messages."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from unspoken.conversations.models import Author, Kind
from unspoken.intake.inbound import Handle, Inbound, Person
from unspoken.people.models import Channel, IdentityKind

from .moments import Dates
from .people import Origin
from .pieces import Piece, Refused

KINDS: Mapping[Channel, Kind] = {
    Channel.CHAT: Kind.CHAT, Channel.EMAIL: Kind.EMAIL, Channel.CALL: Kind.SEGMENT, Channel.REVIEW: Kind.REVIEW,
    Channel.SURVEY: Kind.SURVEY, Channel.MENTION: Kind.MENTION,
}  # fmt: skip
_CHANNELS = {
    "email": Channel.EMAIL, "mail": Channel.EMAIL, "call": Channel.CALL, "phone": Channel.CALL, "voice": Channel.CALL,
    "segment": Channel.CALL, "review": Channel.REVIEW, "reviews": Channel.REVIEW, "survey": Channel.SURVEY,
    "nps": Channel.SURVEY, "csat": Channel.SURVEY, "feedback": Channel.SURVEY, "mention": Channel.MENTION,
    "tweet": Channel.MENTION, "twitter": Channel.MENTION, "social": Channel.MENTION, "post": Channel.MENTION,
}  # fmt: skip
_YES = {"1", "true", "t", "yes", "y", "private", "internal"}
_ALONE = {Channel.REVIEW, Channel.SURVEY, Channel.MENTION}  # each its own conversation
_HANDLES = {
    "email": IdentityKind.EMAIL, "phone": IdentityKind.PHONE, "customer": IdentityKind.EXTERNAL,
    "handle": IdentityKind.CHAT,
}  # fmt: skip
_REMEMBERED = 20_000  # conversations whose customer is known without being named again
Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """How the rows of one file are understood: `columns` by field, its dates, its origin, its usual channel."""

    origin: Origin
    columns: Mapping[str, str]
    dates: Dates
    channel: Channel
    _people: dict[str, Person] = field(default_factory=dict)

    def message(self, piece: Piece) -> Inbound:
        """Return the message that a row is; raises Refused."""
        row: Row = {meaning: piece.content.get(column, "") for meaning, column in self.columns.items()}
        at, told = self._time(row, piece.number)
        author, member_email = self._author(row)
        channel = self._channel(row)
        own_id = row.get("id", "").strip()
        conversation = self._conversation(row, channel, at, own_id or str(piece.number))
        metadata = {} if told else {"time": "not in the file"}
        return Inbound(
            source=self.origin.source,
            external_id=own_id or f"row:{content_hash(piece.content.values())}:{piece.number}",
            conversation_id=conversation,
            channel=channel, kind=KINDS[channel], author=author, occurred_at=at, text=row.get("text", ""),
            person=self._person(row, conversation) if author == Author.CUSTOMER else None,
            author_name=row.get("name", "").strip() if author == Author.CUSTOMER else "",
            member_email=member_email, private=row.get("private", "").strip().lower() in _YES,
            inbox=self.origin.inbox, subject=row.get("subject", "").strip(), stars=_stars(row.get("stars", "")),
            product=row.get("product", "").strip(), language=row.get("language", "").strip()[:12], metadata=metadata,
        )  # fmt: skip

    def _time(self, row: Row, number: int) -> tuple[datetime, bool]:
        """Return when a row was written; if no column tells, in the file's order, a day before it was saved."""
        if "time" not in row:
            return self.origin.saved_at - timedelta(days=1) + timedelta(milliseconds=number), False
        try:
            return self.dates.read(row["time"]), True
        except (ValueError, OverflowError, OSError) as error:
            raise Refused(
                "time", f"{row['time'][:60]!r} is no date and time; write it like 2026-11-23T09:30:00Z."
            ) from error

    def _author(self, row: Row) -> tuple[Author, str]:
        email = row.get("email", "").strip()
        author = self.origin.author_of(row.get("author", ""), email=email)
        return author, row.get("agent", "").strip() or email if author == Author.AGENT else ""

    def _person(self, row: Row, conversation: str) -> Person | None:
        """Return the customer of a row; when it names nobody, the one named last in the same conversation."""
        handles = tuple(_handle(name, value) for name in _HANDLES if (value := row.get(name, "").strip()))
        named = self.origin.customers.get(" ".join(row.get("author", "").casefold().split()))
        handles += (named,) if named else ()
        if not handles:
            return self._people.get(conversation)
        person = Person(handles=handles, name=row.get("name", "").strip())
        if len(self._people) >= _REMEMBERED and conversation not in self._people:
            del self._people[next(iter(self._people))]
        self._people[conversation] = person
        return person

    def _channel(self, row: Row) -> Channel:
        said = row.get("channel", "").strip().lower().replace("-", "")
        return _CHANNELS.get(said) or (Channel(said) if said in Channel.values else self.channel)

    def _conversation(self, row: Row, channel: Channel, at: datetime, name: str) -> str:
        """Return the conversation's name: the file's own, else one for each customer and day, else one for each row."""
        if own := row.get("conversation", "").strip():
            return own
        whose = next((value for name in _HANDLES if (value := row.get(name, "").strip().casefold())), "")
        return f"{whose}/{at.date().isoformat()}" if whose and channel not in _ALONE else f"row/{name}"


def usual_channel(columns: Mapping[str, str]) -> Channel:
    """Return what a table without a column for the channel is taken for."""
    if {"author", "conversation", "agent"} & columns.keys():
        return Channel.CHAT
    if "stars" in columns or "product" in columns:
        return Channel.REVIEW
    if "subject" in columns and "email" in columns:
        return Channel.EMAIL
    return Channel.CHAT


def content_hash(values: Iterable[str]) -> str:
    """Return 24 characters that name a content."""
    return hashlib.sha256("\x1f".join(values).encode("utf-8", "surrogatepass")).hexdigest()[:24]


def _handle(name: str, value: str) -> Handle:
    return Handle(kind=IdentityKind.EMAIL if "@" in value[1:-1] else _HANDLES[name], value=value)


def _stars(value: str) -> int | None:
    value = value.strip().partition("/")[0]
    if not value:
        return None
    try:
        return round(float(value.replace(",", ".")))
    except (ValueError, OverflowError) as error:
        raise Refused("stars", f"{value[:60]!r} is no number; give 0 to 10, or leave it empty.") from error


def flat(thing: Mapping[str, object], *, within: str = "") -> dict[str, str]:
    """Return an object of JSON as a row: `{"customer": {"email": …}}` has a column `customer.email`."""
    row: dict[str, str] = {}
    for key, value in thing.items():
        name = f"{within}{key}"
        if isinstance(value, Mapping):
            row |= flat(value, within=f"{name}.") if within.count(".") < 4 else {name: json.dumps(value)}
        else:
            row[name] = _cell(value)
    return row


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def samples_of(rows: Sequence[Row], column: str, *, count: int = 3) -> list[str]:
    """Return the first different values of a column, at most `count`, that are not empty."""
    values = (row.get(column, "").strip() for row in rows)
    return list(dict.fromkeys(value for value in values if value))[:count]
