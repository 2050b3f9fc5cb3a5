"""The JSON of Contact Lens and Transcribe Call Analytics taken apart: objects, and the lines of the turns in them."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TextIO

from unspoken.intake.validation import Problem

from ..encodings import numbered_lines
from ..pieces import LONGEST_PIECE
from ..tables import content_hash
from . import jsons
from .contact_lens_labels import within, words

_LISTS = ("Transcript", "Segments")
_EVENTS = {"STARTED", "SEGMENTS", "COMPLETED", "FAILED"}
_LINES_TRIED = 20
_BLANK = re.compile(r"[\s,\ufeff]*")


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is no number of JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


@dataclass(slots=True)
class Document:
    """One object of a file: its members but for the turns, and the turns with the line and the words they stand in."""

    line: int
    head: dict[str, Any] = field(default_factory=dict)
    turns: list[tuple[int, str, Any]] = field(default_factory=list)
    said: list[dict[str, Any]] = field(default_factory=list)  # of the call, between its turns
    problem: Problem | None = None
    rest: str = ""

    @property
    def key(self) -> str:
        """The call's own name, or one made of what was said in it."""
        return self.name or content_hash(raw for _, raw, _ in self.turns)

    @property
    def name(self) -> str:
        """The call's own name, '' where the file tells none."""
        told = within(self.head, "CustomerMetadata", "ContactId"), self.head.get("ContactId"), self.head.get("JobName")
        return next((one for one in told if isinstance(one, str) and one.strip()), "")


def looks_analysed(sample: str) -> bool:
    """Tell by a file's beginning, however it goes on, whether it is a call as Contact Lens or Transcribe write one."""
    begins = _next(sample, 0)
    document, _ = _document(sample, begins + sample.startswith("[", begins), 1)
    head = document.head
    return (
        any(_is_turn(value) for _, _, value in document.turns)
        or (within(head, "Segments") == [] and "ContactId" in head)
        or isinstance(head.get("ConversationCharacteristics"), dict)
        or ("JobStatus" in head and bool({"Channel", "LanguageCode", "Participants"} & head.keys()))
        or ("ContactId" in head and _event_of(head) in _EVENTS and bool({"InstanceId", "Segments"} & head.keys()))
    )


def looks_analysed_by_line(sample: str) -> bool:
    """Tell whether a file holds such objects in lines, one in each; the first of them may be broken."""
    lines = sample.strip().split("\n", _LINES_TRIED)[:_LINES_TRIED]
    whole = lines if len(lines) == 1 else [line for line in lines if line.rstrip().endswith("}")]
    return sample.lstrip("\ufeff \t\r\n").startswith("{") and any(looks_analysed(line) for line in whole)


def _is_turn(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    spoken = "ParticipantId" in value or "ParticipantRole" in value
    return spoken and ("BeginOffsetMillis" in value or "Time" in value)


def _event_of(head: Mapping[str, Any]) -> Any:
    kind = head.get("EventType", head.get("StreamingEventType"))
    return kind if isinstance(kind, str) else None


def documents(text: TextIO, *, by_line: bool) -> Iterator[Document]:
    """Yield the objects of a file: one a line, in an array, or one after the other."""
    for line, raw, problem in _chunks(text, by_line=by_line):
        if problem:
            yield Document(line, problem=problem, rest=raw)
            continue
        at = _next(raw, 0)
        while at < len(raw):
            document, end = _document(raw, at, line)
            if document.rest and not document.name:  # mended, it would be another call and bring the same words again
                document.turns.clear()
            yield document
            if document.rest:  # what follows cannot be told from what is broken
                break
            line += raw.count("\n", at, end)
            at = _next(raw, end)


def _chunks(text: TextIO, *, by_line: bool) -> Iterator[tuple[int, str, Problem | None]]:
    if by_line:
        for line, written in numbered_lines(text):
            yield line, written, None
        return
    sign = text.read(1)
    while sign and not sign.strip("\ufeff \t\r\n"):
        sign = text.read(1)
    text.seek(0)
    if sign == "[":
        for piece in jsons.from_array(text):
            yield piece.line, str(piece.raw), None if isinstance(piece.content, dict) else piece.problem
        return
    raw = text.read(LONGEST_PIECE + 1)
    large = Problem("file", f"has more than {LONGEST_PIECE // 2**20} MB in one object; export it one object a line.")
    yield 1, raw, large if len(raw) > LONGEST_PIECE else None


def _next(raw: str, at: int) -> int:
    match = _BLANK.match(raw, at)
    return match.end() if match else at


def _document(raw: str, at: int, line: int) -> tuple[Document, int]:
    """Return the object that begins at `at`, as far as it can be read, and where it ends; line: that of `at`."""
    document, end = Document(line), at
    try:
        for reached in _members(raw, at, document, line):
            end = reached
    except (ValueError, RecursionError) as error:
        why = error.msg if isinstance(error, json.JSONDecodeError) else error
        document.problem = Problem("line", f"is no JSON from here on ({why}); mend it and import again.")
        document.line += raw.count("\n", at, end)
        document.rest = raw[end : end + 1000] or "\n"
    else:
        _require_turns(document)
    return document, end


def _members(raw: str, at: int, document: Document, line: int) -> Iterator[int]:
    """Fill `document` and yield how far it has come; line: that of `at`. Raises ValueError."""
    counted = at
    at = _past(raw, _next(raw, at), "{")
    while raw[at : at + 1] != "}":
        name, at = _DECODER.raw_decode(raw, at)
        at = _past(raw, _next(raw, at), ":")
        if name not in _LISTS or raw[at : at + 1] != "[":
            document.head[str(name)], at = _DECODER.raw_decode(raw, at)
        else:
            document.head.setdefault(name, [])
            at = _past(raw, at, "[")
            while raw[at : at + 1] != "]":
                yield at
                value, end = _DECODER.raw_decode(raw, at)
                line, counted = line + raw.count("\n", counted, at), at
                _put(document, name, value, (line, raw[at:end]))
                at = _next(raw, end)
            at += 1
        at = _next(raw, at)
        yield at
    yield at + 1


def _put(document: Document, name: str, value: Any, written: tuple[int, str]) -> None:
    """Add an element of a document: a turn, or what is said of the call. What is not final yet is passed over."""
    if name == "Segments" and isinstance(value, dict):
        if "Transcript" not in value:
            document.said.append({one: value[one] for one in ("Categories", "PostContactSummary") if one in value})
            return
        value = value["Transcript"]
    if isinstance(value, dict) and "Content" not in value and value.get("Type") in {"EVENT", "ATTACHMENT"}:
        return
    document.turns.append((*written, value))


def _past(raw: str, at: int, sign: str) -> int:
    if raw[at : at + 1] != sign:
        raise ValueError(f"expected {sign} and found {raw[at : at + 20]!r}")
    return _next(raw, at + 1)


def _require_turns(document: Document) -> None:
    """Say of a document that should hold turns and holds none what it is."""
    head = document.head
    if document.turns or _event_of(head) in _EVENTS or "Segments" in head:
        return
    status = words(head.get("JobStatus"))
    why = f"; its analysis ended as {status}" if status and status != "COMPLETED" else ""
    document.problem = Problem("Transcript", f"holds no turns{why}.")
