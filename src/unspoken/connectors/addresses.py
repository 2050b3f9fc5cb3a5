"""Calling other systems' web servers: at public addresses only, unless the operator says that one is their own.

A name is resolved once, every address that it leads to is checked, and that very address is connected to.
"""

from urllib.parse import urlsplit

from unspoken.kit.addresses import AddressRefusedError, Resolver, is_public, resolve


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
