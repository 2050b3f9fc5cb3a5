"""Mail: an mbox, one .eml, or a folder of them. What a mail says is worked out as for mail that comes in live."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from unspoken.connectors.email.conversion import Mailbox, inbound_of, mail_of
from unspoken.connectors.email.threads import ancestors, conversations_of
from unspoken.intake.inbound import Inbound
from unspoken.intake.validation import Problem

from ..people import Origin
from ..pieces import LONGEST_PIECE, Piece, Refused, UnusableFile

_REMEMBERED = 20_000  # mails whose conversation is known without asking the database


def from_mbox(file: BinaryIO) -> Iterator[Piece]:
    """Yield a piece per mail of an mbox, cut at lines `From …` that follow a blank one."""
    number, line, begins, size = 0, 0, 1, 0
    lines: list[bytes] = []
    blank = True
    while written := file.readline(LONGEST_PIECE):
        line += 1
        if blank and written.startswith(b"From "):
            if lines:
                number += 1
                yield _mail(number, begins, lines, size)
            lines, size, begins = [], 0, line + 1
        else:
            size += len(written)
            if size <= LONGEST_PIECE:
                lines.append(_unquoted(written))
        blank = not written.strip(b"\r\n")
    if lines:
        yield _mail(number + 1, begins, lines, size)


def _unquoted(line: bytes) -> bytes:
    return line[1:] if line.startswith(b">") and line.lstrip(b">").startswith(b"From ") else line


def _mail(number: int, line: int, lines: list[bytes], size: int, file: str = "") -> Piece:
    raw = b"".join(lines)
    problem = None
    if size > LONGEST_PIECE:
        problem = Problem("mail", f"has {size // 2**20} MB; {LONGEST_PIECE // 2**20} are allowed.")
    elif not raw.strip():
        problem = Problem("mail", "is empty.")
    return Piece(number, line, raw, raw, problem, file)


def from_files(paths: list[Path], *, root: Path) -> Iterator[Piece]:
    """Yield a piece per file, each of which is one mail."""
    for number, path in enumerate(paths, 1):
        name = str(path.relative_to(root)) if path != root else path.name
        try:
            size = path.stat().st_size
            raw = path.read_bytes() if size <= LONGEST_PIECE else b""
        except OSError as error:
            problem = Problem("mail", f"cannot be read: {error.strerror}.")
            yield Piece(number, 1, b"", b"", problem, name)
            continue
        yield _mail(number, 1, [raw], size, name)


def mails_in(folder: Path) -> list[Path]:
    """Return the mails of a folder by name: *.eml anywhere in it, or those of a maildir; raises UnusableFile."""
    found = sorted(path for path in folder.rglob("*.eml") if path.is_file())
    found = found or sorted(path for part in ("cur", "new") for path in folder.glob(f"**/{part}/*") if path.is_file())
    if not found:
        raise UnusableFile(f"{folder} is a folder without mails. Give a file, or a folder of .eml files or a maildir.")
    return found


class Threads:
    """Turns mails into messages, each in the conversation of the mail that it answers."""

    def __init__(self, origin: Origin) -> None:
        self._origin = origin
        self._known: dict[str, str] = {}
        self._mailbox = Mailbox(source=origin.source, inbox=origin.inbox, own=origin.ours)

    def messages(self, piece: Piece) -> list[Inbound]:
        """Return the message of one mail; raises Refused for what is none."""
        mail = mail_of(piece.content)
        if not mail.headers or not (mail.sender.email or mail.text.strip()):
            raise Refused("mail", "has neither a sender nor any words; it seems to be no mail.")
        asked = ancestors(mail)
        known = {one: self._known[one] for one in asked if one in self._known}
        if asked and not known:
            known = dict(conversations_of(asked, source=self._origin.source))
        inbound = inbound_of(mail, self._mailbox, known=known, arrived_at=self._origin.saved_at)
        self._known[mail.message_id] = inbound.conversation_id
        if len(self._known) > _REMEMBERED:
            del self._known[next(iter(self._known))]
        return [inbound]
