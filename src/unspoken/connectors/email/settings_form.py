"""What the operator says of a mailbox."""

import re
import ssl
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from unspoken.connectors.forms import SettingsForm, secret_field

_SECURITY = (("tls", "TLS from the start"), ("starttls", "STARTTLS"), ("none", "None (only within your own network)"))
_HOST = re.compile(r"\A[A-Za-z0-9.:\[\]_-]+\Z")


def _host(label: str) -> forms.CharField:
    return forms.RegexField(
        _HOST, label=label, max_length=253,
        error_messages={"invalid": "This is no host name. Write it like mail.example.org, without https://."},
    )  # fmt: skip


def _port(label: str, usual: int) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=1, max_value=65535, initial=usual)


class EmailSettingsForm(SettingsForm):
    """One mailbox: where its mails are fetched, how answers leave."""

    secrets: ClassVar[tuple[str, ...]] = ("password", "smtp_password")

    address = forms.EmailField(label="Address that customers write to")
    aliases = forms.CharField(
        label="Further addresses of this mailbox", required=False, help_text="Separated by commas or spaces"
    )
    sender_name = forms.CharField(
        label="Name that answers carry", required=False, max_length=100, help_text="Empty: that of whoever answers"
    )
    imap_host, imap_port = _host("IMAP server"), _port("IMAP port", 993)
    imap_security = forms.ChoiceField(label="IMAP encryption", choices=_SECURITY, initial="tls")
    username = forms.CharField(label="User name", max_length=254)
    password = secret_field("Password", help_text="Where two-factor sign-in is on: an app password")
    folder = forms.RegexField(
        r"\A[\x20-\x7e]+\Z", label="Folder", initial="INBOX", max_length=200,
        error_messages={"invalid": "Only letters without accents, digits and signs; rename the folder, or use INBOX."},
    )  # fmt: skip
    existing = forms.BooleanField(label="Also take in the mails that are there already", required=False)
    is_group = forms.BooleanField(
        label="The address is a group or mailing list", required=False,
        help_text="Then list headers do not make a mail an automatic one",
    )  # fmt: skip
    every = forms.IntegerField(label="Seconds between two looks", min_value=5, max_value=3600, initial=30)
    smtp_host, smtp_port = _host("SMTP server"), _port("SMTP port", 587)
    smtp_security = forms.ChoiceField(label="SMTP encryption", choices=_SECURITY, initial="starttls")
    smtp_username = forms.CharField(
        label="SMTP user name", required=False, max_length=254, help_text="Empty: the same as above"
    )
    smtp_password = secret_field("SMTP password", required=False, help_text="Empty: the same as above")
    certificate = forms.CharField(
        label="Certificate of your own authority (PEM)", required=False, widget=forms.Textarea, max_length=50_000
    )

    def clean_aliases(self) -> list[str]:
        """Return the further addresses, lower case."""
        found = [alias.lower() for alias in re.split(r"[\s,;]+", self.cleaned_data["aliases"].strip("[] ")) if alias]
        for alias in found:
            try:
                validate_email(alias)
            except ValidationError:
                raise ValidationError(f"{alias} is no e-mail address.") from None
        return found

    def clean_certificate(self) -> str:
        """Refuse what is no certificate."""
        text: str = self.cleaned_data["certificate"].strip()
        try:
            if text:
                ssl.create_default_context(cadata=text)
        except (ssl.SSLError, ValueError) as error:
            raise ValidationError("This is no certificate in PEM form (-----BEGIN CERTIFICATE-----…).") from error
        return text

    def clean_address(self) -> str:
        """Return the address in lower case."""
        return str(self.cleaned_data["address"]).lower()

    def get_initial_for_field(self, field: forms.Field, field_name: str) -> Any:
        """Show kept aliases as they were typed."""
        value = super().get_initial_for_field(field, field_name)
        return ", ".join(value) if isinstance(value, list) else value
