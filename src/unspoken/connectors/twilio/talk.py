"""One Media Stream: what each of its frames tells. The stream is only listened to, so nothing is ever answered."""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from unspoken.calls.happenings import Began, Encoding, Ended, Happening, Noted, Sounded, Track
from unspoken.connectors.base import PayloadError
from unspoken.connectors.callers import told
from unspoken.connectors.calling import Frame
from unspoken.connectors.calls_in import call_id, in_order, json_object, part, pressed, seconds, text, unknown

from .dialects import MULAW, dialect_of

RATE = 8000


class MediaStream:
    """Talk of one connection. settings: of the inbox."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings = settings
        self._dialect = dialect_of(settings)
        customers = "outbound" if settings.get("customer_track") == "outbound" else "inbound"
        agents = "inbound" if customers == "outbound" else "outbound"
        self._sides = {customers: Track.CUSTOMER, agents: Track.AGENT}
        self._tracks: frozenset[Track] = frozenset()
        self._stream, self._latest, self._is_over = "", 0.0, False
        self._telling: dict[str, Callable[[Mapping[str, Any]], Sequence[Happening]]] = {
            "connected": lambda said: (), "start": self._start, "media": self._media, "dtmf": self._dtmf,
            "mark": lambda said: [Noted(f"The mark {text(part(said, 'mark'), 'name')[:60]!r} was reached.")],
            "error": self._error, "stop": self._stop,
        }  # fmt: skip

    def take(self, frame: Frame, *, now: datetime) -> Sequence[Happening]:
        """Return what a frame tells; raises PayloadError for rubbish."""
        if self._is_over:
            return ()
        said = json_object(frame)
        stream = text(said, self._dialect.stream)
        if self._stream and stream and stream != self._stream:
            raise PayloadError("A frame belongs to another stream than the one that began.")
        event = text(said, "event")
        tell = self._telling.get(event)
        return tell(said) if tell else [unknown(event)]

    def answers(self) -> Sequence[Frame]:
        """Return nothing: a stream that is only listened to takes no frames."""
        return ()

    def quiet(self, why: str) -> None:
        """Do nothing: the protocol has no word for it."""

    def leave(self, why: str) -> None:
        """Do nothing: the stream ends as the connection closes, the call goes on."""

    def _start(self, said: Mapping[str, Any]) -> Sequence[Happening]:
        if self._tracks:
            raise PayloadError("A stream that has begun cannot begin again.")
        start = part(said, "start")
        self._check_format(part(start, self._dialect.media_format))
        name = call_id(start, *self._dialect.call)
        fields, notes = told(
            _parameters(start, self._dialect.parameters), settings=self._settings, phone=self._number(start)
        )
        self._tracks = self._announced(start.get("tracks"))
        self._stream = text(said, self._dialect.stream) or text(start, self._dialect.stream)
        return [Began(call_id=name, encoding=Encoding.MULAW, rate=RATE, tracks=self._tracks, **fields), *notes]

    def _check_format(self, given: Mapping[str, Any]) -> None:
        encoding, rate = text(given, "encoding").lower(), text(given, self._dialect.rate)
        if encoding not in MULAW or rate != str(RATE) or text(given, "channels") not in {"", "1"}:
            raise PayloadError(
                f"The stream is {encoding[:40] or 'of unknown encoding'} at {rate[:10] or 'an unknown rate'}; mu-law "
                f"(audio/x-mulaw, PCMU) at {RATE} Hz on one channel for each track is taken."
            )

    def _announced(self, tracks: object) -> frozenset[Track]:
        """Return the tracks that were announced; where none were, both may come."""
        names = [_name_of_track(each) for each in tracks] if isinstance(tracks, list) and tracks else [*self._sides]
        if not set(names) <= set(self._sides):
            raise PayloadError("A stream has the tracks inbound and outbound and no others.")
        return frozenset(self._sides[name] for name in names)

    def _number(self, start: Mapping[str, Any]) -> str:
        which = self._settings.get("customer_number")
        return text(start, which) if which in ("from", "to") else ""

    def _media(self, said: Mapping[str, Any]) -> Sequence[Happening]:
        media = part(said, "media")
        track = self._sides.get(_name_of_track(media.get("track")))
        if track is None or track not in self._tracks:
            raise PayloadError("Sound came on a track that was not announced, or before the stream began.")
        at = in_order(_moment(text(media, "timestamp")), latest=self._latest)
        payload = _decoded(media.get("payload"))
        self._latest = max(self._latest, at)
        return [Sounded(track=track, at=at, payload=payload)] if payload else ()

    def _dtmf(self, said: Mapping[str, Any]) -> Sequence[Happening]:
        dtmf = part(said, "dtmf")
        return [pressed(text(dtmf, "digit"), self._sides.get(_name_of_track(dtmf.get("track"))))]

    def _error(self, said: Mapping[str, Any]) -> Sequence[Happening]:
        payload = part(said, "payload")
        what = text(payload, "detail") or text(payload, "title") or "nothing more is said"
        return [
            Noted(f"{self._dialect.title} reports the error {text(payload, 'code')[:20] or 'without a code'}: {what}")
        ]

    def _stop(self, said: Mapping[str, Any]) -> Sequence[Happening]:
        self._is_over = True
        return [Ended(over=True)]


def _name_of_track(given: object) -> str:
    """Return inbound or outbound, which some frames write as inbound_track and outbound_track."""
    return given.removesuffix("_track") if isinstance(given, str) else ""


def _parameters(start: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return the parameters of whoever set the stream up: an object, or a list of objects with name and value."""
    given = start.get(name)
    if isinstance(given, list):
        return {text(each, "name"): each.get("value") for each in given if isinstance(each, Mapping)}
    return part(start, name)


def _moment(milliseconds: str) -> float:
    """Return the second of the stream; raises PayloadError."""
    if not milliseconds.isascii() or not milliseconds.isdecimal():
        raise PayloadError("The timestamp of a frame is no whole number of milliseconds.")
    return seconds(int(milliseconds[:15]) / 1000, of="The timestamp of a frame")


def _decoded(payload: object) -> bytes:
    """Return the sound of a frame; raises PayloadError."""
    if not isinstance(payload, str):
        raise PayloadError("A frame of sound has no payload.")
    try:
        return base64.b64decode(payload, validate=True)
    except (binascii.Error, ValueError) as error:
        raise PayloadError("The payload of a frame is no base64.") from error
