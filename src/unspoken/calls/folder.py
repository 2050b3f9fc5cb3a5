"""A folder into which recordings are put: each that is whole is listened to, then moved to `done` or deleted.

A recording says by its name which call it is of and where the customer is, `CALL.SIDE.EXTENSION`, or by a small file
beside it, `NAME.json`, that is there before it. What cannot be taken in is moved to `refused`, with the reason.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.core.exceptions import ValidationError

from unspoken.conversations.models import Conversation
from unspoken.kit.clock import now as clock
from unspoken.kit.outside_json import parsed
from unspoken.kit.validation import check_text

from .arriving import Arriving, NoRoom, Refused
from .listening import hear_next
from .models import UNFINISHED, Recording, RecordingState, Side
from .waiting import consent_for, forget, take_in, what_was_read

SETTLED = 2.0  # seconds for which a file has not changed when it counts as whole
BETWEEN = "~"  # in a name, between the system that a call comes from and its name there
LONGEST_NOTE = 64 * 1024  # bytes of a file beside a recording
LATER = 60.0  # seconds for which a recording is left alone that could not be dealt with
PIECE = 1 << 20  # bytes that are copied at once
_NO_SOUND = {".json", ".txt", ".part", ".partial", ".tmp", ".filepart", ".crdownload"}

Tell = Callable[[float], None]
RULE = (
    f"Name it CONVERSATION.SIDE.EXTENSION or SOURCE{BETWEEN}CALL.SIDE.EXTENSION, the side being left, right or alone: "
    'where the customer is. Or put NAME.json beside it, before it: {"conversation": "cv_…", "customer": "left"}, or '
    '"source" and "call" instead of the conversation.'
)


@dataclass(frozen=True, slots=True)
class Named:
    """What is said of a recording: where the customer is, and its call: our conversation, or its name elsewhere."""

    side: str
    conversation: str = ""
    source: str = ""
    call: str = ""

    def find(self) -> Conversation:
        """Return the conversation; raises Refused."""
        rows = Conversation.objects.select_related("contact")
        if self.conversation:
            found, said = rows.filter(pk=self.conversation), self.conversation
        else:
            found, said = rows.filter(source=self.source, external_id=self.call), f"{self.call} of {self.source}"
        conversation = found.first()
        if conversation is None:
            raise Refused(f"There is no conversation {said} here. Put the recording back once it is.")
        return conversation


def named(path: Path) -> Named:
    """Return what is said of a recording; raises Refused."""
    note = note_of(path)
    found = _by_note(note) if note.is_file() else _by_name(path.name)
    try:
        for text in (found.conversation, found.source, found.call):
            check_text(text)
    except ValidationError as error:
        raise Refused(f"The name of its call cannot be one. {RULE}") from error
    if found.side not in Side.values:
        raise Refused(f"It is not said where the customer is. {RULE}")
    return found


def note_of(path: Path) -> Path:
    """Return where the file beside a recording lies, if there is one."""
    return path.with_name(f"{path.name}.json")


def _by_name(name: str) -> Named:
    parts = name.split(".")
    call, side = ".".join(parts[:-2]), "".join(parts[-2:-1])
    source, between, there = call.partition(BETWEEN)
    if not call or (between and not (source and there)):
        raise Refused(f"Its name does not say of which call it is. {RULE}")
    return Named(side, source=source, call=there) if between else Named(side, conversation=call)


def _by_note(note: Path) -> Named:
    try:
        if note.stat().st_size > LONGEST_NOTE:
            raise ValueError("too long")
        told = parsed(note.read_text(encoding="utf-8"))
        texts = {name: told.get(name, "") for name in ("conversation", "source", "call", "customer")}
    except (ValueError, AttributeError) as error:
        raise Refused(f"{note.name} cannot be understood. {RULE}") from error
    if not all(isinstance(text, str) for text in texts.values()) or not (
        texts["conversation"] or (texts["source"] and texts["call"])
    ):
        raise Refused(f"{note.name} does not say of which call it is. {RULE}")
    return Named(texts["customer"], texts["conversation"], texts["source"], texts["call"])


class Folder:
    """Recordings that are put into `path`."""

    def __init__(self, path: Path, *, delete: bool = False, at: Callable[[], float] = time.monotonic) -> None:
        """delete: what was listened to is deleted instead of moved to `done`."""
        self._path, self._delete, self._at = path, delete, at
        self._seen: dict[Path, tuple[tuple[int, int], float]] = {}  # size and time of change, and since when
        self._later: dict[Path, float] = {}

    def whole(self) -> Iterator[Path]:
        """Yield the recordings that have not changed for two seconds, by name."""
        found = {path: state for path in sorted(self._path.iterdir()) if (state := _state(path)) is not None}
        self._seen = {
            path: (state, self._seen[path][1] if self._seen.get(path, (None,))[0] == state else self._at())
            for path, state in found.items()
        }
        for path, (_, since) in self._seen.items():
            if self._at() - since >= SETTLED and self._at() >= self._later.get(path, 0.0):
                yield path

    def put_off(self, path: Path) -> None:
        """Leave a recording alone for a minute."""
        self._later[path] = self._at() + LATER

    def hear(self, path: Path, *, tell: Tell | None = None) -> str:
        """Listen to a recording and put it where it belongs; return what became of it, in words.

        Raises OSError and NoRoom where it cannot be read, copied or moved just now. Interrupted, it stays where it is
        and can be begun again.
        """
        try:
            recording = hear_file(path, tell=tell)
        except NoRoom:
            raise
        except Refused as refusal:
            return self._refuse(path, str(refusal))
        if recording.state != RecordingState.DONE:
            return self._refuse(path, recording.why)
        if self._delete:
            note_of(path).unlink(missing_ok=True)
            path.unlink()
        else:
            self._move(path, "done")
        return f"{path.name}: {what_was_read(recording)}"

    def _refuse(self, path: Path, why: str) -> str:
        moved = self._move(path, "refused")
        moved.with_name(f"{moved.name}.txt").write_text(f"{why}\n", encoding="utf-8", errors="replace")
        return f"{path.name}: refused. {why}"

    def _move(self, path: Path, where: str) -> Path:
        folder = self._path / where
        folder.mkdir(exist_ok=True)
        target, count = folder / path.name, 2
        while target.exists():
            target, count = folder / f"{count}-{path.name}", count + 1
        if note_of(path).is_file():
            note_of(path).rename(note_of(target))
        return path.rename(target)


def _state(path: Path) -> tuple[int, int] | None:
    """Return size and time of change of what may be a recording; None for everything else."""
    if path.name.startswith(".") or path.suffix.lower() in _NO_SOUND or path.is_symlink():
        return None
    try:
        state = path.stat()
    except FileNotFoundError:  # it was taken away meanwhile
        return None
    return (state.st_size, state.st_mtime_ns) if path.is_file() else None


def hear_file(path: Path, *, tell: Tell | None = None) -> Recording:
    """Listen to a recording of which it is said what it is; return what became of it. Raises Refused, OSError.

    It is listened to from a copy among those that wait, so that it is there once however it was brought, and a worker
    may help. Interrupted, the copy is deleted.
    """
    said = named(path)
    conversation = said.find()
    consent_for(conversation, by=None)
    with path.open("rb") as opened, Arriving() as arriving:
        while piece := opened.read(PIECE):
            arriving.write(piece)
        recording = take_in(conversation, arriving, side=said.side, now=clock())
    try:
        while recording.state in UNFINISHED:
            if not hear_next(only=recording.pk, tell=tell):
                time.sleep(0.5)  # somebody else listens to it
            recording.refresh_from_db()
    except KeyboardInterrupt:
        forget(recording)
        raise
    return recording
