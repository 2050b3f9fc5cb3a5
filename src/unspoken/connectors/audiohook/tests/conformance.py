"""What the conformance tests must know of AudioHook: settings, how a connection is signed, and a few frames."""

import base64
import hashlib
import hmac
import json
import secrets
from datetime import datetime
from typing import Any

from unspoken.connectors.base import Delivery

SETTINGS: dict[str, Any] = {
    "api_key": "an-api-key-that-nobody-may-see", "client_secret": "YS1zZWNyZXQtdGhhdC1ub2JvZHktbWF5LXNlZQ==",
    "public_address": "", "callers_consent_on_the_line": False,
}  # fmt: skip
SECRETS = ("an-api-key-that-nobody-may-see", "YS1zZWNyZXQtdGhhdC1ub2JvZHktbWF5LXNlZQ==", "a-secret-that-nobody-may-see")
SESSION, ORGANISATION = "30b0e395-84d3-4570-ac13-9a62d8f514c0", "d7934305-0972-4844-938e-9060eef73d05"

OPENING = ("began-open",)
SOUND = bytes(400)  # 25 milliseconds of two channels
PROOF = ("x-api-key", "signature", "signature-input", "audiohook-session-id", "audiohook-organization-id", "host")


def said(kind: str, seq: int, **parameters: Any) -> str:
    """Return a message of Genesys; the first is answered by the second, and so on."""
    envelope = {"version": "2", "id": SESSION, "type": kind, "seq": seq, "serverseq": 0, "position": "PT0S"}
    return json.dumps(envelope | {"parameters": parameters})


LATE = (
    (SOUND, (0.0, 0.0)), (SOUND, (0.025, 0.025)),
    (said("discarded", 2, start="PT0.05S", discarded="PT2S"), (0.05, 2.05)), (SOUND, (2.05, 2.05)),
    (said("discarded", 3, start="PT0S", discarded="PT1S"), ()), (SOUND, (2.075, 2.075)),
)  # fmt: skip


def upgrade(*, at: datetime, nonce: str = "", created: int | None = None, parameters: str = "") -> Delivery:
    """Return the request of a connection as Genesys signs it. parameters: in place of all of the signature's."""
    headers = {
        "host": "care.kettle.example", "audiohook-organization-id": ORGANISATION, "audiohook-session-id": SESSION,
        "audiohook-correlation-id": "e160e428-53e2-487c-977d-96989bf5c99d", "x-api-key": SETTINGS["api_key"],
        ":path": "/lines/audiohook/inb_test?a=1", ":scheme": "wss",
    }  # fmt: skip
    created = int(at.timestamp()) if created is None else created
    parameters = parameters or (
        f';keyid="{SETTINGS["api_key"]}";nonce="{nonce or secrets.token_urlsafe(18)}";alg="hmac-sha256"'
        f";created={created};expires={created + 10}"
    )
    return Delivery(body=b"", headers=headers | signing(headers, parameters), query={"a": "1"}, at=at)


def signing(headers: dict[str, str], parameters: str, *, secret: str = SETTINGS["client_secret"]) -> dict[str, str]:
    """Return the headers of a signature over a request."""
    covered = {"@request-target": headers[":path"], "@authority": headers["host"]}
    names = ("audiohook-organization-id", "audiohook-session-id", "audiohook-correlation-id", "x-api-key")
    covered |= {name: headers[name] for name in names}
    base = "(" + " ".join(f'"{name}"' for name in covered) + ")" + parameters
    lines = [*(f'"{name}": {value}' for name, value in covered.items()), f'"@signature-params": {base}']
    digest = hmac.new(base64.b64decode(secret), "\n".join(lines).encode(), hashlib.sha256).digest()
    return {"signature-input": f"sig1={base}", "signature": f"sig1=:{base64.b64encode(digest).decode()}:"}


def beginning(parameters: dict[str, Any]) -> str:
    """Return the frame that begins a stream and tells `parameters` of it."""
    media = [{"type": "audio", "format": "PCMU", "channels": ["external"], "rate": 8000}]
    call = {"organizationId": ORGANISATION, "conversationId": "090eaa2f-72fa-480a-83e0-8667ff89c0ec", "media": media}
    return said("open", 1, **call, participant={}, customConfig=parameters)
