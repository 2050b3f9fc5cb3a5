"""Only the account that an inbox is set up for is listened to."""

from datetime import UTC, datetime
from typing import Any

import pytest

from unspoken.connectors.base import Delivery, SignatureError
from unspoken.connectors.twilio.settings_form import TwilioSettingsForm
from unspoken.connectors.twilio.signature import check, signature

from .conformance import PATH, SETTINGS

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TOKEN, KEY = "a token of Twilio's", "k" * 24


def upgrade(signed: str = "", *, path: str = PATH, host: str = "10.0.0.7:8000", **query: str) -> Delivery:
    """Return the request of a connection that carries the signature of an address."""
    headers = {":path": path, ":scheme": "ws", "host": host}
    if signed:
        headers["x-twilio-signature"] = signature(signed, token=TOKEN)
    return Delivery(body=b"", headers=headers, query=query, at=AT)


def test_a_signature_is_as_twilio_documents_it() -> None:
    form = "CallSidCA1234567890ABCDECaller+14158675309Digits1234From+14158675309To+18005551212"
    address = f"https://mycompany.com/myapp.php?foo=1&bar=2{form}"
    assert signature(address, token="12345") == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


@pytest.mark.parametrize(
    "signed",
    ["wss://care.example.org/lines/twilio/inb_test", "wss://care.example.org/lines/twilio/inb_test/",
     "wss://care.example.org:443/lines/twilio/inb_test"],
)  # fmt: skip
@pytest.mark.parametrize("public", ["wss://care.example.org", "wss://care.example.org/", "wss://CARE.example.org:443"])
def test_the_public_address_counts_with_its_port_and_last_slash_or_without(signed: str, public: str) -> None:
    check(upgrade(signed), {"auth_token": TOKEN, "public_address": public})


def test_a_proxy_may_change_the_path_where_the_whole_address_is_given() -> None:
    settings = {"auth_token": TOKEN, "public_address": "wss://care.example.org/calls"}
    check(upgrade("wss://care.example.org/calls", path="/lines/twilio/inb_test"), settings)
    with pytest.raises(SignatureError):
        check(upgrade("wss://care.example.org/lines/twilio/inb_test"), settings)


def test_where_no_address_is_given_the_request_is_believed() -> None:
    check(upgrade("wss://10.0.0.7:8000/lines/twilio/inb_test"), {"auth_token": TOKEN, "public_address": ""})


@pytest.mark.parametrize(
    "signed",
    ["", "wss://other.example.org/lines/twilio/inb_test", "wss://care.example.org/lines/twilio/inb_other",
     "https://care.example.org/lines/twilio/inb_test", "wss://care.example.org/lines/twilio/inb_test?key=1",
     "wss://care.example.org:8443/lines/twilio/inb_test"],
)  # fmt: skip
def test_the_signature_of_another_address_is_refused(signed: str) -> None:
    with pytest.raises(SignatureError):
        check(upgrade(signed), {"auth_token": TOKEN, "public_address": "wss://care.example.org"})


def test_the_signature_of_another_account_is_refused_though_the_key_is_right() -> None:
    settings = {"auth_token": "another", "key": KEY, "public_address": "wss://care.example.org"}
    with pytest.raises(SignatureError):
        check(upgrade("wss://care.example.org/lines/twilio/inb_test", key=KEY), settings)


@pytest.mark.parametrize("settings", [{"key": KEY}, {"key": KEY, "auth_token": TOKEN, "dialect": "telnyx"}])
def test_a_key_serves_systems_that_do_not_sign(settings: dict[str, Any]) -> None:
    check(upgrade(key=KEY), settings)
    check(Delivery(body=b"", headers={"authorization": f"bearer {KEY}"}, query={}, at=AT), settings)
    for wrong in ("", "k" * 23, "k" * 25, "größer"):
        with pytest.raises(SignatureError):
            check(upgrade(key=wrong), settings)


def test_a_key_that_is_too_short_serves_nobody() -> None:
    with pytest.raises(SignatureError, match="no key of at least 24 characters"):
        check(upgrade(key="k" * 23), {"key": "k" * 23})


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"auth_token": ""}, "auth_token", "nothing could be checked"),
        ({"dialect": "telnyx"}, "key", "Telnyx does not sign"),
        ({"auth_token": "", "key": "short"}, "key", "too short"),
        ({"public_address": ""}, "public_address", "it is what Twilio signs"),
        ({"public_address": "care.example.org"}, "public_address", "Write the address like"),
        ({"public_address": "wss://care.example.org:port"}, "public_address", "Write the address like"),
        ({"public_address": "wss://me:you@care.example.org"}, "public_address", "Write the address like"),
        ({"public_address": "wss://care.example.org/?key=1"}, "public_address", "question mark"),
        ({"customer_track": "both"}, "customer_track", "valid choice"),
        ({"withdraw_key": "A"}, "withdraw_key", "valid choice"),
    ],
)
def test_what_is_wrong_with_the_settings_is_said_beside_its_field(
    changes: dict[str, str], field: str, said: str
) -> None:
    form = TwilioSettingsForm(SETTINGS | changes)
    assert not form.is_valid()
    assert said in str(form.errors[field])


def test_an_address_of_a_page_is_taken_for_that_of_its_calls() -> None:
    form = TwilioSettingsForm(SETTINGS | {"public_address": " https://care.example.org:8443 "})
    assert form.is_valid(), form.errors
    assert form.settings()["public_address"] == "wss://care.example.org:8443"
