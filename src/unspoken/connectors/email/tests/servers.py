"""Real mail servers for the tests: Debian's Dovecot with a mailbox of its own, and an SMTP server with STARTTLS."""

import contextlib
import imaplib
import os
import pwd
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

DOVECOT, OPENSSL = "/usr/sbin/dovecot", shutil.which("openssl")
USER, PASSWORD = "care@kettle.example", "pässword with spaces"
MISSING = "" if Path(DOVECOT).exists() and OPENSSL else "needs Dovecot (Debian: dovecot-imapd) and openssl"

CONFIGURATION = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
ssl = yes
ssl_cert = <{folder}/certificate.pem
ssl_key = <{folder}/key.pem
disable_plaintext_auth = no
protocols = imap
listen = 127.0.0.1
default_internal_user = {account}
default_internal_group = {group}
default_login_user = {account}
mail_location = maildir:{folder}/mail
first_valid_uid = 1
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {folder}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


def free_port() -> int:
    """Return a port that nobody listens on just now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def make_certificate(folder: Path) -> str:
    """Make a key and a certificate for 127.0.0.1 in `folder`; return the certificate in PEM form."""
    subprocess.run(
        [str(OPENSSL), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
         "2", "-subj", "/CN=mail test", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(folder / "key.pem"),
         "-out", str(folder / "certificate.pem")],
        check=True, capture_output=True,
    )  # fmt: skip
    return (folder / "certificate.pem").read_text()


@dataclass(slots=True)
class MailServer:
    """A running Dovecot with one mailbox."""

    folder: Path
    imap: int
    imaps: int
    certificate: str
    process: "subprocess.Popen[bytes] | None" = None

    def settings(self, **changes: Any) -> dict[str, Any]:
        """Return an inbox's settings for this server, by STARTTLS."""
        return {
            "address": USER, "aliases": [], "imap_host": "127.0.0.1", "imap_port": self.imap,
            "imap_security": "starttls", "username": USER, "password": PASSWORD, "folder": "INBOX", "every": 5,
            "certificate": self.certificate, "existing": True, **changes,
        }  # fmt: skip

    @contextlib.contextmanager
    def signed_in(self) -> Iterator[imaplib.IMAP4]:
        """Open the mailbox as any mail program does."""
        connection = imaplib.IMAP4_SSL(
            "127.0.0.1", self.imaps, ssl_context=ssl.create_default_context(cadata=self.certificate), timeout=10
        )
        connection.authenticate("PLAIN", lambda _: f"\0{USER}\0{PASSWORD}".encode())
        try:
            yield connection
        finally:
            connection.logout()

    def receive(self, *mails: bytes) -> None:
        """Put mails into the mailbox."""
        with self.signed_in() as connection:
            for mail in mails:
                status, said = connection.append("INBOX", "", imaplib.Time2Internaldate(time.time()), mail)
                assert status == "OK", said

    def flags(self) -> list[bytes]:
        """Return the flags of every mail."""
        with self.signed_in() as connection:
            connection.select("INBOX", readonly=True)
            return [one for one in connection.fetch("1:*", "(FLAGS)")[1] if isinstance(one, bytes)]

    def empty(self) -> None:
        """Delete the mailbox and make it anew, so that its UIDs begin again."""
        with self.signed_in() as connection:
            _, [count] = connection.select("INBOX")
            if count != b"0":
                connection.store("1:*", "+FLAGS", r"(\Deleted)")
                connection.expunge()
        for index in (self.folder / "mail").glob("dovecot*"):
            index.unlink()
        time.sleep(1.1)  # a new UIDVALIDITY is a time in seconds


@contextlib.contextmanager
def dovecot() -> Iterator[MailServer]:
    """Start Dovecot in a temporary folder, under an account without rights; stop it afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="unspoken-dovecot-", dir="/tmp"))
    account = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    server = MailServer(folder, free_port(), free_port(), make_certificate(folder))
    (folder / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n")
    group = subprocess.run(["id", "-gn", account.pw_name], capture_output=True, text=True, check=True).stdout.strip()
    names = {
        "folder": folder, "account": account.pw_name, "group": group, "uid": account.pw_uid, "gid": account.pw_gid,
        "imap": server.imap, "imaps": server.imaps,
    }  # fmt: skip
    (folder / "dovecot.conf").write_text(CONFIGURATION.format(**names))
    for path in (folder, *folder.iterdir()):
        os.chown(path, account.pw_uid, account.pw_gid)
    privileges = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}
    server.process = subprocess.Popen(
        [DOVECOT, "-F", "-c", str(folder / "dovecot.conf")], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        **privileges,
    )  # fmt: skip
    try:
        _wait(server)
        yield server
    finally:
        server.process.terminate()
        server.process.wait(timeout=10)
        shutil.rmtree(folder, ignore_errors=True)


def _wait(server: MailServer) -> None:
    assert server.process is not None
    for _ in range(100):
        if server.process.poll() is not None:
            raise RuntimeError(f"Dovecot stopped: {server.process.stderr and server.process.stderr.read().decode()}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", server.imap), timeout=1) as greeting:
            if greeting.recv(16).startswith(b"* OK"):
                return
        time.sleep(0.1)
    raise RuntimeError((server.folder / "dovecot.log").read_text())


@dataclass(slots=True)
class Outbox:
    """What an SMTP server took, and how it is to misbehave: `say` answers instead of taking, `drop` hangs up."""

    taken: list[Envelope] = field(default_factory=list)
    say: str = ""
    drop: bool = False

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take a mail, or not."""
        if self.drop:
            self.taken.append(envelope)
            assert server.transport is not None
            server.transport.abort()
        elif not self.say:
            self.taken.append(envelope)
        return self.say or "250 taken"


@contextlib.contextmanager
def smtp_server(folder: Path) -> Iterator[tuple[Outbox, dict[str, Any]]]:
    """Start an SMTP server that insists on STARTTLS and on the password; yield what it takes, and settings for it."""
    certificate = make_certificate(folder)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    outbox = Outbox()

    def knows(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        known = isinstance(data, LoginPassword) and data == LoginPassword(USER.encode(), PASSWORD.encode())
        return AuthResult(success=known, handled=False)

    controller = Controller(
        outbox, hostname="127.0.0.1", port=free_port(), tls_context=context, require_starttls=True, auth_required=True,
        authenticator=knows,
    )  # fmt: skip
    controller.start()
    try:
        yield outbox, {
            "smtp_host": "127.0.0.1", "smtp_port": controller.port, "smtp_security": "starttls",
            "smtp_username": USER, "smtp_password": PASSWORD, "certificate": certificate,
        }  # fmt: skip
    finally:
        controller.stop()
