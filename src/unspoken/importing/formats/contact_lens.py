"""Calls as Amazon Connect Contact Lens and Amazon Transcribe Call Analytics write them: one turn a message.

Three ways: the file of a finished call (one object with a `Transcript`), the stream of a call under way (objects with
`Segments`, one a line or in an array), and several of either. A first pass finds out what must be known of a call
before its first turn (`calls_of`); a second one yields the turns (`turns`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from unspoken.conversations.models import Author, Kind
from unspoken.intake.inbound import Handle, Inbound, Person
from unspoken.intake.validation import cleaned
from unspoken.people.models import Channel, IdentityKind

from ..encodings import require_text
from ..moments import Dates
from ..people import Origin, handle_from
from ..pieces import Piece, Refused
from ..tables import content_hash
from .contact_lens_file import Document
from .contact_lens_labels import call_labels, number, turn_labels, within, words

SOURCE = "contact-lens"
"""Source of these messages, unless another is asked for: a call has the same name in every file that tells of it."""

_LONGEST_CALL = 7 * 24 * 3600.0  # seconds
_AUTHORS = {"CUSTOMER": Author.CUSTOMER, "AGENT": Author.AGENT}
_CONNECT, _TRANSCRIBE = ("contact_lens", "Amazon Connect Contact Lens"), ("transcribe", "Transcribe Call Analytics")


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What one side said; begins, ends: seconds after the call began (None in a chat); at: the moment, if told."""

    id: str
    role: str
    name: str
    text: str
    begins: float | None
    ends: float | None
    at: datetime | None
    labels: Mapping[str, Any]


@dataclass(slots=True)
class Call:
    """What is known of a call before its turns are looked at; length: seconds; first: the turn that bears `labels`."""

    vendor: str
    producer: str
    version: str = ""
    language: str = ""
    chat: bool = False
    began: datetime | None = None
    length: float = 0.0
    first: str = ""
    turns: int = 0
    roles: dict[str, str] = field(default_factory=dict)
    labels: dict[str, Any] = field(default_factory=dict)


def calls_of(told: Iterable[Document], dates: Dates) -> dict[str, Call]:
    """Return by its name what is known of each call of a file."""
    calls: dict[str, Call] = {}
    for document in told:
        if document.problem and not document.turns:
            continue
        call = calls.setdefault(document.key, Call(*_vendor(document.head)))
        _know(call, document)
        for _, _, value in document.turns:
            try:
                turn = turn_of(value, call, dates)
            except Refused:
                continue
            if not call.first and cleaned(turn.text) == turn.text:  # what cannot be stored bears nothing
                call.first = turn.id
            call.turns += 1
            call.length = max(call.length, turn.ends or 0.0)
            if call.began is None and turn.at is not None:
                call.began = turn.at - timedelta(seconds=turn.begins or 0.0)
    return calls


def _vendor(head: Mapping[str, Any]) -> tuple[str, str]:
    connects = {"Version", "Segments", "ContactId", "CustomerMetadata"} & head.keys()
    return _CONNECT if connects and "JobName" not in head else _TRANSCRIBE


def _know(call: Call, document: Document) -> None:
    head = document.head
    call.version = words(head.get("Version")) or call.version
    call.language = words(head.get("LanguageCode"))[:12] or call.language
    call.chat = head.get("Channel", "VOICE") == "CHAT"
    for told in (head, *document.said):
        labels = call_labels(told)
        categories = call.labels.get("Categories", {}) | labels.get("Categories", {})
        call.labels |= labels | ({"Categories": categories} if categories else {})
    participants = head.get("Participants")
    for one in participants if isinstance(participants, list) else []:
        known, role = words(within(one, "ParticipantId")), words(within(one, "ParticipantRole"))
        if known and role:
            call.roles[known] = role


def turn_of(value: Any, call: Call, dates: Dates) -> Turn:
    """Return the turn that an element of a transcript is; raises Refused."""
    if not isinstance(value, dict):
        raise Refused("turn", f"{str(value)[:60]!r} is no turn; expected an object with Content and its times.")
    if not isinstance(value.get("Content"), str):
        raise Refused("Content", "is missing; expected the words that were said.")
    at = _moment(within(value, "Time", "AbsoluteTime"), dates)
    begins, ends = (None, None) if call.chat else _seconds(value)
    if call.chat and at is None:
        raise Refused("Time", "is missing; expected an AbsoluteTime like 2026-11-23T09:30:00Z.")
    known = words(value.get("ParticipantId"))
    role = words(value.get("ParticipantRole")) or call.roles.get(known, known)
    made = f"{begins if at is None else at.isoformat()}/{content_hash([role, value['Content']])}"
    return Turn(
        id=words(value.get("Id")) or made, role=role.upper(), name=words(value.get("DisplayName"))[:200],
        text=value["Content"], begins=begins, ends=ends, at=at, labels=turn_labels(value),
    )  # fmt: skip


