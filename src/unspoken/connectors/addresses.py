"""Calling other systems' web servers: at public addresses only, unless the operator says that one is their own.

A name is resolved once, every address that it leads to is checked, and that very address is connected to.
"""

import ipaddress
import socket
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")  # NAT64: an IPv4 address in disguise
Resolver = Callable[[str, int], Iterable[str]]


class AddressRefusedError(ValueError):
    """An address that is not called; the message says why and what would do."""


def resolve(host: str, port: int) -> list[str]:
    """Return every IP address of `host`."""
    return sorted({str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)})


def permitted(url: str, *, private: bool, resolver: Resolver = resolve) -> tuple[str, int, str]:
    """Return (IP address, port, host) to connect to; raises AddressRefusedError, OSError when the name is not found.

    private: addresses of the operator's own network, and plain HTTP, are allowed.
    """
    try:
        parts = urlsplit(url)
        host, given_port = parts.hostname or "", parts.port
    except ValueError as error:
        raise AddressRefusedError(f"{url!r} is no web address ({error}).") from error
    if not host or parts.scheme not in ({"https", "http"} if private else {"https"}):
        raise AddressRefusedError(f"{url!r} is no address that begins with https://.")
    port = given_port or (443 if parts.scheme == "https" else 80)
    found = list(resolver(host, port))
    for address in () if private else found:
        if not is_public(address):
            raise AddressRefusedError(
                f"{host} leads to the private address {address}. If that is your own server, say so in the inbox."
            )
    return found[0], port, host


def is_public(address: str) -> bool:
    """Tell whether an IP address is one of the public internet."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip in _TRANSLATED or ip.sixtofour or ip.teredo:
            return False
        ip = ip.ipv4_mapped or ip
    return ip.is_global and not ip.is_multicast and not ip.is_reserved
