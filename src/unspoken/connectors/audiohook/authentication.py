"""Whether a connection comes from the Genesys organisation that the inbox is set up for.

The request of the upgrade carries the API key and a signature after the draft of HTTP Message Signatures that became
RFC 9421: HMAC-SHA256 under the client secret, over the components that REQUIRED names.
"""

import base64
import binascii
import hashlib
import hmac
import re
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from unspoken.connectors.base import Delivery, SignatureError
from unspoken.connectors.callers import called_address, same

REQUIRED = (
    "@request-target", "@authority", "audiohook-organization-id", "audiohook-session-id", "audiohook-correlation-id",
    "x-api-key",
)  # fmt: skip
OLDEST = 10.0
"""Seconds after which a signature is not accepted any more."""

SKEW = 3.0
"""Seconds by which the two clocks may differ."""

SHORTEST_NONCE = 22
REMEMBERED = 10_000
"""Nonces that are remembered at once: as many connections in some 16 seconds."""

_LONGEST_HEADER = 4096
_MEMBER = re.compile(
    r'(?P<label>[a-z*][a-z0-9_.*-]{0,40})=(?P<base>\((?P<components>(?:"[a-z0-9@_-]+" ?)+)\)'
    r'(?P<parameters>(?:;[a-z]+=(?:"[!#-\[\]-~ ]*"|[0-9]{1,15}))+))\s*(?:,|\Z)'
)
_PARAMETER = re.compile(r';([a-z]+)=(?:"([^"]*)"|([0-9]+))')
_SIGNATURE = re.compile(r"([a-z*][a-z0-9_.*-]{0,40})=:([A-Za-z0-9+/=]*):\s*(?:,|\Z)")


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature, what it covers, and the text that says so. Only that very text is signed, so it stays as it came."""

    base: str
    components: tuple[str, ...]
    parameters: Mapping[str, str]
    digest: bytes


class Nonces:
    """The nonces of the last seconds, so that a request cannot be sent a second time. Known to this process only."""

    def __init__(self) -> None:
        self._until: OrderedDict[tuple[str, str], float] = OrderedDict()
        self._lock = threading.Lock()

    def use(self, nonce: str, *, by: str, now: float) -> bool:
        """Remember a nonce; return whether it is new. by: whose it is; now: seconds since 1970."""
        with self._lock:
            while self._until and next(iter(self._until.values())) < now:
                self._until.popitem(last=False)
            if (by, nonce) in self._until:
                return False
            if len(self._until) >= REMEMBERED:
                self._until.popitem(last=False)
            self._until[by, nonce] = now + OLDEST + 2 * SKEW
            return True


_nonces = Nonces()


def check(upgrade: Delivery, settings: Mapping[str, Any], *, nonces: Nonces = _nonces) -> None:
    """Raise SignatureError unless the request has the API key and is signed with the client secret, once, just now."""
    api_key, secret = str(settings.get("api_key") or ""), _secret(settings)
    if not api_key or not secret:
        raise SignatureError("the inbox has no API key and client secret, so nothing can be checked.")
    if not same(upgrade.headers.get("x-api-key", "").strip(), api_key):
        raise SignatureError("its X-API-KEY is not the inbox's.")
    signed = _signed(upgrade)
    if not set(REQUIRED) <= set(signed.components) or len(set(signed.components)) < len(signed.components):
        raise SignatureError("its signature does not cover what it has to, each once.")
    _check_parameters(signed.parameters, api_key, now=upgrade.at.timestamp())
    expected = hmac.new(secret, _text(signed, upgrade, settings), hashlib.sha256).digest()
    if not hmac.compare_digest(signed.digest, expected):
        raise SignatureError(
            "its signature is not that of the client secret over the address that is called; compare both with the "
            "inbox's settings."
        )
    if not nonces.use(signed.parameters["nonce"], by=api_key, now=upgrade.at.timestamp()):
        raise SignatureError("it was sent a second time.")


def _secret(settings: Mapping[str, Any]) -> bytes:
    try:
        return base64.b64decode(str(settings.get("client_secret") or ""), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _signed(upgrade: Delivery) -> Signed:
    """Return the first signature that is described and there."""
    described, given = upgrade.headers.get("signature-input", ""), upgrade.headers.get("signature", "")
    if not described or not given:
        raise SignatureError("it is not signed.")
    if max(len(described), len(given)) > _LONGEST_HEADER:
        raise SignatureError("its signature is longer than any of Genesys.")
    digests = dict(_SIGNATURE.findall(given))
    for found in _MEMBER.finditer(described):
        if digest := digests.get(found["label"]):
            parameters = _PARAMETER.findall(found["parameters"])
            if len({name for name, _, _ in parameters}) == len(parameters):
                values = {name: quoted or number for name, quoted, number in parameters}
                return Signed(
                    found["base"], tuple(re.findall('"([^"]+)"', found["components"])), values, _bytes(digest)
                )
    raise SignatureError("its Signature-Input and Signature cannot be read.")


def _bytes(digest: str) -> bytes:
    try:
        return base64.b64decode(digest, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _check_parameters(parameters: Mapping[str, str], api_key: str, *, now: float) -> None:
    if not set(parameters) <= {"alg", "created", "expires", "keyid", "nonce"}:
        raise SignatureError("its signature has a parameter that is not known.")
    if parameters.get("alg", "hmac-sha256") != "hmac-sha256":
        raise SignatureError("its signature is of another kind than hmac-sha256.")
    if not same(parameters.get("keyid", ""), api_key):
        raise SignatureError("its signature is by another key than its X-API-KEY.")
    if len(parameters.get("nonce", "")) < SHORTEST_NONCE:
        raise SignatureError("the nonce of its signature is too short.")
    created, expires = parameters.get("created", ""), parameters.get("expires", "")
    if not created.isdecimal() or not now - OLDEST - SKEW <= int(created) <= now + SKEW:
        raise SignatureError(f"its signature is not of the last {OLDEST:.0f} seconds; are both clocks right?")
    if expires and (not expires.isdecimal() or int(expires) + SKEW < now):
        raise SignatureError("its signature has expired.")


def _text(signed: Signed, upgrade: Delivery, settings: Mapping[str, Any]) -> bytes:
    """Return what is signed: a line for each component, and the description itself."""
    authority, target = called_address(upgrade, settings.get("public_address"))
    usual_port = ":443" if upgrade.headers.get(":scheme") != "ws" or settings.get("public_address") else ":80"
    derived = {"@request-target": target, "@authority": authority.removesuffix(usual_port)}
    lines = []
    for name in signed.components:
        value = derived.get(name) if name.startswith("@") else upgrade.headers.get(name)
        if value is None:
            raise SignatureError("its signature covers something that is not there.")
        lines.append(f'"{name}": {value.strip()}')
    return "\n".join([*lines, f'"@signature-params": {signed.base}']).encode("utf-8", "replace")