def _moment(value: Any, dates: Dates) -> datetime | None:
    if value is None:
        return None
    try:
        return dates.read(str(value))
    except (ValueError, OverflowError, OSError) as error:
        raise Refused("Time", f"{str(value)[:60]!r} is no date and time; expected 2026-11-23T09:30:00Z.") from error


def _seconds(value: Mapping[str, Any]) -> tuple[float, float]:
    names = ("BeginOffsetMillis", "EndOffsetMillis")
    begins, ends = (number(value.get(name)) for name in names)
    for name, told in zip(names, (begins, ends), strict=True):
        if told is None or not 0 <= told <= _LONGEST_CALL * 1000:
            raise Refused(name, f"is {value.get(name)!r:.60}; expected milliseconds from the beginning of the call.")
    if begins is None or ends is None or ends < begins:
        raise Refused("EndOffsetMillis", f"is {ends:g}, before the turn begins ({begins:g}).")
    return begins / 1000.0, ends / 1000.0


def turns(told: Iterable[Document]) -> Iterator[Piece]:
    """Yield a piece per turn, named by its call; and one for what cannot be read."""
    count = 0
    for document in told:
        key = document.key
        for line, raw, value in document.turns:
            count += 1
            yield Piece(count, line, (key, value), raw)
        if document.problem:
            count += 1
            yield Piece(count, document.line, None, document.rest.strip("\n"), document.problem)


@dataclass(frozen=True, slots=True)
class Speech:
    """How the turns of one file become messages: its calls, its origin, and who called, if that was said."""

    calls: Mapping[str, Call]
    origin: Origin
    dates: Dates
    caller: Person | None = None

    def messages(self, piece: Piece) -> list[Inbound]:
        """Return the message that a turn is; raises Refused."""
        require_text(str(piece.raw))
        key, value = piece.content
        call = self.calls[key]
        turn = turn_of(value, call, self.dates)
        at, metadata = self._time(turn, call)
        metadata[call.vendor] = self._labels(turn, call)
        author = _AUTHORS.get(turn.role, Author.SYSTEM)
        return [
            Inbound(
                source=self.origin.source, external_id=f"{key}/{turn.id}", conversation_id=key,
                channel=Channel.CHAT if call.chat else Channel.CALL, kind=Kind.CHAT if call.chat else Kind.SEGMENT,
                author=author, author_name=turn.name, occurred_at=at, text=turn.text, person=self._person(key),
                inbox=self.origin.inbox, subject=self.origin.name, language=call.language, metadata=metadata,
            )
        ]  # fmt: skip

    def _time(self, turn: Turn, call: Call) -> tuple[datetime, dict[str, Any]]:
        """Return when a turn was said; where the file tells no moment, the call ended when it was saved."""
        metadata: dict[str, Any] = {} if call.chat else {"begins": turn.begins, "ends": turn.ends}
        if turn.at is not None:
            return turn.at, metadata
        began = call.began
        if began is None:
            began = self.origin.saved_at - timedelta(seconds=call.length)
            metadata["time"] = "not in the file"
        return began + timedelta(seconds=turn.begins or 0.0), metadata

    def _labels(self, turn: Turn, call: Call) -> dict[str, Any]:
        labels: dict[str, Any] = {"producer": call.producer, "version": call.version, **turn.labels}
        return labels | ({"call": call.labels} if turn.id == call.first and call.labels else {})

    def _person(self, key: str) -> Person:
        """Return the customer on the line: as named with --customer, else known by this call only."""
        if self.caller and self.caller.handles:
            return self.caller
        own = Handle(kind=IdentityKind.EXTERNAL, value=f"{self.origin.source}:{key}")
        return Person(handles=(own,), name=self.caller.name if self.caller else self.origin.name)


def caller_in(written: Sequence[str]) -> Person | None:
    """Return the one customer named: `Mina Okafor <+44 7700 900101>`, a handle alone, or a name alone."""
    for one in written:
        name, bracket, rest = one.partition("<")
        handle = handle_from(rest.rstrip("> ")) if bracket else handle_from(one)
        return Person(handles=(handle,) if handle else (), name=name.strip() if bracket or not handle else "")
    return None


def assumptions(calls: Sequence[Call]) -> list[str]:
    """Return what is to be said of how these calls, each with turns, are taken."""
    said = [
        f"{len(calls):,} call{'' if len(calls) == 1 else 's'}: only what the CUSTOMER said can be read; the labels of "
        "the other system are kept beside it, under its name and on its scale."
    ]
    if any(call.began is None for call in calls):
        said.append("The file tells no times: its last words are taken as said when the file was saved.")
    return said
