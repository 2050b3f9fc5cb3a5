"""Who calls and who connects: what a telephone system tells of a caller, and how it shows that it may."""

import hmac
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from unspoken.calls.happenings import Noted
from unspoken.intake.inbound import Handle, Person
from unspoken.people.models import IdentityKind

from .base import Delivery, SignatureError
from .calls_in import text

SHORTEST_KEY = 24
"""Characters of a key that nobody guesses."""

_CONSENTS = frozenset({"given", "refused", "withdrawn"})
_CONTACT = (  # in order of trust: a telephone number can be borrowed or forged
    ("contact_external_id", IdentityKind.EXTERNAL), ("contact_email", IdentityKind.EMAIL),
    ("contact_phone", IdentityKind.PHONE),
)  # fmt: skip
_LONGEST_HANDLE = 254
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def told(
    parameters: Mapping[str, Any], *, settings: Mapping[str, Any], phone: str = "", name: str = "", language: str = ""
) -> tuple[dict[str, Any], list[Noted]]:
    """Return what parameters tell of a caller, as fields of `Began`, and what of it was left aside.

    phone, name, language: as the system itself knows them, where the parameters say nothing. The parameters are
    contact_phone, contact_email, contact_external_id, contact_name, announced, voice_consent, voice_consent_said_by,
    agent_email and language; others are ignored.
    """
    consent, notes = _consent(text(parameters, "voice_consent"), settings)
    language = text(parameters, "language") or language
    email = text(parameters, "agent_email", longest=_LONGEST_HANDLE + 1)
    return {
        "person": _person({"contact_phone": phone, "contact_name": name} | _given(parameters)),
        "announced": text(parameters, "announced", longest=300),
        "consent": consent,
        "said_by": text(parameters, "voice_consent_said_by", longest=80) if consent else "",
        "language": language if len(language) <= 12 and _LANGUAGE.fullmatch(language) else "",
        "member_email": email if "@" in email and len(email) <= _LONGEST_HANDLE else "",
    }, notes


def _given(parameters: Mapping[str, Any]) -> dict[str, str]:
    names = ("contact_name", *(name for name, _ in _CONTACT))
    return {name: found for name in names if (found := text(parameters, name, longest=_LONGEST_HANDLE + 1))}


def _person(given: Mapping[str, str]) -> Person | None:
    """Return who calls; None where nothing tells them from others. A handle that is too long is no handle."""
    known = [(kind, given.get(name, "")) for name, kind in _CONTACT]
    handles = tuple(Handle(kind=kind, value=value) for kind, value in known if 0 < len(value) <= _LONGEST_HANDLE)
    return Person(handles=handles, name=given.get("contact_name", "")[:200]) if handles else None


def _consent(said: str, settings: Mapping[str, Any]) -> tuple[str, list[Noted]]:
    """Return what the caller said of their permission. A no always counts; a yes only where the inbox relies on it."""
    if not said:
        return "", []
    if said not in _CONSENTS:
        return "", [Noted("voice_consent is none of given, refused and withdrawn; it was left aside.")]
    if said == "given" and not settings.get("callers_consent_on_the_line"):
        return "", [Noted("A permission given on the line was left aside: this inbox does not rely on those.")]
    return said, []


def same(given: str, expected: str) -> bool:
    """Tell whether two texts are equal, in a time that does not depend on where they differ."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode("utf-8", "replace"))


def check_key(upgrade: Delivery, key: object) -> None:
    """Raise SignatureError unless the request carries the key: `Authorization: Bearer KEY`, or ?key= in its address."""
    if not isinstance(key, str) or len(key) < SHORTEST_KEY:
        raise SignatureError(f"the inbox has no key of at least {SHORTEST_KEY} characters, so nothing can be checked.")
    scheme, _, token = upgrade.headers.get("authorization", "").partition(" ")
    given = token.strip() if scheme.lower() == "bearer" else upgrade.query.get("key", "")
    if not same(given, key):
        raise SignatureError("its key is not the inbox's.")


def called_address(upgrade: Delivery, public: object) -> tuple[str, str]:
    """Return (host and port, path and query) that the other system called, in lower case where case is of no meaning.

    public: the address as it is known outside, wss://host[:port][/path], where a proxy changes it on the way; '' to
    believe the request.
    """
    try:
        parts = urlsplit(str(public or ""))
    except ValueError as error:
        raise SignatureError("the address that is called, in the inbox's settings, is none.") from error
    target = upgrade.headers.get(":path", "")
    if parts.path not in {"", "/"}:
        _, mark, query = target.partition("?")
        target = parts.path + mark + query
    return (parts.netloc or upgrade.headers.get("host", "")).lower(), target
