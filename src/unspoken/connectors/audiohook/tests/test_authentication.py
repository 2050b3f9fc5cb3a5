"""Only the Genesys organisation that an inbox is set up for is listened to, and no request of it twice."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from unspoken.connectors.audiohook.authentication import REMEMBERED, Nonces, check
from unspoken.connectors.audiohook.settings_form import AudioHookSettingsForm
from unspoken.connectors.base import Delivery, SignatureError

from .conformance import SETTINGS, signing, upgrade

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NONCE = "VGhpc0lzQVVuaXF1ZU5vbmNl"
KEYID = f'keyid="{SETTINGS["api_key"]}"'
NOW = int(AT.timestamp())
DOCUMENTED = {
    "host": "audiohook.example.com", "audiohook-organization-id": "d7934305-0972-4844-938e-9060eef73d05",
    "audiohook-session-id": "30b0e395-84d3-4570-ac13-9a62d8f514c0", "x-api-key": "SGVsbG8sIEkgYW0gdGhlIEFQSSBrZXkh",
    "audiohook-correlation-id": "e160e428-53e2-487c-977d-96989bf5c99d", ":path": "/api/v1/voicebiometrics/ws",
    "signature": "sig1=:NZBwyBHRRyRoeLqy1IzOa9VYBuI8TgMFt2GRDkDuJh4=:", ":scheme": "wss",
    "signature-input": 'sig1=("@request-target" "@authority" "audiohook-organization-id" "audiohook-session-id" '
    '"audiohook-correlation-id" "x-api-key");keyid="SGVsbG8sIEkgYW0gdGhlIEFQSSBrZXkh";'
    f'nonce="{NONCE}";alg="hmac-sha256";created=1641013200;expires=3282026430',
}  # fmt: skip
THEIRS = {"api_key": DOCUMENTED["x-api-key"], "client_secret": "TXlTdXBlclNlY3JldEtleVRlbGxOby0xITJAMyM0JDU="}


def documented(seconds: float = 0, **headers: str) -> Delivery:
    """Return the request that Genesys documents, `seconds` after it was signed."""
    changed = DOCUMENTED | {name.replace("_", "-"): value for name, value in headers.items()}
    return Delivery(body=b"", headers=changed, query={}, at=datetime.fromtimestamp(1641013200 + seconds, UTC))


@pytest.mark.parametrize("seconds", [-3, 0, 10, 13])
def test_the_request_that_genesys_documents_is_admitted(seconds: float) -> None:
    check(documented(seconds), THEIRS, nonces=Nonces())


@pytest.mark.parametrize("seconds", [-4, 14, 3600])
def test_a_signature_that_is_not_of_these_seconds_is_refused(seconds: float) -> None:
    with pytest.raises(SignatureError, match="are both clocks right"):
        check(documented(seconds), THEIRS, nonces=Nonces())


@pytest.mark.parametrize("header", sorted(set(DOCUMENTED) - {":scheme"}))
def test_whatever_is_changed_of_it_is_refused(header: str) -> None:
    value = DOCUMENTED[header]
    changed = DOCUMENTED | {header: value[:-3] + ("y" if value[-3] == "x" else "x") + value[-2:]}
    with pytest.raises(SignatureError):
        check(replace(documented(), headers=changed), THEIRS, nonces=Nonces())


def test_the_address_is_the_one_that_was_called() -> None:
    check(documented(host="AudioHook.example.com:443"), THEIRS, nonces=Nonces())
    inside = documented(host="127.0.0.1:8000")
    with pytest.raises(SignatureError, match="over the address"):
        check(inside, THEIRS, nonces=Nonces())
    check(inside, THEIRS | {"public_address": "wss://audiohook.example.com"}, nonces=Nonces())
    behind = replace(inside, headers={**inside.headers, ":path": "/lines/audiohook/inb_test"})
    whole = "wss://audiohook.example.com/api/v1/voicebiometrics/ws"
    check(behind, THEIRS | {"public_address": whole}, nonces=Nonces())


def test_a_request_is_taken_once() -> None:
    nonces = Nonces()
    check(documented(), THEIRS, nonces=nonces)
    with pytest.raises(SignatureError, match="a second time"):
        check(documented(5), THEIRS, nonces=nonces)


def test_a_request_that_was_refused_uses_up_no_nonce() -> None:
    nonces = Nonces()
    with pytest.raises(SignatureError):
        check(documented(), THEIRS | {"client_secret": "YW5vdGhlciBzZWNyZXQgb2YgdGhlaXJz"}, nonces=nonces)
    check(documented(), THEIRS, nonces=nonces)


def test_nonces_are_forgotten_with_their_time_and_never_too_many() -> None:
    nonces = Nonces()
    assert nonces.use("a", by="k", now=100.0)
    assert not nonces.use("a", by="k", now=116.0)
    assert nonces.use("a", by="other", now=116.0)
    assert nonces.use("a", by="k", now=116.1)
    assert all(nonces.use(str(each), by="k", now=117.0) for each in range(REMEMBERED))
    assert nonces.use("a", by="k", now=117.0)  # the oldest had to go


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        (f';{KEYID};nonce="{NONCE}";created={NOW};tag="x"', "not known"),
        (f';{KEYID};nonce="{NONCE}";created={NOW};alg="hmac-sha1"', "another kind"),
        (f';keyid="another";nonce="{NONCE}";created={NOW}', "another key"),
        (f';nonce="{NONCE}";created={NOW}', "another key"),
        (f';{KEYID};nonce="{NONCE[:21]}";created={NOW}', "too short"),
        (f";{KEYID};created={NOW}", "too short"),
        (f';{KEYID};nonce="{NONCE}"', "clocks"),
        (f';{KEYID};nonce="{NONCE}";created={NOW};expires={NOW - 4}', "expired"),
        (f';{KEYID};nonce="{NONCE}";created={NOW};created={NOW}', "cannot be read"),
        (f';{KEYID};nonce="{NONCE}";created=-1', "cannot be read"),
    ],
)
def test_a_signature_says_when_and_by_whom_it_was_made(parameters: str, said: str) -> None:
    with pytest.raises(SignatureError, match=said):
        check(upgrade(at=AT, parameters=parameters), SETTINGS, nonces=Nonces())


def test_everything_that_has_to_be_covered_is_covered_once() -> None:
    request = upgrade(at=AT)
    described = request.headers["signature-input"]
    for changed in (
        described.replace('"@authority" ', ""), described.replace('"x-api-key"', '"x-api-key" "x-api-key"'),
    ):  # fmt: skip
        with pytest.raises(SignatureError, match="does not cover what it has to"):
            check(replace(request, headers={**request.headers, "signature-input": changed}), SETTINGS, nonces=Nonces())


def test_of_several_signatures_the_one_that_is_there_counts() -> None:
    request = upgrade(at=AT)
    described, given = request.headers["signature-input"], request.headers["signature"]
    several = {"signature-input": f'proxy=("date");created=1;keyid="p", {described}', "signature": f"x=:AAAA:, {given}"}
    check(replace(request, headers={**request.headers, **several}), SETTINGS, nonces=Nonces())


def test_an_unsigned_request_is_refused_though_its_key_is_right() -> None:
    request = upgrade(at=AT)
    bare = {name: value for name, value in request.headers.items() if not name.startswith("signature")}
    with pytest.raises(SignatureError, match="not signed"):
        check(replace(request, headers=bare), SETTINGS, nonces=Nonces())


def test_long_headers_are_not_even_looked_into() -> None:
    request = upgrade(at=AT)
    with pytest.raises(SignatureError, match="longer"):
        check(replace(request, headers={**request.headers, "signature-input": "a" * 5000}), SETTINGS, nonces=Nonces())


def test_the_tests_sign_as_genesys_does() -> None:
    parameters = DOCUMENTED["signature-input"].partition(")")[2]
    given = signing(DOCUMENTED, parameters, secret=THEIRS["client_secret"])
    assert given == {name: DOCUMENTED[name] for name in ("signature-input", "signature")}


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"client_secret": "no base64!"}, "client_secret", "no base64"),
        ({"client_secret": "c2hvcnQ="}, "client_secret", "too short"),
        ({"client_secret": ""}, "client_secret", "required"),
        ({"api_key": ""}, "api_key", "required"),
        ({"public_address": "ftp://x"}, "public_address", "Write the address like"),
    ],
)
def test_what_is_wrong_with_the_settings_is_said_beside_its_field(
    changes: dict[str, Any], field: str, said: str
) -> None:
    form = AudioHookSettingsForm(SETTINGS | changes)
    assert not form.is_valid()
    assert said in str(form.errors[field])
