"""Plays a recorded call through a live telephone stream, at the speed of a call.

To the server it is a telephone system like any other: it speaks Twilio's Media Streams (twilio.com/docs/voice/
media-streams/websocket-messages) through a real WebSocket, twenty milliseconds of each side at a time.
"""

import json
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal
from uuid import uuid4

from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.sync.client import ClientConnection, connect

from .recordings import RATE, Recording

FRAME = RATE // 50  # bytes of a side in a message
SILENCE = b"\xff"
_ACCOUNT = "AC" + 32 * "0"  # nobody's
_PATIENCE = 10.0  # seconds to be connected in

Side = Literal["left", "right"]
Stopped = Callable[[float], bool]
"""Waits so many seconds and tells whether to stop: the `wait` of a threading.Event."""
Tell = Callable[[float], Any]
"""Called with the seconds that have been played, every 20 ms; must not take long."""


class LineError(RuntimeError):
    """A call that could not be played to its end; the message says why and what to do."""


class Stream:
    """The messages of one stream of a call, numbered as they are asked for. Pure."""

    def __init__(self, *, call_id: str, parameters: Mapping[str, str]) -> None:
        """call_id: the telephone system's name of the call; parameters: handed to the server as they are."""
        self._call_id, self._parameters = call_id, dict(parameters)
        self._id = f"MZ{uuid4().hex}"
        self._number = 0

    def connected(self) -> str:
        """Return the greeting."""
        return json.dumps({"event": "connected", "protocol": "Call", "version": "1.0.0"})

    def start(self) -> str:
        """Return what tells of the call."""
        told = {
            "accountSid": _ACCOUNT, "streamSid": self._id, "callSid": self._call_id,
            "tracks": ["inbound", "outbound"], "customParameters": self._parameters,
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": RATE, "channels": 1},
        }  # fmt: skip
        return self._numbered("start", told)

    def media(self, track: str, *, place: int, payload: bytes) -> str:
        """Return 20 ms of one track; place: how many came before."""
        timestamp = place * FRAME * 1_000 // RATE
        told = {
            "track": track, "chunk": str(place + 1), "timestamp": str(timestamp),
            "payload": b64encode(payload).decode("ascii"),
        }  # fmt: skip
        return self._numbered("media", told)

    def stop(self) -> str:
        """Return the end."""
        return self._numbered("stop", {"accountSid": _ACCOUNT, "callSid": self._call_id})

    def _numbered(self, event: str, told: Mapping[str, Any]) -> str:
        self._number += 1
        return json.dumps({"event": event, "sequenceNumber": str(self._number), "streamSid": self._id, event: told})


def play_call(
    recording: Recording, *, url: str, call_id: str, parameters: Mapping[str, str], customer: Side,
    stopped: Stopped, speed: float = 1.0, tell: Tell | None = None,
) -> float:  # fmt: skip
    """Play both sides of a call to the server at `url` and hang up; return how many seconds were played.

    customer: whose channel is the caller's. speed: 1 is that of a call. Hangs up at once when `stopped`. Raises
    LineError when the server cannot be reached, refuses the call or ends it early.
    """
    if speed <= 0:
        raise ValueError(f"A call cannot be played at {speed} times its speed.")
    stream = Stream(call_id=call_id, parameters=parameters)
    played = 0.0
    try:
        with _dialled(url) as line:
            line.send(stream.connected())
            line.send(stream.start())
            begun = time.monotonic()
            for place, sides in enumerate(_chunks(recording, customer)):
                until = (place + 1) * FRAME / RATE
                if stopped(max(begun + until / speed - time.monotonic(), 0.0)):
                    break
                for track, payload in sides:
                    line.send(stream.media(track, place=place, payload=payload))
                played = min(until, recording.seconds)
                if tell:
                    tell(played)
            line.send(stream.stop())
    except ConnectionClosed as error:
        raise LineError(_ended(error, played, recording.seconds)) from error
    return played


def say_turns(
    turns: Sequence[Mapping[str, Any]], *, submit: Callable[[Mapping[str, Any]], Any], stopped: Stopped,
    speed: float = 1.0,
) -> None:  # fmt: skip
    """Submit what is said in a call, each turn (with its second `ends`) when it has been said."""
    begun = time.monotonic()
    for turn in sorted(turns, key=lambda one: float(one["ends"])):
        if stopped(max(begun + turn["ends"] / speed - time.monotonic(), 0.0)):
            return
        submit(turn)


def _dialled(url: str) -> ClientConnection:
    try:
        return connect(
            url, open_timeout=_PATIENCE, close_timeout=_PATIENCE, compression=None, proxy=None, max_queue=None
        )
    except InvalidStatus as error:
        raise LineError(
            f"The server refused the call (HTTP {error.response.status_code}). Nothing was played. Look whether the"
            " address and its key are those of an inbox that takes calls."
        ) from error
    except (OSError, WebSocketException, ValueError) as error:
        why = str(error).replace(url, _shown(url))
        raise LineError(
            f"The server could not be reached ({why}). Nothing was played. Look whether it runs at {_shown(url)}."
        ) from error


def _shown(url: str) -> str:
    return url.partition("?")[0]  # what follows may be a key


def _chunks(recording: Recording, customer: Side) -> Iterator[list[tuple[str, bytes]]]:
    """Yield 20 ms of both tracks at a time, the last of them filled up with silence."""
    left, right = recording.left, recording.right
    inbound, outbound = (left, right) if customer == "left" else (right, left)
    for begin in range(0, len(inbound), FRAME):
        yield [
            (track, side[begin : begin + FRAME].ljust(FRAME, SILENCE))
            for track, side in (("inbound", inbound), ("outbound", outbound))
        ]


def _ended(error: ConnectionClosed, played: float, seconds: float) -> str:
    close = error.rcvd
    why = f"{close.code}{f': {close.reason}' if close.reason else ''}" if close else "without a word"
    return f"The server ended the call after {played:.1f} of {seconds:.1f} seconds ({why}). The rest was not played."
