"""Connections to mail servers: with a time limit, encrypted unless the operator says otherwise."""

import imaplib
import smtplib
import ssl
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from unspoken.connectors.base import PollError

TIMEOUT = 20.0
"""Seconds that a mail server may take for anything."""

Settings = Mapping[str, Any]


def tls(settings: Settings) -> ssl.SSLContext:
    """Return what certificates are checked with: the system's, and the one in the settings."""
    context = ssl.create_default_context()
    if settings.get("certificate"):
        context.load_verify_locations(cadata=settings["certificate"])
    return context


@contextmanager
def mailbox(settings: Settings) -> Iterator[imaplib.IMAP4]:
    """Open the folder of the settings, read-only; raises PollError with the mend."""
    server = f"{settings['imap_host']}:{settings['imap_port']}"
    try:
        connection = _imap(settings)
    except (OSError, imaplib.IMAP4.error) as error:
        raise PollError(
            f"{server} does not answer as an IMAP server ({error}). Check host, port and encryption."
        ) from error
    try:
        _sign_in(connection, settings)
        folder = settings.get("folder") or "INBOX"
        status, said = connection.select('"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"', readonly=True)
        if status != "OK":
            raise PollError(f"{server} has no folder {folder}: {_words(said)}. Check the folder's name.")
        yield connection
    except (OSError, imaplib.IMAP4.error) as error:
        raise PollError(f"{server} broke off ({error}). What came so far is kept; it is tried again.") from error
    finally:
        with suppress(OSError, imaplib.IMAP4.error):
            connection.logout()


def trouble_fetching(settings: Settings) -> str:
    """Return why the mailbox cannot be opened, or ''."""
    try:
        with mailbox(settings):
            return ""
    except PollError as error:
        return str(error)


def _imap(settings: Settings) -> imaplib.IMAP4:
    host, port, security = settings["imap_host"], int(settings["imap_port"]), settings.get("imap_security", "tls")
    if security == "tls":
        return imaplib.IMAP4_SSL(host, port, ssl_context=tls(settings), timeout=TIMEOUT)
    connection = imaplib.IMAP4(host, port, timeout=TIMEOUT)
    if security == "starttls":
        connection.starttls(tls(settings))
    return connection


def _sign_in(connection: imaplib.IMAP4, settings: Settings) -> None:
    user, password = settings["username"], settings["password"]
    try:
        if "AUTH=PLAIN" in connection.capabilities:
            connection.authenticate("PLAIN", lambda _: f"\0{user}\0{password}".encode())
        else:
            connection.login(user, password)
    except (imaplib.IMAP4.error, UnicodeEncodeError) as error:
        raise PollError(
            f"{settings['imap_host']} refuses to sign {user} in. Check name and password; where two-factor sign-in "
            "is on, make an app password."
        ) from error


def _words(said: list[Any]) -> str:
    return b" ".join(part for part in said if isinstance(part, bytes)).decode("utf-8", "replace")


def smtp(settings: Settings) -> smtplib.SMTP:
    """Connect and sign in, ready to send; raises OSError or SMTPException."""
    host, port, security = settings["smtp_host"], int(settings["smtp_port"]), settings.get("smtp_security", "starttls")
    connection: smtplib.SMTP
    if security == "tls":
        connection = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT, context=tls(settings))
    else:
        connection = smtplib.SMTP(host, port, timeout=TIMEOUT)
    try:
        if security == "starttls":
            connection.starttls(context=tls(settings))
        user = settings.get("smtp_username") or settings["username"]
        password = settings.get("smtp_password") or settings["password"]
        connection.ehlo_or_helo_if_needed()
        if security != "none" or connection.has_extn("auth"):
            _sign_in_to_send(connection, user, password)
    except BaseException:
        connection.close()
        raise
    return connection


def _sign_in_to_send(connection: smtplib.SMTP, user: str, password: str) -> None:
    if "PLAIN" not in connection.esmtp_features.get("auth", "").upper().split():
        connection.login(user, password)
        return
    credentials = b64encode(f"\0{user}\0{password}".encode()).decode()  # smtplib itself writes ASCII only
    code, said = connection.docmd("AUTH", f"PLAIN {credentials}")
    if code != 235:
        raise smtplib.SMTPAuthenticationError(code, said)
