"""Whether a delivery comes from the Chatwoot that the inbox is set up for."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from unspoken.connectors.base import Delivery, SignatureError

WINDOW = timedelta(minutes=5)
"""How far the time of a signature may be from ours: an old delivery cannot be played again later."""


def check(delivery: Delivery, settings: Mapping[str, Any]) -> None:
    """Raise SignatureError unless the delivery is signed, or, where Chatwoot does not sign, carries the shared key."""
    secret, key = settings.get("webhook_secret"), settings.get("key")
    if secret:
        _check_signature(delivery, secret)
    elif key:
        given = delivery.headers.get("x-unspoken-key") or delivery.query.get("key", "")
        if not _same(given, key):
            raise SignatureError("the key in its address is not the inbox's.")
    else:
        raise SignatureError("the inbox has neither a webhook secret nor a key, so nothing can be checked.")


def _check_signature(delivery: Delivery, secret: str) -> None:
    timestamp = delivery.headers.get("x-chatwoot-timestamp", "")
    expected = hmac.new(secret.encode(), timestamp.encode() + b"." + delivery.body, hashlib.sha256).hexdigest()
    if not _same(delivery.headers.get("x-chatwoot-signature", ""), f"sha256={expected}"):
        raise SignatureError("its signature is not that of the webhook secret.")
    if not timestamp.isdecimal() or abs(delivery.at.timestamp() - int(timestamp[:15])) > WINDOW.total_seconds():
        raise SignatureError("its time is more than five minutes from ours; are both clocks right?")


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())
