"""One stream of the plain protocol: a start, then sound, and a few words between. `README.md` describes it whole."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from unspoken.calls.happenings import Began, Encoding, Ended, Happening, Paused, Resumed, Track
from unspoken.connectors.base import PayloadError
from unspoken.connectors.callers import told
from unspoken.connectors.calling import Frame
from unspoken.connectors.calls_in import Interleaved, call_id, json_object, part, pressed, seconds, text, unknown

RATES = (8000, 16000)
CHANNELS = (["customer", "agent"], ["customer"], ["mixed"])
CONTACT = ("phone", "email", "external_id", "name")


class PlainStream:
    """Talk of one connection. settings: of the inbox."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings = settings
        self._sound: Interleaved | None = None
        self._is_paused = self._is_over = self._has_left = False
        self._answers: list[Frame] = []
        self._telling = {
            "start": self._start, "at": self._at, "pause": self._pause, "resume": self._resume, "key": self._key,
            "end": self._end,
        }  # fmt: skip

    def take(self, frame: Frame, *, now: datetime) -> Sequence[Happening]:
        """Return what a frame tells; raises PayloadError for rubbish, which is also answered."""
        if self._is_over:
            return ()
        try:
            return self._hear(frame) if isinstance(frame, bytes) else self._read(json_object(frame))
        except PayloadError as error:
            self._say("error", message=str(error))
            raise

    def answers(self) -> Sequence[Frame]:
        """Return the frames to send now, once each."""
        due, self._answers = self._answers, []
        return due

    def quiet(self, why: str) -> None:
        """Say that nothing more is listened to."""
        self._say("quiet", why=why)

    def leave(self, why: str) -> None:
        """Say goodbye."""
        if not self._has_left:
            self._say("bye", why=why)
        self._has_left = True

    def _say(self, kind: str, **more: str) -> None:
        self._answers.append(json.dumps({"type": kind, **more}))

    def _read(self, said: Mapping[str, Any]) -> Sequence[Happening]:
        kind = text(said, "type")
        tell = self._telling.get(kind)
        return tell(said) if tell else [unknown(kind)]

    @property
    def _begun(self) -> Interleaved:
        if self._sound is None:
            raise PayloadError("The first frame of a stream has to be its start.")
        return self._sound

    def _start(self, said: Mapping[str, Any]) -> Sequence[Happening]:
        if self._sound is not None:
            raise PayloadError("A stream that has begun cannot begin again.")
        encoding, rate, tracks = _encoding(said.get("encoding")), _rate(said.get("rate")), _tracks(said.get("channels"))
        position = said.get("position")
        contact = part(said, "contact")
        fields, notes = told(
            {**said, **{f"contact_{name}": contact.get(name) for name in CONTACT}}, settings=self._settings
        )
        began = Began(
            call_id=call_id(said, "call"), encoding=encoding, rate=rate, tracks=frozenset(tracks),
            position=None if position is None else seconds(position, of="The position"), **fields,
        )  # fmt: skip
        self._sound = Interleaved(tracks, encoding=encoding, rate=rate)
        self._say("started")
        return [began, *notes]

    def _hear(self, frame: bytes) -> Sequence[Happening]:
        sounded = self._begun.take(frame)
        return () if self._is_paused else sounded

    def _at(self, said: Mapping[str, Any]) -> Sequence[Happening]:
        self._begun.go_on_at(seconds(said.get("seconds"), of="The place of a frame"))
        return ()

    def _pause(self, said: Mapping[str, Any]) -> Sequence[Happening]:
        was_paused, self._is_paused = self._is_paused, True
        return () if was_paused else [Paused(self._begun.at, text(said, "why"))]

    def _resume(self, said: Mapping[str, Any]) -> Sequence[Happening]:
        was_paused, self._is_paused = self._is_paused, False
        return [Resumed(self._begun.at)] if was_paused else ()

    def _key(self, said: Mapping[str, Any]) -> Sequence[Happening]:
        who = {"customer": Track.CUSTOMER, "agent": Track.AGENT}.get(text(said, "channel"))
        return [pressed(text(said, "key"), who)]

    def _end(self, said: Mapping[str, Any]) -> Sequence[Happening]:
        self._is_over = True
        return [Ended(over=said.get("over") is not False)]


def _encoding(given: object) -> Encoding:
    for encoding in Encoding:
        if given == encoding.value:
            return encoding
    raise PayloadError(f"The encoding has to be {' or '.join(Encoding)}.")


def _rate(given: object) -> int:
    for rate in RATES:
        if given == rate:
            return rate
    raise PayloadError("The rate has to be 8000 or 16000.")


def _tracks(given: object) -> tuple[Track, ...]:
    if given not in CHANNELS or not isinstance(given, list):
        raise PayloadError(f"The channels have to be {' or '.join(map(json.dumps, CHANNELS))}.")
    return tuple(Track(name) for name in given)
