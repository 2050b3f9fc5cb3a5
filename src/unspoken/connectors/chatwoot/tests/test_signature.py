"""Only the Chatwoot that an inbox is set up for is listened to."""

import hashlib
import hmac
from datetime import UTC, datetime
from typing import Any

import pytest

from unspoken.connectors.base import Delivery, SignatureError
from unspoken.connectors.chatwoot.signature import check

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SECRET, KEY = "a secret of Chatwoot's", "k" * 24
BODY = '{"content": "größer 😡 "}  \n'.encode()


def delivery(headers: dict[str, str], *, body: bytes = BODY, **query: str) -> Delivery:
    return Delivery(body=body, headers=headers, query=query, at=AT)


def signed(seconds: float = 0, *, body: bytes = BODY, secret: str = SECRET, timestamp: str = "") -> dict[str, str]:
    timestamp = timestamp or str(int(AT.timestamp() + seconds))
    digest = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {"x-chatwoot-signature": f"sha256={digest}", "x-chatwoot-timestamp": timestamp}


@pytest.mark.parametrize("seconds", [0, -299, 299])
def test_a_signature_over_the_very_bytes_is_accepted(seconds: float) -> None:
    check(delivery(signed(seconds)), {"webhook_secret": SECRET})


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({}, BODY),
        (signed(), BODY.strip()),
        (signed(), BODY + b" "),
        (signed(secret="another"), BODY),
        (signed(-301), BODY),
        (signed(301), BODY),
        (signed(timestamp="not a time"), BODY),
        (signed(timestamp="9" * 40), BODY),
        (signed(timestamp="٣"), BODY),
        ({**signed(), "x-chatwoot-signature": signed()["x-chatwoot-signature"].removeprefix("sha256=")}, BODY),
        ({**signed(), "x-chatwoot-signature": signed()["x-chatwoot-signature"].upper()}, BODY),
        ({**signed(), "x-chatwoot-signature": "sha256=größer\udcff"}, BODY),
        ({**signed(), "x-chatwoot-timestamp": str(int(AT.timestamp()) + 1)}, BODY),
    ],
)
def test_anything_else_is_refused(headers: dict[str, str], body: bytes) -> None:
    with pytest.raises(SignatureError):
        check(delivery(headers, body=body), {"webhook_secret": SECRET, "key": ""})


def test_the_key_does_not_help_where_deliveries_are_signed() -> None:
    with pytest.raises(SignatureError):
        check(delivery({"x-unspoken-key": KEY}, key=KEY), {"webhook_secret": SECRET, "key": KEY})


def test_a_key_in_the_address_or_a_header_serves_versions_that_do_not_sign() -> None:
    check(delivery({}, key=KEY), {"key": KEY})
    check(delivery({"x-unspoken-key": KEY}), {"key": KEY})


@pytest.mark.parametrize("settings", [{"key": KEY}, {}, {"key": "", "webhook_secret": ""}])
@pytest.mark.parametrize("key", ["", "k" * 23, "größer"])
def test_a_wrong_key_or_none_to_compare_with_is_refused(settings: dict[str, Any], key: str) -> None:
    with pytest.raises(SignatureError):
        check(delivery({}, key=key), settings)
