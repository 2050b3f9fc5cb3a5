"""Settings are checked before they are kept, and secrets are never shown again."""

from typing import Any

import pytest

from unspoken.connectors.chatwoot.settings_form import ChatwootSettingsForm
from unspoken.connectors.email.settings_form import EmailSettingsForm

MAIL: dict[str, Any] = {
    "address": "Care@Kettle.example", "imap_host": "imap.kettle.example", "imap_port": "993", "imap_security": "tls",
    "username": "care", "password": "secret of IMAP", "folder": "INBOX", "every": "30", "smtp_port": "587",
    "smtp_host": "smtp.kettle.example", "smtp_security": "starttls",
}  # fmt: skip
CHAT: dict[str, Any] = {
    "base_url": "https://chat.kettle.example/",
    "account_id": "3",
    "api_token": "secret token",
    "webhook_secret": "secret hook",
}


def test_what_was_typed_becomes_settings() -> None:
    form = EmailSettingsForm({**MAIL, "aliases": "Help@kettle.example, info@kettle.example"})
    assert form.is_valid(), form.errors
    settings = form.settings()
    assert (settings["address"], settings["imap_port"], settings["existing"]) == ("care@kettle.example", 993, False)
    assert settings["aliases"] == ["help@kettle.example", "info@kettle.example"]
    chat = ChatwootSettingsForm(CHAT)
    assert chat.is_valid(), chat.errors
    assert (chat.settings()["base_url"], chat.settings()["account_id"]) == ("https://chat.kettle.example", 3)


def test_a_kept_secret_is_not_shown_and_stays_when_nothing_is_typed() -> None:
    first = EmailSettingsForm(MAIL)
    assert first.is_valid()
    kept = first.settings()
    assert "secret of IMAP" not in str(EmailSettingsForm(settings=kept))
    again = EmailSettingsForm({**MAIL, "password": "", "username": "other"}, settings=kept)
    assert again.is_valid(), again.errors
    assert (again.settings()["password"], again.settings()["username"]) == ("secret of IMAP", "other")
    changed = EmailSettingsForm({**MAIL, "password": "new"}, settings=kept)
    assert changed.is_valid()
    assert changed.settings()["password"] == "new"


def test_kept_aliases_are_shown_as_they_are_typed() -> None:
    assert "a@x.example, b@x.example" in str(EmailSettingsForm(settings={"aliases": ["a@x.example", "b@x.example"]}))


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"imap_host": "https://imap.kettle.example"}, "imap_host", "without https://"),
        ({"aliases": "nobody"}, "aliases", "nobody is no e-mail address."),
        ({"certificate": "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----"}, "certificate", "PEM"),
        ({"folder": "Büro"}, "folder", "without accents"),
        ({"password": ""}, "password", "required"),
        ({"every": "1"}, "every", "5"),
        ({"address": "care@kettle.example\r\nBcc: all@x.example"}, "address", "valid email"),
    ],
)
def test_what_is_wrong_with_a_mailbox_is_said_beside_its_field(changes: dict[str, str], field: str, said: str) -> None:
    form = EmailSettingsForm(MAIL | changes)
    assert not form.is_valid()
    assert said in str(form.errors[field])


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"webhook_secret": ""}, "webhook_secret", "nothing could be checked"),
        ({"webhook_secret": "", "key": "short"}, "key", "too short"),
        ({"base_url": "http://chat.kettle.example"}, "base_url", "Use https://"),
        ({"base_url": "chat.kettle.example"}, "base_url", "Write the address like"),
        ({"base_url": "https://chat.kettle.example:port"}, "base_url", "Write the address like"),
        ({"account_id": "0"}, "account_id", "1"),
    ],
)
def test_what_is_wrong_with_a_chatwoot_is_said_beside_its_field(changes: dict[str, str], field: str, said: str) -> None:
    form = ChatwootSettingsForm(CHAT | changes)
    assert not form.is_valid()
    assert said in str(form.errors[field])
