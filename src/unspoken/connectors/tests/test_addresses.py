"""Which addresses are called."""

import pytest

from unspoken.connectors.addresses import permitted
from unspoken.kit.addresses import AddressRefusedError


def to(address: str) -> object:
    return lambda host, port: [address]


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "::1", "fe80::1", "fc00::1",
     "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "224.0.0.1", "255.255.255.255"],
)  # fmt: skip
def test_a_name_that_leads_inside_is_refused(address: str) -> None:
    with pytest.raises(AddressRefusedError, match="leads to the private address"):
        permitted("https://chat.example.org", private=False, resolver=to(address))  # type: ignore[arg-type]


def test_a_name_with_one_private_address_among_public_ones_is_refused() -> None:
    with pytest.raises(AddressRefusedError):
        permitted("https://chat.example.org", private=False, resolver=lambda host, port: ["93.184.215.14", "10.0.0.1"])


def test_the_address_that_was_checked_is_the_one_to_connect_to() -> None:
    assert permitted("https://chat.example.org", private=False, resolver=lambda host, port: ["93.184.215.14"]) == (
        "93.184.215.14", 443, "chat.example.org",
    )  # fmt: skip


@pytest.mark.parametrize(
    "url",
    [
        "http://chat.example.org",
        "ftp://x",
        "chat.example.org",
        "",
        "https://",
        "file:///x",
    ],
)
def test_only_https_leaves_for_the_internet(url: str) -> None:
    with pytest.raises(AddressRefusedError):
        permitted(url, private=False, resolver=lambda host, port: ["93.184.215.14"])


def test_the_operators_own_server_may_be_private_and_plain() -> None:
    assert permitted("http://10.0.0.5:3000", private=True, resolver=lambda host, port: ["10.0.0.5"]) == (
        "10.0.0.5", 3000, "10.0.0.5",
    )  # fmt: skip


@pytest.mark.parametrize("url", ["https://x:port", "https://[", "https://x:99999999"])
def test_what_is_no_address_at_all_is_refused_in_words(url: str) -> None:
    with pytest.raises(AddressRefusedError, match="is no web address"):
        permitted(url, private=True)
