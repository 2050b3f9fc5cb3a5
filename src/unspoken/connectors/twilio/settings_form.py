"""What the operator says of their Twilio, or of a system that speaks like it."""

from typing import Any, ClassVar

from django import forms

from unspoken.connectors.calls_forms import (
    checked_address,
    checked_key,
    consent_field,
    public_address_field,
    withdraw_key_field,
)
from unspoken.connectors.forms import SettingsForm, secret_field


class TwilioSettingsForm(SettingsForm):
    """One account: how its connections are checked, and which side of its calls is the customer."""

    secrets: ClassVar[tuple[str, ...]] = ("auth_token", "key")

    dialect = forms.ChoiceField(
        label="System", choices=[("twilio", "Twilio, or one that speaks like it"), ("telnyx", "Telnyx")],
        initial="twilio",
    )  # fmt: skip
    auth_token = secret_field(
        "Auth token", required=False, help_text="Twilio: on the first page of its console. Others do not sign"
    )
    public_address = public_address_field(
        help_text="As your callers' system reaches us, such as wss://care.example.org. Twilio signs it"
    )
    key = secret_field(
        "Key", required=False,
        help_text="For systems that do not sign: at least 24 characters, added to the address as ?key=…",
    )  # fmt: skip
    customer_track = forms.ChoiceField(
        label="The customer is heard on", initial="inbound",
        choices=[("inbound", "the inbound track (as usual)"), ("outbound", "the outbound track")],
    )  # fmt: skip
    customer_number = forms.ChoiceField(
        label="The customer's number", required=False,
        choices=[("", "is in the parameters"), ("from", "is the one that calls"), ("to", "is the one that is called")],
        help_text="Telnyx tells both numbers of a call, not which of them is the customer's",
    )  # fmt: skip
    withdraw_key = withdraw_key_field()
    callers_consent_on_the_line = consent_field()

    def clean_key(self) -> str:
        """Refuse a key that could be guessed."""
        return checked_key(self.cleaned_data)

    def clean_public_address(self) -> str:
        """Return the address as Twilio signs it."""
        return checked_address(self.cleaned_data)

    def clean(self) -> dict[str, Any]:
        """Demand something to check connections with."""
        values = super().clean()
        if values.get("dialect") == "telnyx" and not values.get("key"):
            self.add_error("key", "Give a key: Telnyx does not sign, so without one nothing could be checked.")
        elif not values.get("auth_token") and not values.get("key"):
            self.add_error("auth_token", "Give the auth token, or a key; without one nothing could be checked.")
        if values.get("auth_token") and not values.get("public_address") and "public_address" not in self.errors:
            self.add_error("public_address", "Give the address that Twilio calls: it is what Twilio signs.")
        return values
