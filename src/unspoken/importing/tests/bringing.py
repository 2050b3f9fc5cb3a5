"""Files of tests, brought in with a quick stand-in for the model."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from unspoken.importing.consents import Basis, basis_of
from unspoken.importing.messages import Plan, take_in
from unspoken.importing.opening import Opened, Wishes, open_messages
from unspoken.importing.rehearsal import rehearse
from unspoken.importing.summary import Summary
from unspoken.intake.inbound import Inbound
from unspoken.intake.tests.fake import read
from unspoken.staff.models import Member

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DATA = Path(__file__).resolve().parents[5] / "shared" / "data" / "text"
PERMITTED = basis_of("terms of 2025, section 4", "text:service", file="letters.csv")


def opened(path: Path, **wishes: Any) -> Opened[Inbound]:
    """Open a file as of noon."""
    return open_messages(path, now=NOON, zone=UTC, wishes=Wishes(**wishes))


def bring(
    path: Path, *, basis: Basis | None = PERMITTED, tell: Any = None, by: Member | None = None, **wishes: Any
) -> Summary:
    """Import a file; checkpoints lie in a folder beside it."""
    plan = Plan(clock=lambda: NOON, folder=path.parent / "imports", how="", basis=basis, read=read, by=by)
    return take_in(opened(path, **wishes), plan=plan, tell=tell or (lambda done, size: None))


def rehearsed(path: Path, *, basis: Basis | None = PERMITTED, **wishes: Any) -> Summary:
    """Rehearse importing a file."""
    return rehearse(opened(path, **wishes), clock=lambda: NOON, basis=basis, tell=lambda done, size: None, read=read)


def written(folder: Path, name: str, text: str | bytes) -> Path:
    """Write a file and return where."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def converted(path: Path, **wishes: Any) -> list[Inbound]:
    """Return all messages of a file of which nothing is rejected."""
    file = opened(path, **wishes)
    return [message for piece in file.pieces() for message in file.convert(piece)]
