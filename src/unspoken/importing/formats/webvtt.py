"""WebVTT: the written form of a call, with `<v Speaker>` before what each says."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from typing import TextIO

from unspoken.conversations.models import Author, Kind
from unspoken.intake.inbound import Handle, Inbound, Person
from unspoken.people.models import Channel, IdentityKind

from ..encodings import numbered_lines, require_text
from ..people import Origin, folded
from ..pieces import LONGEST_PIECE, Piece, Refused
from ..tables import content_hash

_TIMING = re.compile(
    r"\s*((?:\d{1,4}:)?\d{1,2}:\d{2}[.,]\d{1,3})\s+-->\s+((?:\d{1,4}:)?\d{1,2}:\d{2}[.,]\d{1,3})(?:\s.*)?"
)
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?[ \t]+([^>]{1,200})>")
_TAG = re.compile(r"</?[^>]{0,200}>")
_ENDS = (".", "!", "?", "…", ".”", '."', "。", "؟")
_BREATH = 1.0  # seconds of silence within which an unfinished sentence goes on in the next cue
_LONGEST_SEGMENT = 1000  # characters


@dataclass(frozen=True, slots=True)
class Segment:
    """What one speaker said without a break, from and to seconds after the call began."""

    speaker: str
    text: str
    begins: float
    ends: float


def call(text: TextIO) -> Iterator[Piece]:
    """Yield the one piece that the file is: its lines."""
    lines, size = [], 0
    for _, line in numbered_lines(text):
        lines.append(line.rstrip("\r\n"))
        size += len(line)
        if size > LONGEST_PIECE:
            break
    yield Piece(1, 1, lines, "\n".join(lines))


def segments_of(lines: Sequence[str]) -> list[Segment]:
    """Return who said what; sentences that run over several cues are put together again."""
    joined: list[Segment] = []
    for one in _spans(lines):
        before = joined[-1] if joined else None
        if (
            before
            and before.speaker == one.speaker
            and not before.text.endswith(_ENDS)
            and 0 <= one.begins - before.ends <= _BREATH
            and len(before.text) + len(one.text) < _LONGEST_SEGMENT
        ):
            joined[-1] = Segment(one.speaker, f"{before.text} {one.text}", before.begins, max(before.ends, one.ends))
        else:
            joined.append(one)
    return joined


def _spans(lines: Sequence[str]) -> Iterator[Segment]:
    """Yield what each voice says in each cue. What has no voice goes on with the last one named in the same cue."""
    index = 0
    while index < len(lines):
        timing = _TIMING.fullmatch(lines[index])
        index += 1
        if not timing:
            continue
        begins, ends = _seconds(timing[1]), _seconds(timing[2])
        payload: list[str] = []
        while index < len(lines) and lines[index].strip() and "-->" not in lines[index]:
            payload.append(lines[index])
            index += 1
        parts = _VOICE.split(" ".join(payload))
        for speaker, said in zip(["", *parts[1::2]], parts[0::2], strict=True):
            text = " ".join(unescape(_TAG.sub("", said)).split())
            if text:
                yield Segment(" ".join(unescape(speaker).split()), text, begins, max(begins, ends))


def _seconds(written: str) -> float:
    total = 0.0
    for part in written.replace(",", ".").split(":"):
        total = total * 60 + float(part)
    return total


def messages_of(piece: Piece, origin: Origin) -> list[Inbound]:
    """Return the call's segments as messages; the call ended when the file was saved. Raises Refused."""
    require_text(piece.raw if isinstance(piece.raw, str) else "")
    segments = segments_of(piece.content)
    if not segments:
        raise Refused("line", "holds no cues: expected lines such as 00:01.000 --> 00:04.000 and the words below.")
    key = content_hash([f"{one.begins:.3f} {one.speaker} {one.text}" for one in segments])
    began = origin.saved_at - timedelta(seconds=segments[-1].ends)
    customer = _customer(segments, origin, key)
    return [
        Inbound(
            source=origin.source, external_id=f"{key}/{place}", conversation_id=key, channel=Channel.CALL,
            kind=Kind.SEGMENT, author=_author(one, origin), author_name=one.speaker,
            occurred_at=began + timedelta(seconds=one.begins), text=one.text, person=customer, inbox=origin.inbox,
            subject=origin.name,
            metadata={"begins": one.begins, "ends": one.ends, "time": "not in the file"},
        )
        for place, one in enumerate(segments)
    ]  # fmt: skip


def _author(one: Segment, origin: Origin) -> Author:
    if not one.speaker:
        raise Refused("speaker", f"nobody is said to speak “{one.text[:60]}”; mark voices with <v Name>.")
    return origin.author_of(one.speaker)


def _customer(segments: Sequence[Segment], origin: Origin, key: str) -> Person:
    """Return the customer on the line: as named with --customer, else known by this call only."""
    for one in segments:
        handle = origin.customers.get(folded(one.speaker))
        if folded(one.speaker) in origin.customers:
            own = Handle(kind=IdentityKind.EXTERNAL, value=f"{origin.source}:{key}")
            return Person(handles=(handle or own,), name=one.speaker)
    return Person(handles=(Handle(kind=IdentityKind.EXTERNAL, value=f"{origin.source}:{key}"),), name=origin.name)
