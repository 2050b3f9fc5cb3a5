"""One spelling for every handle, so that the same person is found again however a source writes them."""

import phonenumbers

from .models import IdentityKind

_LONGEST = 254


def normalise(kind: str, value: str, *, source: str = "", region: str = "GB") -> str:
    """Return a handle as it is stored, or '' when it cannot name anybody.

    E-mail lower case; phone E.164 (a number without country code is taken as one of `region`); chat and social handles
    casefolded without a leading @; other systems' ids as `source:id`.
    """
    value = value.strip().replace("\x00", "")
    if not value or len(value) > _LONGEST:
        return ""
    if kind == IdentityKind.EMAIL:
        return value.lower() if "@" in value[1:-1] else ""
    if kind == IdentityKind.PHONE:
        return _phone(value, region)
    if kind == IdentityKind.EXTERNAL:
        return value if not source or value.startswith(f"{source}:") else f"{source}:{value}"[:_LONGEST]
    return value.casefold().lstrip("@")


def _phone(value: str, region: str) -> str:
    try:
        number = phonenumbers.parse(value, region)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
