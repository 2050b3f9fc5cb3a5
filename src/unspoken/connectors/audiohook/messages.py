"""The wire format of AudioHook: control messages in JSON, sound in binary frames, times as ISO 8601 (PT1.5S)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from unspoken.calls.happenings import Encoding, Track
from unspoken.connectors.base import PayloadError
from unspoken.connectors.calling import Frame
from unspoken.connectors.calls_in import json_object, part, seconds, text

RATE = 8000
NOBODY = "00000000-0000-0000-0000-000000000000"
"""The conversation of a connection that is only tried out."""

_DURATION = re.compile(r"PT([0-9]{1,9}(?:\.[0-9]{0,12})?|\.[0-9]{1,12})S")
_ENCODINGS = {"PCMU": Encoding.MULAW, "L16": Encoding.PCM}
_TRACKS = {"external": Track.CUSTOMER, "internal": Track.AGENT}
_WANTED = (["external", "internal"], ["internal", "external"], ["external"])


@dataclass(frozen=True, slots=True)
class Message:
    """A message of Genesys, its envelope checked as far as that can be done without knowing what came before."""

    id: str
    type: str
    seq: int
    serverseq: int
    position: float
    parameters: Mapping[str, Any]


def message(frame: Frame) -> Message:
    """Return the message that a text frame holds; raises PayloadError."""
    said = json_object(frame)
    if said.get("version") != "2":
        raise PayloadError("A message is not of version 2 of AudioHook.")
    kind = text(said, "type", longest=60)
    if not kind or not isinstance(said.get("parameters"), dict):
        raise PayloadError("A message has no type or no parameters.")
    return Message(
        id=text(said, "id").lower(), type=kind, seq=_count(said, "seq"), serverseq=_count(said, "serverseq"),
        position=duration(said, "position"), parameters=part(said, "parameters"),
    )  # fmt: skip


def _count(said: Mapping[str, Any], name: str) -> int:
    value = said.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise PayloadError(f"The {name} of a message is no whole number.")
    return value


def duration(of: Mapping[str, Any], name: str) -> float:
    """Return the seconds of a field such as PT1.5S; raises PayloadError."""
    found = _DURATION.fullmatch(text(of, name))
    if not found:
        raise PayloadError(f"The {name} of a message is no duration like PT1.5S.")
    return seconds(float(found[1]), of=f"The {name} of a message")


@dataclass(frozen=True, slots=True)
class Media:
    """Sound as Genesys offers it: its format, and what is on each channel."""

    format: str
    channels: tuple[str, ...]

    @property
    def encoding(self) -> Encoding:
        """How it is written."""
        return _ENCODINGS[self.format]

    @property
    def tracks(self) -> tuple[Track, ...]:
        """Whose sound it is, channel by channel."""
        return tuple(_TRACKS[channel] for channel in self.channels)

    def as_json(self) -> dict[str, Any]:
        """Return it in the words of the protocol."""
        return {"type": "audio", "format": self.format, "channels": [*self.channels], "rate": RATE}


def chosen(offered: object) -> Media | None:
    """Return what to take of the sound on offer: both sides rather than the customer's alone; None without theirs."""
    offers = [each for each in offered if isinstance(each, Mapping)] if isinstance(offered, list) else []
    for channels in _WANTED:
        for form in _ENCODINGS:
            media = Media(form, tuple(channels))
            if any(media.as_json().items() <= offer.items() for offer in offers):
                return media
    return None


def telephone_number(ani: str) -> str:
    """Return the number in an address such as tel:+4420…, sip:+4420…@host or +4420…; '' where there is none."""
    found = re.fullmatch(r"(?:tel:|sips?:)?(\+?[0-9]{3,20})(?:[@;].*)?", ani)
    return found[1] if found else ""
