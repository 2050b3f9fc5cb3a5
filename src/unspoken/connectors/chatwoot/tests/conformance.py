"""What the conformance test must know of Chatwoot: settings, how a delivery is signed, where it would be sent."""

import hashlib
import hmac
from datetime import datetime
from typing import Any

SETTINGS: dict[str, Any] = {
    "base_url": "https://chat.kettle.example", "account_id": 3, "api_token": "token-that-nobody-may-see",
    "webhook_secret": "secret-that-nobody-may-see", "key": "", "private_network": False,
}  # fmt: skip
SECRETS = ("token-that-nobody-may-see", "secret-that-nobody-may-see")
TIMEOUT = "unspoken.connectors.chatwoot.api.TIMEOUT"
CONVERSATION = "412"


def signed(body: bytes, *, at: datetime, secret: str = "secret-that-nobody-may-see") -> dict[str, str]:
    """Return the headers of a delivery as Chatwoot signs it."""
    timestamp = str(int(at.timestamp()))
    digest = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {"X-Chatwoot-Signature": f"sha256={digest}", "X-Chatwoot-Timestamp": timestamp, "X-Chatwoot-Delivery": "d-1"}


def silent(port: int) -> dict[str, Any]:
    """Return settings under which answers go to a server on this machine that never answers."""
    return {**SETTINGS, "base_url": f"http://127.0.0.1:{port}", "private_network": True}
