"""Dialogues: whole conversations written down turn by turn, in JSON or as lines of speaker, tab and text."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TextIO

from unspoken.conversations.models import Author
from unspoken.intake.inbound import Handle, Inbound, Person
from unspoken.people.models import Channel, IdentityKind

from ..encodings import numbered_lines
from ..moments import Dates
from ..people import Origin
from ..pieces import LONGEST_PIECE, Piece, Refused
from ..tables import KINDS, content_hash

TURNS = ("original", "messages", "turns", "dialogue", "dialog", "utterances")
_IDS = ("convo_id", "conversation_id", "dialogue_id", "dialog_id", "id")
_SPEAKERS = ("role", "from", "speaker", "author", "sender")
_TEXTS = ("text", "content", "utterance", "message", "body")
_TIMES = ("time", "timestamp", "created_at", "sent_at", "occurred_at")
_PERSONS = ("customer", "contact", "user", "personal")
_SPOKEN = re.compile(r"(USER|SYSTEM)\t")
_PAUSE = timedelta(seconds=30)
_HANDLES = {
    "email": IdentityKind.EMAIL, "phone": IdentityKind.PHONE, "username": IdentityKind.CHAT,
    "id": IdentityKind.EXTERNAL, "customer_id": IdentityKind.EXTERNAL,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Turn:
    """What one speaker said, and when, if that is told."""

    speaker: str
    text: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Dialogue:
    """A conversation as a file tells it. key: the file's own id of it, or ''."""

    turns: Sequence[Turn]
    key: str = ""
    handles: tuple[Handle, ...] = ()
    name: str = ""
    subject: str = ""
    roles: Mapping[str, Author] = field(default_factory=dict)


def holds_turns(thing: Mapping[str, Any]) -> bool:
    """Tell whether an object of JSON is a dialogue."""
    return any(isinstance(thing.get(name), list) and thing[name] for name in TURNS)


def spoken_blocks(text: TextIO) -> Iterator[Piece]:
    """Yield a piece per dialogue of a file of `USER⇥…` and `SYSTEM⇥…` lines, with blank lines between dialogues."""
    number = begins = size = 0
    block: list[str] = []
    for line, written in numbered_lines(text):
        if written.strip("\ufeff \t\r\n") and size < LONGEST_PIECE:
            begins = begins if block else line
            block.append(written)
            size += len(written)
        elif block:
            number += 1
            yield Piece(number, begins, block, "".join(block))
            block, size = [], 0
    if block:
        yield Piece(number + 1, begins, block, "".join(block))


def spoken_dialogue(lines: Sequence[str]) -> Dialogue:
    """Return the dialogue of such lines; the judgement on the whole (`OVERALL`) is no turn. Raises Refused."""
    turns = []
    for written in lines:
        speaker, tab, rest = written.lstrip("\ufeff").rstrip("\r\n").partition("\t")
        if not tab or speaker not in {"USER", "SYSTEM"}:
            raise Refused("line", f"{written.strip()[:60]!r} is no turn; expected USER or SYSTEM, a tab, and the text.")
        said = rest.partition("\t")[0].strip()
        if said and said != "OVERALL":
            turns.append(Turn(speaker, said))
    return Dialogue(turns, roles={"SYSTEM": Author.AGENT})


def looks_spoken(sample: str) -> bool:
    """Tell whether most lines of a file's beginning are such turns."""
    lines = [line for line in sample.lstrip("\ufeff").splitlines() if line.strip()]
    return bool(lines) and sum(bool(_SPOKEN.match(line)) for line in lines) > 0.8 * len(lines)


def dialogue_from_json(thing: Mapping[str, Any], dates: Dates) -> Dialogue:
    """Return the dialogue that an object with `original`, `messages` or `turns` is; raises Refused."""
    written = next(thing[name] for name in TURNS if isinstance(thing.get(name), list) and thing[name])
    person = _person(thing)
    handles = tuple(Handle(kind=kind, value=str(person[name])) for name, kind in _HANDLES.items() if person.get(name))
    name = person.get("customer_name") or person.get("name") or ""
    return Dialogue(
        [_turn(one, dates) for one in written], key=str(_first(thing, _IDS)), handles=handles, name=str(name),
        subject=str(thing.get("subject") or ""), roles={"assistant": Author.BOT},
    )  # fmt: skip


def _person(thing: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what an object says of the customer, in itself or in what it calls its scenario."""
    scenario = thing.get("scenario")
    for place in (thing, scenario if isinstance(scenario, dict) else {}):
        for name in _PERSONS:
            if isinstance(place.get(name), dict):
                return dict(place[name])
    return {name: value for name, value in thing.items() if name in {"email", "phone", "username", "customer_name"}}


def _turn(written: Any, dates: Dates) -> Turn:
    if isinstance(written, list) and len(written) >= 2 and all(isinstance(part, str) for part in written[:2]):
        return Turn(written[0], written[1])
    if isinstance(written, dict) and isinstance(text := _first(written, _TEXTS), str):
        at = _first(written, _TIMES)
        try:
            return Turn(str(_first(written, _SPEAKERS)), text, dates.read(str(at)) if at else None)
        except (ValueError, OverflowError, OSError) as error:
            raise Refused("time", f"{str(at)[:60]!r} is no date and time.") from error
    raise Refused("turns", f"{str(written)[:60]!r} is no turn; expected [speaker, text] or {{role, text}}.")


def _first(thing: Mapping[str, Any], names: Sequence[str]) -> Any:
    return next((thing[name] for name in names if thing.get(name) not in (None, "")), "")


def messages_of(dialogue: Dialogue, piece: Piece, origin: Origin) -> list[Inbound]:
    """Return the messages of a dialogue; without times, half a minute apart, the last when the file was saved.

    A dialogue without an id or a customer of its own is known by its content and its place in the file. Raises Refused.
    """
    said = [f"{turn.speaker}\x1f{turn.text}" for turn in dialogue.turns]
    key = dialogue.key or f"{content_hash(said)}:{piece.number}"
    handles = dialogue.handles or (Handle(kind=IdentityKind.EXTERNAL, value=f"{origin.source}:{key}"),)
    person = Person(handles=handles, name=dialogue.name or f"{origin.name} {piece.number}")
    last = len(dialogue.turns) - 1
    return [
        Inbound(
            source=origin.source, external_id=f"{key}/{place}", conversation_id=key, channel=Channel.CHAT,
            kind=KINDS[Channel.CHAT], author=dialogue.roles.get(turn.speaker) or origin.author_of(turn.speaker),
            occurred_at=turn.at or origin.saved_at - _PAUSE * (last - place), text=turn.text, person=person,
            inbox=origin.inbox, subject=dialogue.subject, metadata={} if turn.at else {"time": "not in the file"},
        )
        for place, turn in enumerate(dialogue.turns)
    ]  # fmt: skip
