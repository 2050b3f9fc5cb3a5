"""Handing a mail over to the server that sends it, and telling apart what certainly failed from what nobody knows."""

import smtplib
from collections.abc import Mapping
from contextlib import suppress
from email.message import EmailMessage
from typing import Any

from unspoken.connectors.base import SendError

from .connecting import smtp

_UNSURE = (
    "The mail server broke off just when the answer was handed over, so it may have been sent. Look whether the "
    "customer has it before you send it again; sent again, it carries the same id, and most mailboxes show it once."
)


def hand_over(mail: EmailMessage, settings: Mapping[str, Any]) -> None:
    """Send `mail`; raises SendError, `uncertain` only if the server had all of it and did not confirm."""
    server = f"{settings['smtp_host']}:{settings['smtp_port']}"
    connection = _signed_in(settings)
    try:
        _transfer(connection, mail, settings["address"])
    except smtplib.SMTPNotSupportedError as error:
        raise SendError(f"{server} cannot send to this address: {error}. Nothing was sent.", permanent=True) from error
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        raise _refused(server, code, said) from error
    except smtplib.SMTPResponseException as error:
        raise _refused(server, error.smtp_code, error.smtp_error) from error
    except (OSError, smtplib.SMTPException) as error:
        raise SendError(_UNSURE, permanent=True, uncertain=True) from error
    finally:
        with suppress(OSError, smtplib.SMTPException):
            connection.quit()


def trouble_sending(settings: Mapping[str, Any]) -> str:
    """Return why the server does not take mails from this inbox, or ''."""
    try:
        with suppress(OSError, smtplib.SMTPException):
            _signed_in(settings).quit()
    except SendError as error:
        return str(error)
    return ""


def _signed_in(settings: Mapping[str, Any]) -> smtplib.SMTP:
    server = f"{settings['smtp_host']}:{settings['smtp_port']}"
    try:
        return smtp(settings)
    except smtplib.SMTPAuthenticationError as error:
        raise SendError(
            f"{server} refuses the name or password of this inbox. Correct them, then send again.", permanent=True
        ) from error
    except (OSError, smtplib.SMTPException) as error:
        raise SendError(f"{server} cannot be reached ({_words(error)}). Check host, port and encryption.") from error


def _transfer(connection: smtplib.SMTP, mail: EmailMessage, sender: str) -> None:
    refused = connection.send_message(mail, from_addr=sender)
    if refused:
        raise smtplib.SMTPRecipientsRefused(refused)


def _refused(server: str, code: int, said: bytes | str) -> SendError:
    words = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return SendError(f"{server} refused the answer: {code} {words[:300]}. Nothing was sent.", permanent=code >= 500)


def _words(error: Exception) -> str:
    return str(error)[:200]
