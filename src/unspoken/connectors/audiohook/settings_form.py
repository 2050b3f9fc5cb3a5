"""What the operator says of their Genesys Cloud."""

import base64
import binascii
from typing import ClassVar

from django.core.exceptions import ValidationError

from unspoken.connectors.calls_forms import checked_address, consent_field, public_address_field
from unspoken.connectors.forms import SettingsForm, secret_field

SHORTEST_SECRET = 16
"""Bytes of a client secret."""


class AudioHookSettingsForm(SettingsForm):
    """One AudioHook integration: the two credentials that it connects with."""

    secrets: ClassVar[tuple[str, ...]] = ("api_key", "client_secret")

    api_key = secret_field("API key", help_text="The same as among the integration's credentials in Genesys Cloud")
    client_secret = secret_field(
        "Client secret", help_text="The same as there, in base64: at least 16 bytes, which are 24 characters"
    )
    public_address = public_address_field(
        help_text="Such as wss://care.example.org; only if a proxy before us changes the Host header"
    )
    callers_consent_on_the_line = consent_field()

    def clean_client_secret(self) -> str:
        """Refuse what is no base64, or could be guessed."""
        typed = str(self.cleaned_data["client_secret"]).strip()
        try:
            secret = base64.b64decode(typed, validate=True)
        except (binascii.Error, ValueError):
            raise ValidationError("This is no base64. Copy the client secret as Genesys Cloud shows it.") from None
        if typed and len(secret) < SHORTEST_SECRET:
            raise ValidationError(f"This secret is too short; take at least {SHORTEST_SECRET} bytes.")
        return typed

    def clean_api_key(self) -> str:
        """Return the key without the blanks around it."""
        return str(self.cleaned_data["api_key"]).strip()

    def clean_public_address(self) -> str:
        """Return the address as it is signed."""
        return checked_address(self.cleaned_data)
