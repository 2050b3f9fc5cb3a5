"""Telephone systems over real sockets: what each sends, frame by frame, and what it is told."""

import base64
import contextlib
import json
import secrets
import time
from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.calls.ledger import API_KEY, AUTH_TOKEN, CLIENT_SECRET, KEY, PUBLIC
from unspoken.connectors.audiohook.tests.conformance import ORGANISATION, signing
from unspoken.connectors.twilio.signature import signature
from unspoken.perception.voice.telephone import encoded
from unspoken.perception.voice.tests.made import voice

RATE = 8_000
FRAME = RATE // 50  # bytes of 20 ms
ANSWERED = 15.0  # seconds to wait for what the server says


class Door(Protocol):
    """Where a server is, and its inboxes for calls by connector."""

    port: int
    inboxes: dict[str, str]


def spoken(seconds: float, *, pitch: float = 140.0, seed: int = 1) -> bytes:
    """Return a made voice as a telephone carries it: mu-law at 8 kHz."""
    return encoded(voice(seconds, pitch=pitch, seed=seed)[::2])


def silent(seconds: float) -> bytes:
    """Return silence as a telephone carries it."""
    return b"\xff" * round(seconds * RATE)


def dial(served: Door, connector: str, *, query: str = "", **headers: str) -> ClientConnection:
    """Open a connection to an inbox as it is."""
    address = f"ws://127.0.0.1:{served.port}/lines/{connector}/{served.inboxes[connector]}{query}"
    opened = connect(address, additional_headers=headers, open_timeout=30, close_timeout=5, compression=None)
    return opened.__enter__()


