"""What the conformance tests must know of the plain protocol."""

import json
from datetime import datetime
from typing import Any

from unspoken.connectors.base import Delivery

SETTINGS: dict[str, Any] = {
    "key": "a-key-that-nobody-may-see", "withdraw_key": "9", "callers_consent_on_the_line": False,
}  # fmt: skip
SECRETS = ("a-key-that-nobody-may-see",)

OPENING = ("began-start",)
SOUND = bytes(1280)  # 20 milliseconds of two channels
PROOF = ("authorization",)
LATE = (
    (SOUND, (0.0, 0.0)), (SOUND, (0.02, 0.02)), (json.dumps({"type": "at", "seconds": 0.02}), ()),
    (SOUND, (0.02, 0.02)), (json.dumps({"type": "at", "seconds": 7}), ()), (SOUND, (7.0, 7.0)),
)  # fmt: skip


def upgrade(*, at: datetime) -> Delivery:
    """Return the request of a connection that shows the key."""
    headers = {":path": "/lines/pcm/inb_test", ":scheme": "wss", "authorization": f"Bearer {SETTINGS['key']}"}
    return Delivery(body=b"", headers=headers, query={}, at=at)


def beginning(parameters: dict[str, Any]) -> str:
    """Return the frame that begins a stream and tells `parameters` of it."""
    contact = {
        name.removeprefix("contact_"): value for name, value in parameters.items() if name.startswith("contact_")
    }
    said = {"type": "start", "call": "K-1", "rate": 8000, "encoding": "mulaw", "channels": ["customer"]}
    return json.dumps({**said, **parameters, "contact": contact})
