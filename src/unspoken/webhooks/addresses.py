"""Where a webhook may go: public HTTPS addresses only, resolved once, and connected to by that very address.

Guards against server-side request forgery: private, loopback, link-local, shared, reserved and translated ranges are
refused for every address that a name resolves to, and no redirect is followed.
"""

import ipaddress
import socket
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

PORTS = {443, 8443}
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")  # NAT64: an IPv4 address in disguise
Resolver = Callable[[str, int], Iterable[str]]


class AddressRefusedError(ValueError):
    """An address to which nothing is sent; the message says why and what would do."""


def resolve(host: str, port: int) -> list[str]:
    """Return every IP address of `host`."""
    return sorted({str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)})


def check(url: str, *, resolver: Resolver = resolve) -> tuple[str, str, int]:
    """Return (host, IP address to connect to, port) of a permitted URL; raise AddressRefusedError."""
    try:
        parts = urlsplit(url)
        port = parts.port or 443
    except ValueError as error:
        raise AddressRefusedError(f"{url!r} is no web address ({error}).") from error
    host = parts.hostname or ""
    if parts.scheme != "https" or not host:
        raise AddressRefusedError("A webhook's address begins with https://.")
    if parts.username or parts.password:
        raise AddressRefusedError("A webhook's address carries no user name or password.")
    if port not in PORTS:
        raise AddressRefusedError(f"Port {port} is not used for webhooks; use 443 or 8443.")
    try:
        found = list(resolver(host, port))
    except (OSError, UnicodeError) as error:
        raise AddressRefusedError(f"{host} cannot be found.") from error
    if not found:
        raise AddressRefusedError(f"{host} cannot be found.")
    for address in found:
        if not is_public(address):
            raise AddressRefusedError(
                f"{host} leads to the private address {address}; webhooks go to public ones only."
            )
    return host, found[0], port


def is_public(address: str) -> bool:
    """Tell whether an IP address is one of the public internet."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip in _TRANSLATED or ip.sixtofour or ip.teredo:
            return False
        ip = ip.ipv4_mapped or ip
    return ip.is_global and not ip.is_multicast and not ip.is_reserved
