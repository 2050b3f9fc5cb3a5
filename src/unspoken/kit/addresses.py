"""Which addresses of the network are public: what guards every call to another system (server-side request forgery)."""

import ipaddress
import socket
from collections.abc import Callable, Iterable

_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")  # NAT64: an IPv4 address in disguise
Resolver = Callable[[str, int], Iterable[str]]


class AddressRefusedError(ValueError):
    """An address that is not called; the message says why and what would do."""


def resolve(host: str, port: int) -> list[str]:
    """Return every IP address of `host`; raises OSError when it is not found."""
    return sorted({str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)})


def is_public(address: str) -> bool:
    """Tell whether an IP address is one of the public internet."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip in _TRANSLATED or ip.sixtofour or ip.teredo:
            return False
        ip = ip.ipv4_mapped or ip
    return ip.is_global and not ip.is_multicast and not ip.is_reserved
