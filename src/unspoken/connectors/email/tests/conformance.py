"""What the conformance test must know of e-mail."""

from typing import Any

SETTINGS: dict[str, Any] = {
    "address": "care@kettle.example", "aliases": [], "imap_host": "127.0.0.1", "imap_port": 993,
    "imap_security": "tls", "username": "care", "password": "password-that-nobody-may-see", "folder": "INBOX",
    "smtp_host": "127.0.0.1", "smtp_port": 587, "smtp_security": "starttls", "existing": True, "every": 30,
}  # fmt: skip
SECRETS = ("password-that-nobody-may-see",)
TIMEOUT = "unspoken.connectors.email.connecting.TIMEOUT"
CONVERSATION = "first@lumen.example"


def silent(port: int) -> dict[str, Any]:
    """Return settings under which mail servers on this machine never answer."""
    return {**SETTINGS, "imap_port": port, "smtp_port": port}
