"""What an event must satisfy to be stored at all: each problem names its field and says the mend."""

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from unspoken.conversations.models import Author, Kind
from unspoken.kit.outside_json import TOO_DEEP, is_too_deep
from unspoken.people.models import Channel

from .inbound import Inbound

LONGEST_TEXT = 10 * 1024 * 1024
"""Bytes of UTF-8 that one message may have."""

FUTURE = timedelta(days=1)
"""How far a source's clock may run ahead; what is ahead by less is taken as just written."""

_LENGTHS = {"source": 60, "external_id": 254, "conversation_id": 254, "product": 200, "language": 12, "inbox": 120}
_CHOICES = {"channel": list(Channel.values), "kind": list(Kind.values), "author": list(Author.values)}
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_NEEDED = ("source", "external_id", "conversation_id")
_TEXTS = (
    "source", "external_id", "conversation_id", "text", "quoted", "signature", "subject", "author_name", "inbox",
    "product", "language", "member_email",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one field, for whoever sent it."""

    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.field}: {self.message}"


def check(inbound: Inbound, *, now: datetime) -> list[Problem]:
    """Return every problem of an event; an empty list means that it can be stored."""
    problems = [Problem(field, "must not be empty.") for field in _NEEDED if not getattr(inbound, field).strip()]
    for field, longest in _LENGTHS.items():
        if len(getattr(inbound, field)) > longest:
            problems.append(Problem(field, f"has {len(getattr(inbound, field))} characters; {longest} are allowed."))
    for field, text in (*((field, getattr(inbound, field)) for field in _TEXTS), *_of_person(inbound)):
        if wrong := wrong_characters(text):
            problems.append(Problem(field, wrong))
    if _bytes(inbound) > LONGEST_TEXT:
        problems.append(Problem("text", "is larger than 10 MB with what it quotes; send the text without attachments."))
    for field, known in _CHOICES.items():
        if getattr(inbound, field) not in known:
            problems.append(Problem(field, f"is none of {', '.join(known)}."))
    return [*problems, *_time(inbound, now), *_stars(inbound), *_metadata(inbound)]


def _of_person(inbound: Inbound) -> list[tuple[str, str]]:
    if inbound.person is None:
        return []
    handles = [(f"person.handles.{place}", one.value) for place, one in enumerate(inbound.person.handles)]
    return [("person.name", inbound.person.name), *handles]


def cleaned(text: str) -> str:
    """Return `text` with NULs and lone surrogates, which no database stores, replaced by U+FFFD."""
    return _UNSTORABLE.sub("\ufffd", text)


def wrong_characters(text: str) -> str:
    """Return what of `text` no database stores, and the mend; '' when it is fine."""
    if "\x00" in text:
        return "contains a NUL character; remove it."
    if text.isascii():
        return ""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        return f"contains half of a surrogate pair at character {error.start}; send whole characters."
    return ""


def _bytes(inbound: Inbound) -> int:
    characters = len(inbound.text) + len(inbound.quoted) + len(inbound.signature)
    if characters * 4 <= LONGEST_TEXT:
        return characters
    return sum(len(text.encode("utf-8", "replace")) for text in (inbound.text, inbound.quoted, inbound.signature))


def _time(inbound: Inbound, now: datetime) -> list[Problem]:
    at = inbound.occurred_at
    if at.tzinfo is None:
        return [Problem("occurred_at", "has no time zone; write it like 2026-11-23T09:30:00Z.")]
    if at > now + FUTURE:
        return [
            Problem("occurred_at", f"lies in the future ({at.isoformat()}); check the sender's clock and time zone.")
        ]
    if at.year < 1990:
        return [Problem("occurred_at", f"lies before 1990 ({at.isoformat()}); check the format of the date.")]
    return []


def _stars(inbound: Inbound) -> list[Problem]:
    stars = inbound.stars
    return (
        [] if stars is None or 0 <= stars <= 10 else [Problem("stars", f"is {stars}; give 0 to 10, or leave it out.")]
    )


def _metadata(inbound: Inbound) -> list[Problem]:
    if not inbound.metadata:
        return []
    if is_too_deep(inbound.metadata):
        return [Problem("metadata", f"{TOO_DEEP}; write it flatter.")]
    try:
        wrong = wrong_characters(
            json.dumps(inbound.metadata, ensure_ascii=False, allow_nan=False).replace("\\u0000", "\0")
        )
    except (TypeError, ValueError) as error:
        return [Problem("metadata", f"is not plain JSON: {error}.")]
    return [Problem("metadata", wrong)] if wrong else []
