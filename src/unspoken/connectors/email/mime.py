"""Taking a mail apart: headers, the text to read, what is attached. Takes any bytes and never fails."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import Compat32
from email.utils import getaddresses, parsedate_to_datetime
from typing import Any

from unspoken.connectors.words.html import text_of_html
from unspoken.intake.validation import cleaned

from .charsets import decoded, header_text

_LONGEST_HEADER = 16 * 1024
_LARGE_HEAD = 256 * 1024
_MOST_HEADERS = 2_000
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_MOST_PARTS = 20_000  # lines that could begin a part; real mails have dozens
_MOST_ATTACHMENTS = 100
_MOST_SHOWN = 100_000  # characters of a mail that could not be taken apart
_ID = re.compile(r"<([^<>\s]{1,990})>")


class _Bounded(Compat32):
    """Cuts headers, those of nested parts too, to what no honest mail exceeds: reading them is not linear."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name[:200], value[:_LONGEST_HEADER]


_POLICY = _Bounded()


@dataclass(frozen=True, slots=True)
class Address:
    """A name and an e-mail address (lower case), either of which may be empty."""

    name: str
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail taken apart. `headers` by lower-case name, decoded, the first of each; ids without angle brackets.

    `reported_id`: the mail that a delivery report is about. `unreadable`: the beginning of one that has no structure.
    """

    message_id: str
    sender: Address
    reply_to: str
    recipients: tuple[Address, ...]
    subject: str
    sent_at: datetime | None
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    headers: dict[str, str]
    content_type: str
    text: str
    attachments: tuple[dict[str, Any], ...] = field(default=())
    reported_id: str = ""
    unreadable: str = ""


def parse(raw: bytes) -> Mail:
    """Take apart the bytes of one mail."""
    try:
        if raw.count(b"\n--") > _MOST_PARTS:
            return _without_structure(raw)
        message = message_from_bytes(_bounded(raw), policy=_POLICY)
        text, attachments = _contents(message)
        return _mail(message, text=text, attachments=attachments, reported_id=_reported_id(message))
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError, AssertionError):
        return _without_structure(raw)  # what Python's parser raises for hostile nesting and parameters


def _bounded(raw: bytes) -> bytes:
    """Return a mail with no more header lines than any honest one has, and none that is longer."""
    end = _HEAD_END.search(raw)
    head = raw[: end.start() if end else len(raw)]
    if len(head) <= _LARGE_HEAD:
        return raw
    lines = [line[:_LONGEST_HEADER] for line in head.split(b"\n")[:_MOST_HEADERS]]
    return b"\n".join(lines) + raw[len(head) :]


def _without_structure(raw: bytes) -> Mail:
    message = BytesHeaderParser(policy=_POLICY).parsebytes(raw.partition(b"\n\n")[0][: 4 * _LONGEST_HEADER])
    return _mail(message, text="", attachments=(), unreadable=cleaned(decoded(raw[:_MOST_SHOWN], "")))


def _mail(message: Message, **contents: Any) -> Mail:
    headers: dict[str, str] = {}
    for name, value in message.raw_items():
        headers.setdefault(name.lower(), header_text(str(value)))
    senders, answers = addresses(headers.get("from", "")), addresses(headers.get("reply-to", ""))
    return Mail(
        message_id=next(iter(ids(headers.get("message-id", ""))), ""),
        sender=senders[0] if senders else Address("", ""),
        reply_to=answers[0].email if answers else "",
        recipients=tuple(addresses(", ".join(headers.get(name, "") for name in ("to", "cc", "delivered-to")))),
        subject=headers.get("subject", "").strip(),
        sent_at=_sent_at(headers.get("date", "")),
        in_reply_to=ids(headers.get("in-reply-to", "")),
        references=ids(headers.get("references", "")),
        headers=headers,
        content_type=_content_type(message),
        **contents,
    )


def ids(value: str) -> tuple[str, ...]:
    """Return the message ids in a header, in order, each once."""
    return tuple(dict.fromkeys(_ID.findall(value)))


def addresses(value: str) -> Sequence[Address]:
    """Return the addresses in a header; what is none is left out."""
    found = getaddresses([value[:_LONGEST_HEADER]])
    return [Address(name.strip(), email.strip().lower()) for name, email in found if "@" in email[1:-1]]


def _sent_at(value: str) -> datetime | None:
    try:
        sent = parsedate_to_datetime(value)
        return (sent if sent.tzinfo else sent.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _content_type(message: Message) -> str:
    report = message.get_param("report-type") or ""
    return f"{message.get_content_type()};{report if isinstance(report, str) else report[2]}".lower()


def _contents(message: Message) -> tuple[str, tuple[dict[str, Any], ...]]:
    attachments: list[dict[str, Any]] = []
    texts = [text for text in _texts(message, attachments) if text.strip()]
    return cleaned("\n\n".join(texts)), tuple(attachments[:_MOST_ATTACHMENTS])


def _texts(part: Message, attachments: list[dict[str, Any]]) -> Iterator[str]:
    """Yield the texts of `part` as a reader would see them, adding what is attached to `attachments`."""
    kind = part.get_content_type()
    if kind == "multipart/alternative":
        yield from _best(_parts(part), attachments)
    elif part.is_multipart() and part.get_content_maintype() != "message":
        for inner in _parts(part):
            yield from _texts(inner, attachments)
    elif kind in {"text/plain", "text/html"} and part.get_content_disposition() != "attachment":
        yield _text(part)
    elif part.get_content_maintype() != "multipart":
        attachments.append(_attachment(part))


def _best(alternatives: Sequence[Message], attachments: list[dict[str, Any]]) -> Iterator[str]:
    """Yield the plain alternative, or the first other one that has a text."""
    for inner in sorted(alternatives, key=lambda part: part.get_content_type() != "text/plain"):
        texts = [text for text in _texts(inner, attachments) if text.strip()]
        if texts:
            yield from texts
            return


def _parts(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [inner for inner in payload if isinstance(inner, Message)] if isinstance(payload, list) else []


def _text(part: Message) -> str:
    text = decoded(_bytes(part), part.get_content_charset() or "")
    if part.get_content_type() == "text/html":
        return text_of_html(text)
    flowed = str(part.get_param("format") or "").lower() == "flowed"
    return _unwrapped(text, joined_by="" if part.get_param("delsp") == "yes" else " ") if flowed else text


def _bytes(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _unwrapped(text: str, *, joined_by: str) -> str:
    """Undo the line breaks of `format=flowed` (RFC 3676): a line that ends in a space goes on in the next."""
    lines: list[str] = []
    goes_on = False
    for line in text.replace("\r\n", "\n").split("\n"):
        quoted = line.startswith(">")
        if goes_on and not quoted and line.strip() and line != "-- ":
            lines[-1] += joined_by + line.removeprefix(" ").rstrip()
        else:
            lines.append(line if line == "-- " else line.rstrip())
        goes_on = line.endswith(" ") and line != "-- " and not quoted
    return "\n".join(lines)


def _attachment(part: Message) -> dict[str, Any]:
    name = cleaned(header_text(part.get_filename() or ""))
    inner = _parts(part)
    if part.get_content_maintype() == "message" and inner:
        name, size = name or header_text(str(inner[0].get("subject", ""))), 0
    else:
        size = len(_bytes(part))
    return {"name": name[:200], "type": part.get_content_type()[:100], "size": size}


def _reported_id(message: Message) -> str:
    """Return the id of the mail that a report tells of, from the copy of it or of its headers."""
    if message.get_content_type() != "multipart/report":
        return ""
    for part in _parts(message):
        kind = part.get_content_type()
        if kind == "message/rfc822" and _parts(part):
            found = ids(str(_parts(part)[0].get("message-id", "")))
        elif kind == "text/rfc822-headers":
            found = ids(str(message_from_bytes(_bytes(part), policy=_POLICY).get("message-id", "")))
        else:
            continue
        return next(iter(found), "")
    return ""
