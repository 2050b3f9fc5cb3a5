"""Whether a connection comes from the account that the inbox is set up for.

Twilio signs the request of the upgrade: X-Twilio-Signature is the HMAC-SHA1 of the whole public address under the
account's auth token, in base64. It covers neither a time nor what follows, so it is the same for every call.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterator, Mapping
from typing import Any

from unspoken.connectors.base import Delivery, SignatureError
from unspoken.connectors.callers import called_address, check_key, same

from .dialects import dialect_of


def check(upgrade: Delivery, settings: Mapping[str, Any]) -> None:
    """Raise SignatureError unless the request is signed, or, where the system does not sign, carries the shared key."""
    token = settings.get("auth_token")
    if not token or not dialect_of(settings).signs:
        check_key(upgrade, settings.get("key"))
        return
    given = upgrade.headers.get("x-twilio-signature", "")
    expected = [signature(address, token=str(token)) for address in addresses(upgrade, settings)]
    if not any(same(given, each) for each in expected):
        raise SignatureError(
            "its signature is not that of the auth token over the address that is called; compare both with the "
            "inbox's settings."
        )


def signature(address: str, *, token: str) -> str:
    """Return what Twilio writes into X-Twilio-Signature of a request without a form."""
    digest = hmac.new(token.encode(), address.encode("utf-8", "replace"), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def addresses(upgrade: Delivery, settings: Mapping[str, Any]) -> Iterator[str]:
    """Yield the address that was called in every form that Twilio may have signed: its port and last slash vary."""
    authority, target = called_address(upgrade, settings.get("public_address"))
    path, mark, query = target.partition("?")
    host, colon, port = authority.rpartition(":")
    bare = host if colon and port.isdecimal() else authority
    for place in dict.fromkeys((authority, bare, f"{bare}:443")):
        for way in dict.fromkeys((path, path.rstrip("/"), path.rstrip("/") + "/")):
            yield f"wss://{place}{way}{mark}{query}"
