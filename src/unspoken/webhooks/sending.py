"""One delivery: a thin, signed payload (Standard Webhooks), sent to the address that was checked, and no other."""

import base64
import json
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
from standardwebhooks import Webhook

from unspoken.journal.models import Entry
from unspoken.kit.addresses import AddressRefusedError, Resolver, resolve

from .addresses import check
from .models import Endpoint

TIMEOUT_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an attempt: an HTTP status, or an error in words."""

    status: int | None
    error: str
    seconds: float

    @property
    def accepted(self) -> bool:
        """Whether the receiver took it (2xx)."""
        return self.status is not None and 200 <= self.status < 300


def payload_of(entry: Entry) -> bytes:
    """Return the body: type, timestamp and ids. Never content, never an emotion: those are fetched with a token."""
    ids: dict[str, Any] = {
        "contact": entry.contact_id, "conversation": entry.conversation_id,
        **{key.removesuffix("_id"): value for key, value in entry.data.items() if key.endswith("_id")},
    }  # fmt: skip
    data = {name: value for name, value in ids.items() if value}
    body = {"type": entry.kind, "timestamp": entry.at.isoformat(), "data": data}
    return json.dumps(body, separators=(",", ":")).encode()


def headers_of(endpoint: Endpoint, entry: Entry, body: bytes, *, now: datetime) -> dict[str, str]:
    """Return the Standard Webhooks headers; retries keep the id; a replaced secret signs too until it ends."""
    message_id = f"entry_{entry.id}"
    secrets = [endpoint.secret]
    if endpoint.old_secret and endpoint.old_secret_until and endpoint.old_secret_until > now:
        secrets.append(endpoint.old_secret)
    return {
        "content-type": "application/json",
        "user-agent": "Unspoken-Webhooks/1",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(Webhook(secret).sign(message_id, now, body.decode()) for secret in secrets),
    }


def send(
    endpoint: Endpoint, entry: Entry, *, now: datetime, resolver: Resolver = resolve, transport: Any = None
) -> Answer:
    """Try once to deliver `entry`. Never raises for what the network or the receiver does."""
    begun = time.monotonic()
    body = payload_of(entry)
    try:
        host, address, port = check(endpoint.url, resolver=resolver)
        url = httpx.URL(endpoint.url).copy_with(host=address, port=port)
        headers = headers_of(endpoint, entry, body, now=now) | {"host": host}
        with httpx.Client(
            timeout=TIMEOUT_SECONDS, follow_redirects=False, trust_env=False, transport=transport
        ) as client:
            request = client.build_request("POST", url, content=body, headers=headers)
            request.extensions["sni_hostname"] = host
            response = client.send(request, stream=True)
            response.close()  # the body is never read
        error = "" if response.is_success else f"The receiver answered {response.status_code}."
        return Answer(response.status_code, error, time.monotonic() - begun)
    except AddressRefusedError as error_:
        return Answer(None, str(error_), time.monotonic() - begun)
    except httpx.HTTPError as error_:
        return Answer(None, f"{type(error_).__name__}: {error_}"[:300], time.monotonic() - begun)


def new_secret(random_bytes: bytes) -> str:
    """Return `whsec_…` made of 24 to 64 random bytes."""
    if not 24 <= len(random_bytes) <= 64:
        raise ValueError("a webhook secret is made of 24 to 64 bytes")
    return "whsec_" + base64.b64encode(random_bytes).decode()
