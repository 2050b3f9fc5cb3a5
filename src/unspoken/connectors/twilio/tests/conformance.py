"""What the conformance tests must know of Twilio: settings, how a connection is signed, and a few frames."""

import json
from datetime import datetime
from typing import Any

from unspoken.connectors.base import Delivery
from unspoken.connectors.twilio.signature import signature

SETTINGS: dict[str, Any] = {
    "dialect": "twilio", "auth_token": "token-that-nobody-may-see", "key": "", "customer_track": "inbound",
    "customer_number": "", "public_address": "wss://care.kettle.example", "withdraw_key": "9",
    "callers_consent_on_the_line": False,
}  # fmt: skip
SECRETS = ("token-that-nobody-may-see",)
PATH = "/lines/twilio/inb_test"

OPENING = ("nothing-connected", "began-both-tracks")
SOUND = None  # sound comes in text frames
PROOF = ("x-twilio-signature",)
LATE = tuple(
    (
        json.dumps({"event": "media", "media": {"track": "inbound", "timestamp": str(at), "payload": "//8="}}),
        (at / 1000,),
    )
    for at in (40, 20, 40, 90, 60)
)


def upgrade(*, at: datetime) -> Delivery:
    """Return the request of a connection as Twilio signs it."""
    signed = signature(SETTINGS["public_address"] + PATH, token=SETTINGS["auth_token"])
    headers = {":path": PATH, ":scheme": "ws", "host": "127.0.0.1:8000", "x-twilio-signature": signed}
    return Delivery(body=b"", headers=headers, query={}, at=at)


def beginning(parameters: dict[str, Any]) -> str:
    """Return the frame that begins a stream and tells `parameters` of it."""
    media = {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}
    start = {"callSid": "CA0c11", "tracks": ["inbound"], "mediaFormat": media, "customParameters": parameters}
    return json.dumps({"event": "start", "streamSid": "MZ5e2a1c", "start": start})
