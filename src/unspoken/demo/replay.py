"""Plays a dialogue as if it happened now: the written live chat, or any dialogue file.

A file is one of: this project's JSON lines; the tab-separated dialogues of user-satisfaction corpora (`USER⇥text…`,
blank line between dialogues); JSON with `original` turns (`[["agent", "…"], …]`); or plain lines `Customer: …`.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from unspoken.conversations.models import Author, Kind
from unspoken.intake.inbound import Handle, Inbound, Person
from unspoken.kit.ids import new_id
from unspoken.people.models import Channel, IdentityKind

SPEAKERS = {
    "customer": Author.CUSTOMER, "user": Author.CUSTOMER, "client": Author.CUSTOMER, "caller": Author.CUSTOMER,
    "agent": Author.AGENT, "system": Author.AGENT, "assistant": Author.AGENT, "support": Author.AGENT,
    "bot": Author.BOT, "action": Author.SYSTEM,
}  # fmt: skip
PLAIN_LINE = re.compile(r"^\s*(\w+)\s*[:\t]\s*(.+?)\s*$")


class DialogueError(ValueError):
    """A file in which no dialogue was found; the message says what was looked for."""


@dataclass(frozen=True, slots=True)
class Line:
    """One turn of a dialogue and the pause before it, in seconds."""

    author: Author
    text: str
    pause: float = 3.0


def dialogues_in(path: Path) -> list[list[Line]]:
    """Return the dialogues of a file; raise DialogueError when there are none."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise DialogueError(f"{path} cannot be read: {error.strerror}.") from error
    found = [dialogue for dialogue in _parse(text) if any(line.author == Author.CUSTOMER for line in dialogue)]
    if not found:
        raise DialogueError(f"{path} holds no dialogue: expected JSON with turns, or lines such as “Customer: …”.")
    return found


def _parse(text: str) -> Iterator[list[Line]]:
    if text.lstrip()[:1] in {"[", "{"}:
        yield from _from_json(text)
        return
    for block in re.split(r"\n\s*\n", text):
        lines = []
        for raw in block.splitlines():
            match = PLAIN_LINE.match(raw)
            author = SPEAKERS.get(match[1].lower()) if match else None
            said = match[2].split("\t")[0].strip() if match else ""
            if author and said and said != "OVERALL":
                lines.append(Line(author, said))
        if lines:
            yield lines


def _from_json(text: str) -> Iterator[list[Line]]:
    try:
        objects: list[Any] = [json.loads(line) for line in text.splitlines() if line.strip()]
    except ValueError:
        try:
            loaded = json.loads(text)
        except ValueError as error:
            raise DialogueError(f"The file begins like JSON but is none: {error}.") from error
        objects = loaded if isinstance(loaded, list) else [loaded]
    for item in objects:
        turns = (item.get("messages") or item.get("original") or []) if isinstance(item, dict) else []
        lines = [line for line in map(line_of, turns) if line]
        if lines:
            yield lines


def line_of(turn: Any) -> Line | None:
    if isinstance(turn, dict):
        speaker, said, pause = (
            turn.get("from") or turn.get("role"),
            turn.get("text") or turn.get("content"),
            turn.get("after"),
        )
    elif isinstance(turn, list) and len(turn) >= 2:
        speaker, said, pause = turn[0], turn[1], None
    else:
        return None
    author = SPEAKERS.get(str(speaker).lower())
    return Line(author, str(said), 3.0 if pause is None else float(pause)) if author and said else None


def play(
    dialogue: list[Line], *, person: Person, source: str, inbox: str, member_email: str,
    submit: Callable[[Inbound], Any], clock: Callable[[], datetime], fastest: float | None = None,
    stopped: Callable[[float], bool],
) -> str:  # fmt: skip
    """Send the dialogue's turns at their own pace, at most `fastest` seconds apart; return its conversation's id."""
    conversation = new_id("live")
    for number, line in enumerate(dialogue):
        if stopped(line.pause if fastest is None else min(line.pause, fastest)):
            break
        submit(
            Inbound(
                source=source, external_id=f"{conversation}/{number}", conversation_id=conversation,
                channel=Channel.CHAT, kind=Kind.CHAT, author=line.author, occurred_at=clock(), text=line.text,
                person=person, inbox=inbox, member_email=member_email if line.author == Author.AGENT else "",
            )
        )  # fmt: skip
    return conversation


def visitor(name: str, handle: str) -> Person:
    """Return a chat visitor known by `handle`."""
    return Person(handles=(Handle(kind=IdentityKind.CHAT, value=handle),), name=name)