class Telephone:
    """One stream of a call. `says` sends sound of both sides; `at` is the second of the stream up to which was sent."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection, self.at = connection, 0.0

    def says(self, customer: bytes, agent: bytes | None = None, *, pace: float = 0.0) -> None:
        """Send sound in frames of 20 ms; pace: how many times as fast as it is spoken, 0 for as fast as it goes."""
        other = silent(len(customer) / RATE) if agent is None else agent
        began = time.monotonic()
        for place in range(0, len(customer), FRAME):
            self.frame(customer[place : place + FRAME], other[place : place + FRAME])
            if pace:
                time.sleep(max(0.0, began + place / RATE / pace - time.monotonic()))

    def frame(self, customer: bytes, agent: bytes) -> None:
        """Send one frame of both sides."""
        raise NotImplementedError

    def send(self, frame: str | bytes) -> None:
        self.connection.send(frame)

    def heard(self, *, within: float = ANSWERED) -> Iterator[dict[str, Any]]:
        """Yield what the server says, until it has said nothing for so long or the connection ends."""
        with contextlib.suppress(ConnectionClosed, TimeoutError):
            while True:
                yield json.loads(self.connection.recv(timeout=within))

    def hears(self, kind: str, *, within: float = ANSWERED) -> dict[str, Any]:
        """Return the next thing of a kind that the server says."""
        for said in self.heard(within=within):
            if said["type"] == kind:
                return said
        raise AssertionError(f"{kind} was not said within {within:.0f} seconds.")

    def is_left(self, *, within: float = ANSWERED) -> tuple[int, str]:
        """Wait until the server has closed the connection; return with which code and why."""
        for _ in self.heard(within=within):
            pass
        closed = self.connection.protocol.close_rcvd
        assert closed, "the server did not close the connection"
        return closed.code, closed.reason

    def drops(self) -> None:
        """Lose the connection without a word, as when a cable is pulled."""
        self.connection.socket.close()


class Twilio(Telephone):
    """A Twilio Media Stream."""

    def __init__(
        self, served: Door, call: str, caller: int, *, token: str = AUTH_TOKEN, begins: bool = True, **parameters: str
    ) -> None:
        path = f"/lines/twilio/{served.inboxes['twilio']}"
        super().__init__(dial(served, "twilio", **{"X-Twilio-Signature": signature(PUBLIC + path, token=token)}))
        told = {"contact_email": f"caller{caller}@example.org", "announced": "a notice was played", **parameters}
        if begins:
            self.send(json.dumps({"event": "connected", "protocol": "Call", "version": "1.0.0"}))
            self.send(json.dumps({"event": "start", "streamSid": "MZ1", "start": _start(call, told)}))

    def frame(self, customer: bytes, agent: bytes) -> None:
        """Send one frame of each track."""
        for track, payload in (("inbound", customer), ("outbound", agent)):
            sound = base64.b64encode(payload).decode()
            media = {"track": track, "timestamp": str(round(self.at * 1000)), "payload": sound}
            self.send(json.dumps({"event": "media", "streamSid": "MZ1", "media": media}))
        self.at += len(customer) / RATE

    def ends(self) -> None:
        """Hang up."""
        self.send(json.dumps({"event": "stop", "streamSid": "MZ1", "stop": {}}))


def _start(call: str, parameters: dict[str, str]) -> dict[str, Any]:
    media = {"encoding": "audio/x-mulaw", "sampleRate": RATE, "channels": 1}
    return {
        "accountSid": "AC1", "streamSid": "MZ1", "callSid": call, "tracks": ["inbound", "outbound"],
        "mediaFormat": media, "customParameters": parameters,
    }  # fmt: skip


class Plain(Telephone):
    """The plain protocol."""

    def __init__(
        self, served: Door, call: str, caller: int, *, key: str = KEY, begins: bool = True, **start: Any
    ) -> None:
        super().__init__(dial(served, "pcm", Authorization=f"Bearer {key}"))
        self.start = {
            "type": "start", "call": call, "rate": RATE, "encoding": "mulaw", "channels": ["customer", "agent"],
            "contact": {"email": f"caller{caller}@example.org"}, **start,
        }  # fmt: skip
        if begins:
            self.tells(**self.start)
            self.hears("started")

    def tells(self, **what: Any) -> None:
        """Send a text frame."""
        self.send(json.dumps(what))

    def frame(self, customer: bytes, agent: bytes) -> None:
        """Send one frame, the channels woven into each other."""
        self.send(np.stack([np.frombuffer(side, np.uint8) for side in (customer, agent)], axis=1).tobytes())
        self.at += len(customer) / RATE

    def ends(self) -> None:
        """End the call and wait for the goodbye."""
        self.tells(type="end")
        self.hears("bye")


class AudioHook(Telephone):
    """A session of AudioHook, both sides counting messages."""

    def __init__(
        self, served: Door, call: str, caller: int, *, secret: str = CLIENT_SECRET, begins: bool = True,
        position: float = 0.0,
    ) -> None:  # fmt: skip
        path = f"/lines/audiohook/{served.inboxes['audiohook']}"
        self.session, self._seq, self._serverseq = secrets.token_hex(16), 0, 0
        signed = {
            "host": PUBLIC.removeprefix("wss://"), "audiohook-organization-id": ORGANISATION, ":path": path,
            "audiohook-session-id": self.session, "audiohook-correlation-id": "c1", "x-api-key": API_KEY,
        }  # fmt: skip
        created = int(time.time())
        parameters = f';keyid="{API_KEY}";nonce="{secrets.token_urlsafe(18)}";alg="hmac-sha256";created={created}'
        headers = {name: value for name, value in signed.items() if name not in {"host", ":path"}}
        super().__init__(dial(served, "audiohook", **headers, **signing(signed, parameters, secret=secret)))
        self._position = position
        if begins:
            offered = [{"type": "audio", "format": "PCMU", "channels": ["external", "internal"], "rate": RATE}]
            self.tells(
                "open", organizationId=ORGANISATION, conversationId=call, participant={}, media=offered,
                customConfig={"contact_email": f"caller{caller}@example.org"},
            )  # fmt: skip
            self.opened = self.hears("opened")

    def tells(self, kind: str, **parameters: Any) -> None:
        """Send a message."""
        self._seq += 1
        at = f"PT{self._position + self.at:.3f}S"
        envelope = {
            "version": "2", "id": self.session, "type": kind, "seq": self._seq, "serverseq": self._serverseq,
            "position": at,
        }  # fmt: skip
        self.send(json.dumps(envelope | {"parameters": parameters}))

    def heard(self, *, within: float = ANSWERED) -> Iterator[dict[str, Any]]:
        """Yield what the server says, each in its turn."""
        for said in super().heard(within=within):
            assert said["seq"] == self._serverseq + 1, "a message of the server is missing or out of its turn"
            self._serverseq = said["seq"]
            yield said

    def frame(self, customer: bytes, agent: bytes) -> None:
        """Send one frame, the channels woven into each other."""
        self.send(np.stack([np.frombuffer(side, np.uint8) for side in (customer, agent)], axis=1).tobytes())
        self.at += len(customer) / RATE

    def ends(self) -> None:
        """Close the session and wait for the answer."""
        self.tells("close", reason="end")
        self.hears("closed")
