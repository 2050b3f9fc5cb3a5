"""A recording on its way in: written piece by piece into a file of the data folder that nobody but us can open.

The file is named by chance and never after what it was called elsewhere. Unless it is kept, nothing of it stays.
"""

import contextlib
import hashlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from django.conf import settings
from django.core.exceptions import TooManyFieldsSent, TooManyFilesSent
from django.core.files.uploadhandler import FileUploadHandler, SkipFile, StopUpload
from django.http import HttpRequest, QueryDict

from unspoken.kit.ids import new_id

LARGEST = 512 * 1024 * 1024  # bytes
FORM = 64 * 1024  # bytes that the rest of a form may have


class Refused(ValueError):  # noqa: N818  reads as the sentence it is
    """A recording is not taken in; the message says why. Nothing of it is kept."""


class TooLarge(Refused):
    """It has more bytes than a recording may have."""

    def __init__(self) -> None:
        super().__init__(f"A recording may have {LARGEST >> 20} MB at most; cut it into parts. Nothing was kept.")


class NoRoom(Refused):
    """The disk could not take it."""


def place(recording_id: str, *, folder: str = "recordings-waiting") -> Path:
    """Return where the file of a recording lies while it waits; the folder is made where it is missing."""
    within: Path = settings.UNSPOKEN.data / folder
    within.mkdir(mode=0o700, parents=True, exist_ok=True)
    return within / recording_id


def age(path: Path, now: datetime) -> timedelta:
    """Return how long ago a file was written; nothing where it is gone."""
    try:
        return now - datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)
    except FileNotFoundError:  # it was deleted meanwhile
        return timedelta()


class Arriving:
    """The file of one recording, written in pieces. As a context: deleted at its end unless it was kept."""

    prefix = "rec"

    def __init__(self) -> None:
        """Make an empty file, open to its owner alone; raises NoRoom."""
        self.id, self.size = new_id(self.prefix), 0
        self._sum = hashlib.sha256()
        try:
            opened = os.open(self.at(self.id), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise _no_room(error) from error
        self._file: IO[bytes] = os.fdopen(opened, "wb")

    def at(self, recording_id: str) -> Path:
        """Return where the file lies."""
        return place(recording_id)

    def write(self, piece: bytes) -> None:
        """Add a piece; raises TooLarge, NoRoom."""
        self.size += len(piece)
        if self.size > LARGEST:
            raise TooLarge
        self._sum.update(piece)
        try:
            self._file.write(piece)
        except OSError as error:
            raise _no_room(error) from error

    def finish(self) -> str:
        """Have all of it on the disk; return its SHA-256 (hex). Raises NoRoom, and Refused for an empty file."""
        if not self.size:
            raise Refused("The file is empty. Nothing was kept.")
        try:
            with self._file:
                self._file.flush()
                os.fsync(self._file.fileno())
        except OSError as error:
            raise _no_room(error) from error
        return self._sum.hexdigest()

    def keep(self) -> None:
        """Let the file stay: a row knows of it now."""
        self.id = ""

    def discard(self) -> None:
        """Delete the file, unless it was kept."""
        if self.id:
            self.at(self.id).unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # what could not be written is not wanted either
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.discard()


def _no_room(error: OSError) -> NoRoom:
    return NoRoom(f"The recording could not be written ({error.strerror}). Nothing was kept; send it again later.")


class Upload(FileUploadHandler):
    """Takes in the one file `file` of a form, and no other; what goes wrong is told by `whole`."""

    def __init__(self) -> None:
        super().__init__()
        self._arriving: Arriving | None = None
        self._refused: Refused | None = None
        self._is_whole = False

    def new_file(self, field_name: str, *described: object, **more: object) -> None:
        """Begin with the file; what the client calls it, and says that it is, is not looked at."""
        if field_name != "file" or self._arriving or self._refused:
            raise SkipFile
        try:
            self._arriving = Arriving()
        except NoRoom as error:
            self._refused = error
            raise SkipFile from error

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Write a piece; of what is refused nothing more is read."""
        assert self._arriving
        try:
            self._arriving.write(raw_data)
        except Refused as error:
            self._refused = error
            raise StopUpload(connection_reset=True) from error

    def file_complete(self, file_size: int) -> None:
        """Note that the file came to its end."""
        self._is_whole = True

    def whole(self) -> Arriving:
        """Return the file; raises Refused where there is none, or not all of it."""
        if self._refused:
            raise self._refused
        if self._arriving is None:
            raise Refused("There is no recording in it: send the sound as `file`. Nothing was kept.")
        if not self._is_whole:
            raise Refused("The recording broke off in its midst. Nothing was kept; send it again.")
        return self._arriving

    def discard(self) -> None:
        """Delete the file, unless it was kept."""
        if self._arriving:
            self._arriving.discard()


@contextlib.contextmanager
def upload_of(request: HttpRequest) -> Iterator[Upload]:
    """Yield what takes in the recording of a request whose form was not looked at yet; raises Refused."""
    told = str(request.META.get("CONTENT_LENGTH") or "")
    if not told.isdecimal():
        raise Refused("Send the recording with its length (Content-Length). Nothing was kept.")
    if int(told) > LARGEST + FORM:
        raise TooLarge
    taking = Upload()
    request.upload_handlers = [taking]
    try:
        yield taking
    finally:
        taking.discard()


def form_of(request: HttpRequest) -> QueryDict:
    """Return the fields beside the file, which is written while they are read; raises Refused for what is no form."""
    if request.content_type != "multipart/form-data":
        raise Refused("Send the recording as multipart/form-data. Nothing was kept.")
    try:
        return request.POST
    except (TooManyFieldsSent, TooManyFilesSent) as error:
        raise Refused("There is more in it than a recording and whose channel it is. Nothing was kept.") from error
    except LookupError as error:  # an encoding that is none of text
        raise Refused("The form says that it is written in an encoding that is unknown. Nothing was kept.") from error
