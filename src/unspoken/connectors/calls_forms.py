"""What the settings of telephone systems have in common: fields, and the checks of what is typed into them."""

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError

from .callers import SHORTEST_KEY


def consent_field() -> forms.BooleanField:
    """Return the field that says whether permissions given on the line are relied upon."""
    return forms.BooleanField(
        label="A caller's yes on the line counts", required=False,
        help_text="Only if your telephone system asks callers, and reports what they answered. A no always counts",
    )  # fmt: skip


def withdraw_key_field() -> forms.ChoiceField:
    """Return the field of the key by which callers say no during a call."""
    return forms.ChoiceField(
        label="Key to withdraw", required=False, choices=[("", "none"), *((key, key) for key in "0123456789*#")],
        help_text="A caller who presses it is not listened to any more. Announce it at the beginning of the call",
    )  # fmt: skip


def public_address_field(*, help_text: str) -> forms.CharField:
    """Return the field of the address under which the telephone system finds us."""
    return forms.CharField(label="Address that is called", required=False, max_length=300, help_text=help_text)


def checked_key(values: dict[str, Any]) -> str:
    """Return a typed key; raises ValidationError when it could be guessed."""
    key = str(values.get("key") or "").strip()
    if key and len(key) < SHORTEST_KEY:
        raise ValidationError(f"This key is too short; take at least {SHORTEST_KEY} characters.")
    return key


def checked_address(values: dict[str, Any]) -> str:
    """Return a typed address as wss://host[:port][/path]; raises ValidationError."""
    typed = str(values.get("public_address") or "").strip()
    try:
        parts = urlsplit(typed)
        is_known = parts.port is None or parts.port > 0
    except ValueError:
        is_known = False
    if typed and (not is_known or parts.scheme not in {"wss", "https"} or not parts.hostname or parts.username):
        raise ValidationError("Write the address like wss://care.example.org.")
    if typed and (parts.query or parts.fragment):
        raise ValidationError("Write the address without what follows a question mark or a #.")
    return f"wss://{parts.netloc}{parts.path}" if typed else ""
