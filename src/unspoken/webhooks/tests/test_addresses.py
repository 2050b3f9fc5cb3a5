"""Private addresses are refused in every disguise."""

import pytest

from unspoken.kit.addresses import AddressRefusedError
from unspoken.webhooks.addresses import check


def leads_to(*addresses: str):
    return lambda host, port: list(addresses)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "::1",
        "::ffff:10.0.0.1", "fc00::1", "fe80::1%eth0", "64:ff9b::a00:1", "2002:0a00:0001::1", "224.0.0.1",
        "255.255.255.255",
    ],
)  # fmt: skip
def test_refuses_every_private_address(address: str) -> None:
    with pytest.raises(AddressRefusedError, match="leads to the private address"):
        check("https://hooks.example.org/in", resolver=leads_to(address))


def test_refuses_a_name_of_which_only_one_address_is_private() -> None:
    with pytest.raises(AddressRefusedError):
        check("https://hooks.example.org/in", resolver=leads_to("93.184.216.34", "10.0.0.1"))


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://hooks.example.org/", "begins with https://"),
        ("https://user:secret@hooks.example.org/", "no user name"),
        ("https://hooks.example.org:22/", "Port 22"),
        ("ftp://hooks.example.org/", "begins with https://"),
        ("https://", "begins with https://"),
        ("https://[::1", "no web address"),
        ("https://hooks.example.org:99999/", "no web address"),
    ],
)
def test_refuses_what_is_no_public_https_address(url: str, why: str) -> None:
    with pytest.raises(AddressRefusedError, match=why):
        check(url, resolver=leads_to("93.184.216.34"))


def test_refuses_numeric_disguises_that_resolve_to_loopback() -> None:
    for disguise in ("https://2130706433/", "https://0x7f000001/", "https://0177.0.0.1/", "https://localhost/"):
        with pytest.raises(AddressRefusedError):
            check(disguise)


def test_permits_a_public_address_and_says_where_to_connect() -> None:
    assert check("https://hooks.example.org:8443/in", resolver=leads_to("93.184.216.34")) == (
        "hooks.example.org", "93.184.216.34", 8443,
    )  # fmt: skip
