"""What the connectors of telephone systems share: frames read within bounds, and sound taken apart.

A frame is rubbish until it is shown to be something else: whatever is wrong with it becomes a PayloadError that says
so, and nothing of it is kept. Pure: no database, no network, no clock.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from unspoken.calls.happenings import Encoding, Noted, Pressed, Sounded, Track
from unspoken.conversations.models import Inbox, Message
from unspoken.intake.validation import cleaned
from unspoken.people.models import Channel

from .base import Delivery, Parsed, PayloadError, SendError, SignatureError
from .calling import Frame

LARGEST_FRAME = 64 * 1024
"""Bytes of one frame; systems send between 20 and 200 milliseconds of sound in one, some kilobytes at most."""

LONGEST_STREAM = 24 * 3600.0
"""Seconds of one stream. A time beyond it is a mistake, not a call."""

FURTHEST_BACK = 60.0
"""Seconds that a frame may lie before the latest one: networks mix up seconds, not minutes."""

LONGEST_CALL_ID = 200

_KEYS = frozenset("0123456789*#")
_WIDTHS = {Encoding.MULAW: 1, Encoding.PCM: 2}


class CallsOnly:
    """What connectors of calls have in common, and are not: none takes deliveries or sends answers."""

    channel = Channel.CALL
    subprotocols: tuple[str, ...] = ()

    def verify(self, delivery: Delivery, inbox: Inbox) -> None:
        """Refuse every delivery."""
        raise SignatureError("this inbox takes calls, not deliveries.")

    def parse(self, delivery: Delivery, inbox: Inbox) -> Parsed:
        """Refuse: see `verify`."""
        raise PayloadError("This inbox takes calls, not deliveries.")

    def send(self, message: Message, inbox: Inbox) -> str:
        """Refuse: a call is answered by calling."""
        _refuse_to_send()

    def was_sent(self, message: Message, inbox: Inbox) -> str:
        """Refuse: see `send`."""
        _refuse_to_send()

    def probe(self, settings: Mapping[str, Any]) -> list[str]:
        """Return nothing: it is the telephone system that connects, so nothing can be tried out from here."""
        return []


def _refuse_to_send() -> NoReturn:
    raise SendError(
        "A call cannot be answered in writing, so nothing was sent. Call back, or write by another channel.",
        permanent=True,
    )


# Reading frames


def json_object(frame: Frame) -> dict[str, Any]:
    """Return the JSON object that a text frame holds; raises PayloadError."""
    if not isinstance(frame, str):
        raise PayloadError("A binary frame came where only text is due.")
    if len(frame) > LARGEST_FRAME or len(frame.encode("utf-8", "surrogatepass")) > LARGEST_FRAME:
        raise PayloadError(f"A text frame is longer than {LARGEST_FRAME} bytes.")
    try:
        said = json.loads(frame, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise PayloadError("A text frame is no JSON.") from error
    if not isinstance(said, dict):
        raise PayloadError("A text frame is no JSON object.")
    return said


def _no_number(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number in JSON")


def part(of: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return the object in a field, an empty one where there is none."""
    value = of.get(name)
    return value if isinstance(value, Mapping) else {}


def text(of: Mapping[str, Any], name: str, *, longest: int = 200) -> str:
    """Return a field as storable text of at most `longest` characters; whole numbers too, '' for anything else."""
    value = of.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return cleaned(str(value)).strip()[:longest]


def seconds(value: object, *, of: str) -> float:
    """Return a time in seconds, 0 to 24 hours; `of` says what it is a time of. Raises PayloadError."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise PayloadError(f"{of} is no number of seconds.")
    if not 0 <= value <= LONGEST_STREAM:
        raise PayloadError(f"{of} is not within the 24 hours that a stream may last.")
    return float(value)


def in_order(at: float, *, latest: float) -> float:
    """Return a second of the stream, unless it lies absurdly far before the latest one; raises PayloadError."""
    if at < latest - FURTHEST_BACK:
        raise PayloadError(f"A frame lies more than {FURTHEST_BACK:.0f} seconds before the latest one.")
    return at


def call_id(of: Mapping[str, Any], *names: str) -> str:
    """Return the other system's name of the call, the first of `names` that is given; raises PayloadError."""
    for name in names:
        if found := text(of, name, longest=LONGEST_CALL_ID + 1):
            if len(found) > LONGEST_CALL_ID:
                raise PayloadError(f"The name of the call is longer than {LONGEST_CALL_ID} characters.")
            return found
    raise PayloadError(f"The call has no name ({' or '.join(names)}).")


def pressed(key: str, track: Track | None = None) -> Pressed | Noted:
    """Return that a key was pressed; other signals (A to D of some telephones) are noted only."""
    return Pressed(key, track) if key in _KEYS else Noted("Something was pressed that is no key of a telephone.")


def unknown(event: str) -> Noted:
    """Return the note of an event that is not known."""
    return Noted(f"The event {event[:60]!r} is not known; it was left aside." if event else "An event has no name.")


class Interleaved:
    """Sound that comes without gaps, its channels woven into each other sample by sample, and its clock.

    tracks: in the order of the channels; rate: samples a second.
    """

    def __init__(self, tracks: Sequence[Track], *, encoding: Encoding, rate: int) -> None:
        self._tracks, self._rate = tuple(tracks), rate
        self._width = _WIDTHS[encoding]
        self._from, self._samples = 0.0, 0

    @property
    def at(self) -> float:
        """The second of the stream in which the next frame begins."""
        return self._from + self._samples / self._rate

    def go_on_at(self, second: float) -> None:
        """Let the next frame begin at a second of the stream; raises PayloadError when that is absurd."""
        self._from, self._samples = in_order(seconds(second, of="The place of a frame"), latest=self.at), 0

    def take(self, frame: bytes) -> list[Sounded]:
        """Return the sound of each channel, and move the clock on; raises PayloadError."""
        step = self._width * len(self._tracks)
        if len(frame) > LARGEST_FRAME:
            raise PayloadError(f"A binary frame is longer than {LARGEST_FRAME} bytes.")
        if len(frame) % step:
            raise PayloadError(f"A binary frame has {len(frame)} bytes, which is no multiple of {step}.")
        at, woven = self.at, memoryview(frame).cast("H" if self._width == 2 else "B")
        seconds(at + len(frame) / step / self._rate, of="The end of a frame")
        self._samples += len(frame) // step
        if not frame:
            return []
        apart = [woven[channel :: len(self._tracks)].tobytes() for channel in range(len(self._tracks))]
        return [Sounded(track=track, at=at, payload=each) for track, each in zip(self._tracks, apart, strict=True)]
