"""What the operator says of a telephone system that sends calls by the plain protocol."""

from typing import ClassVar

from unspoken.connectors.calls_forms import checked_key, consent_field, withdraw_key_field
from unspoken.connectors.forms import SettingsForm, secret_field


class PcmSettingsForm(SettingsForm):
    """One sender of calls, known by its key."""

    secrets: ClassVar[tuple[str, ...]] = ("key",)

    key = secret_field(
        "Key",
        help_text="At least 24 characters. The sender shows it: Authorization: Bearer …, or ?key=… in the address",
    )
    withdraw_key = withdraw_key_field()
    callers_consent_on_the_line = consent_field()

    def clean_key(self) -> str:
        """Refuse a key that could be guessed."""
        return checked_key(self.cleaned_data)
