"""What the operator says of their Chatwoot."""

from typing import Any, ClassVar
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError

from unspoken.connectors.forms import SettingsForm, secret_field


class ChatwootSettingsForm(SettingsForm):
    """One account of a Chatwoot server: how its deliveries are checked, and how answers get there."""

    secrets: ClassVar[tuple[str, ...]] = ("api_token", "webhook_secret", "key")

    base_url = forms.CharField(
        label="Address of Chatwoot", max_length=300, help_text="Such as https://chat.example.org"
    )
    private_network = forms.BooleanField(
        label="This server is in our own network", required=False,
        help_text="Allows private addresses and plain HTTP; leave it off for a server on the internet",
    )  # fmt: skip
    account_id = forms.IntegerField(label="Account number", min_value=1, help_text="The number after /accounts/")
    api_token = secret_field("Access token", help_text="In Chatwoot: profile settings, at the bottom")
    webhook_secret = secret_field(
        "Webhook secret", required=False, help_text="Shown by Chatwoot beside the webhook, where your version signs"
    )
    key = secret_field(
        "Key in the webhook's address", required=False,
        help_text="For versions that do not sign: at least 24 characters, added to the address as ?key=…",
    )  # fmt: skip

    def clean_base_url(self) -> str:
        """Return the address without a trailing slash."""
        url = str(self.cleaned_data["base_url"]).strip().rstrip("/")
        try:
            parts = urlsplit(url)
            known = parts.port is None or parts.port > 0
        except ValueError:
            raise ValidationError("Write the address like https://chat.example.org.") from None
        if not known or parts.scheme not in {"https", "http"} or not parts.hostname or parts.username or parts.query:
            raise ValidationError("Write the address like https://chat.example.org.")
        return url

    def clean_key(self) -> str:
        """Refuse a key that could be guessed."""
        key = str(self.cleaned_data["key"]).strip()
        if key and len(key) < 24:
            raise ValidationError("This key is too short; take at least 24 characters.")
        return key

    def clean(self) -> dict[str, Any]:
        """Demand something to check deliveries with, and encryption on the internet."""
        values = super().clean()
        if not values.get("webhook_secret") and not values.get("key"):
            self.add_error("webhook_secret", "Give the webhook secret, or a key; without one nothing could be checked.")
        if str(values.get("base_url", "")).startswith("http:") and not values.get("private_network"):
            self.add_error("base_url", "Use https://, unless the server is in your own network.")
        return values
