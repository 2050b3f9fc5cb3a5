"""Opening a file of messages: what it is, which column means what, and how its pieces become messages."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import BinaryIO, Generic, TypeVar

from unspoken.intake.inbound import Inbound
from unspoken.staff.models import Member

from . import columns as known_columns
from .encodings import open_text
from .formats import contact_lens, dialogues, jsons, mail, webvtt
from .formats.contact_lens_file import Document, documents
from .formats.delimited import DELIMITERS, Delimited, delimited_of
from .moments import Dates, day_comes_first, writes_numbers
from .people import Origin, folded, named_customers
from .pieces import Piece, UnusableFile
from .recognition import Recognised, Shape, recognise
from .tables import Row, Table, flat, samples_of, usual_channel

_ROWS_LOOKED_AT = 200
_LONGEST_SOURCE = 60  # characters, as on a message
_CHARACTERS_LOOKED_AT = 4 * 1024 * 1024
Pieces = Callable[[BinaryIO], Iterator[Piece]]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: the field that it means ('' when it is left out), and some of its values."""

    header: str
    meaning: str
    samples: Sequence[str]


@dataclass(slots=True)
class Opened(Generic[T]):
    """A file that can be imported. `notes` say in words what was assumed of it."""

    path: Path
    said: str
    cut: Pieces
    convert: Callable[[Piece], Sequence[T]]
    columns: Sequence[Column] = ()
    notes: list[str] = field(default_factory=list)
    mails: Sequence[Path] = ()
    _file: BinaryIO | None = None
    _passed: int = 0

    @property
    def size(self) -> int:
        """What there is to read: bytes, or files of a folder."""
        return len(self.mails) or self.path.stat().st_size

    @property
    def read(self) -> int:
        """How much of `size` was read so far."""
        return self._passed if self._file is None or self._file.closed else self._file.tell()

    def pieces(self) -> Iterator[Piece]:
        """Yield the file's pieces, from its beginning."""
        if self.mails:
            for piece in mail.from_files(list(self.mails), root=self.path):
                self._passed = piece.number
                yield piece
            return
        with self.path.open("rb") as self._file:
            yield from self.cut(self._file)
        self._passed = self.size


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the person who imports says of a file."""

    source: str = ""
    inbox: str = ""
    mapping: Sequence[str] = ()
    ours: Sequence[str] = ()
    customers: Sequence[str] = ()
    day_first: bool | None = None


def open_messages(path: Path, *, now: datetime, zone: tzinfo, wishes: Wishes = Wishes()) -> Opened[Inbound]:
    """Open a file of messages; raises UnusableFile when nothing of it can be used."""
    found = recognise(path)
    origin = _origin(path, now, zone, wishes)
    dates = Dates(zone, day_first=wishes.day_first is not False)
    if found.shape == Shape.VCARD:
        raise UnusableFile(f"{path} holds contacts. Import it with --kind contacts.")
    if found.shape in {Shape.CSV, Shape.JSON_LINES, Shape.JSON_ARRAY}:
        return _open_rows(path, found, origin, dates, wishes)
    if wishes.mapping:
        raise UnusableFile(f"--mapping is for tables; {path} is {found.shape}, which has no columns.")
    if found.shape in {Shape.CONTACT_LENS, Shape.CONTACT_LENS_LINES}:
        return _open_analysed(path, found, origin, dates, wishes)
    opened = _open_others(path, found, origin)
    if found.shape in {Shape.DIALOGUES, Shape.WEBVTT}:
        opened.notes.append(
            "The file tells no times: its last words are taken as said when the file was saved"
            + (", turns half a minute apart." if found.shape == Shape.DIALOGUES else ".")
        )
    return opened


def _open_others(path: Path, found: Recognised, origin: Origin) -> Opened[Inbound]:
    codec, said = found.encoding.codec, said_of(found)
    if found.shape in {Shape.MBOX, Shape.EML, Shape.FOLDER}:
        paths = mail.mails_in(path) if found.shape == Shape.FOLDER else [path] if found.shape == Shape.EML else []
        note = "Mails from members' addresses and those given with --ours are your side's; all others are customers'."
        return Opened(path, said, mail.from_mbox, mail.Threads(origin).messages, notes=[note], mails=paths)
    if found.shape == Shape.WEBVTT:
        return Opened(
            path, said, lambda file: webvtt.call(open_text(file, codec)), lambda one: webvtt.messages_of(one, origin)
        )
    return Opened(
        path, said, lambda file: dialogues.spoken_blocks(open_text(file, codec)),
        lambda one: dialogues.messages_of(dialogues.spoken_dialogue(one.content), one, origin),
        notes=["The dialogues name nobody: each has a customer of its own, and SYSTEM is taken as an agent."],
    )  # fmt: skip


def _open_analysed(path: Path, found: Recognised, origin: Origin, dates: Dates, wishes: Wishes) -> Opened[Inbound]:
    by_line = found.shape == Shape.CONTACT_LENS_LINES

    def told(file: BinaryIO) -> Iterator[Document]:
        return documents(open_text(file, found.encoding.codec), by_line=by_line)

    with path.open("rb") as file:
        calls = contact_lens.calls_of(told(file), dates)
    spoken = [call for call in calls.values() if call.turns]
    if not spoken:
        raise UnusableFile(f"{path} is {found.shape}, but holds no turn that can be used. Nothing was imported.")
    if wishes.customers and len(spoken) > 1:
        raise UnusableFile(f"--customer names one caller; {path} holds {len(spoken):,} calls. Nothing was imported.")
    if not wishes.source:
        origin = replace(origin, source=contact_lens.SOURCE)
    speech = contact_lens.Speech(calls, origin, dates, contact_lens.caller_in(wishes.customers))
    notes = contact_lens.assumptions(spoken)
    return Opened(path, said_of(found), lambda file: contact_lens.turns(told(file)), speech.messages, notes=notes)


def _open_rows(path: Path, found: Recognised, origin: Origin, dates: Dates, wishes: Wishes) -> Opened[Inbound]:
    cut, said, headers = cutting(found)
    with path.open("rb") as file:
        pieces = looked_at(cut(file))
    if found.shape != Shape.CSV:
        jsons.require_objects(pieces)
        if any(dialogues.holds_turns(piece.content) for piece in pieces if piece.problem is None):
            return _open_json_dialogues(path, cut, said, origin, dates)
    rows = [piece.content for piece in pieces if piece.problem is None]
    if found.shape != Shape.CSV:
        rows = [flat(row) for row in rows]
        headers = list(dict.fromkeys(name for row in rows for name in row))
    columns = known_columns.mapping_of(headers, wishes.mapping, known_columns.MESSAGE_FIELDS)
    if "text" not in columns and "stars" not in columns:
        raise UnusableFile(
            f"No column of {path} was recognised as the text. It has: {', '.join(headers)[:500]}. "
            "Say which with --mapping text=COLUMN; for contacts add --kind contacts."
        )
    dates, notes = _settled(dates, rows, columns, wishes)
    table = Table(origin, columns, dates, usual_channel(columns))
    shown = [Column(header, _meaning(header, columns), samples_of(rows, header)) for header in headers]
    is_csv = found.shape == Shape.CSV

    def convert(piece: Piece) -> list[Inbound]:
        row = piece if is_csv else Piece(piece.number, piece.line, flat(piece.content), piece.raw)
        return [table.message(row)]

    return Opened(path, said, cut, convert, columns=shown, notes=[*notes, *_assumed(table)])


def _open_json_dialogues(path: Path, cut: Pieces, said: str, origin: Origin, dates: Dates) -> Opened[Inbound]:
    def convert(piece: Piece) -> list[Inbound]:
        return dialogues.messages_of(dialogues.dialogue_from_json(piece.content, dates), piece, origin)

    notes = ["Turns without a time are taken as half a minute apart, the last when the file was saved."]
    return Opened(path, f"{said}; each a dialogue", cut, convert, notes=notes)


def cutting(found: Recognised) -> tuple[Pieces, str, list[str]]:
    """Return how the rows of a table are found, what is said of it, and its headers as far as they are known."""
    codec = found.encoding.codec
    if found.shape == Shape.CSV:
        table: Delimited = delimited_of(found.sample)
        said = f"{said_of(found)}, separated by {DELIMITERS[table.delimiter]}"
        return lambda file: table.pieces(open_text(file, codec)), said, list(table.headers)
    read = jsons.by_line if found.shape == Shape.JSON_LINES else jsons.from_array
    return lambda file: read(open_text(file, codec)), said_of(found), []


def looked_at(pieces: Iterator[Piece]) -> list[Piece]:
    """Return the first pieces, so many as are enough to understand a table."""
    found: list[Piece] = []
    size = 0
    for piece in pieces:
        found.append(piece)
        size += len(piece.raw)
        if len(found) == _ROWS_LOOKED_AT or size > _CHARACTERS_LOOKED_AT:
            break
    return found


def _settled(dates: Dates, rows: list[Row], columns: dict[str, str], wishes: Wishes) -> tuple[Dates, list[str]]:
    """Return how the dates are read, by what the first rows show, and what is to be said of that."""
    if "time" not in columns:
        return dates, []
    values = [row.get(columns["time"], "") for row in rows]
    notes = []
    day_first = wishes.day_first
    if day_first is None and writes_numbers(values):
        seen = day_comes_first(values)
        day_first = seen is not False
        why = "as the dates show" if seen is not None else "which is a guess; say otherwise with --month-first"
        notes.append(f"Dates are read as {'day/month' if day_first else 'month/day'}/year, {why}.")
    notes.append(f"Times that name no zone are taken as {dates.zone}.")
    return Dates(dates.zone, day_first=day_first is not False), notes


def _assumed(table: Table) -> Iterator[str]:
    columns = table.columns
    if "author" not in columns:
        yield (
            "No column says who wrote: every row is taken as a customer's own words, but for members' addresses "
            "and those of --ours."
        )
    if "time" not in columns:
        yield "No column tells the time: rows are put in the file's order, on the day before it was saved."
    if not {"email", "phone", "customer", "handle"} & columns.keys():
        yield "No column says who the customer is: without a contact there is no permission, and nothing is read."
    if "id" not in columns:
        yield "No column holds an id: a row is known by its content and its place, so that it comes in once."
    if "channel" not in columns:
        yield f"No column names the channel: all rows are taken as {table.channel.label.lower()}."


def _origin(path: Path, now: datetime, zone: tzinfo, wishes: Wishes) -> Origin:
    if len(wishes.source) > _LONGEST_SOURCE:
        raise UnusableFile(f"--source has {len(wishes.source)} characters; {_LONGEST_SOURCE} are allowed.")
    name = path.resolve().stem[:50] or "file"
    saved = datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)
    members = Member.objects.values_list("email", flat=True)
    return Origin(
        source=wishes.source.strip() or f"import:{name}", name=name,
        saved_at=saved if datetime(1990, 1, 2, tzinfo=UTC) < saved <= now else now, zone=zone, inbox=wishes.inbox,
        ours=frozenset(map(folded, (*members, *wishes.ours))), customers=named_customers(wishes.customers),
    )  # fmt: skip


def said_of(found: Recognised) -> str:
    return f"{found.shape}, {found.encoding.said}" if found.encoding.said else str(found.shape)


def _meaning(header: str, columns: dict[str, str]) -> str:
    return next((field for field, column in columns.items() if column == header), "")
