"""Where a webhook may go: public HTTPS addresses only, resolved once, and connected to by that very address.

Guards against server-side request forgery: private, loopback, link-local, shared, reserved and translated ranges are
refused for every address that a name resolves to, and no redirect is followed.
"""

from urllib.parse import urlsplit

from unspoken.kit.addresses import AddressRefusedError, Resolver, is_public, resolve

PORTS = {443, 8443}


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
