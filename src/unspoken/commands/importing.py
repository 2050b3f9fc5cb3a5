"""`unspoken import` and `unspoken export`: files coming in and going out."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from .setup import start_django

if TYPE_CHECKING:
    from unspoken.importing.consents import Basis
    from unspoken.importing.contacts import ContactSummary
    from unspoken.importing.opening import Column, Wishes
    from unspoken.importing.summary import Summary

REJECTED, UNUSABLE, STOPPED = 1, 2, 130
"""Exit codes: some lines were rejected; nothing of the file could be used; interrupted."""

_REASONS = {
    "read": "can be read", "pending": "wait for the model and are read later", "not_customer": "not a customer's words",
    "no_consent": "no permission to read them", "too_short": "too short to say anything", "no_text": "no words in them",
    "language": "in a language that is not read", "quoted_only": "only quotations", "too_long": "too long to read",
    "automatic": "written by a machine", "unsure": "too unclear to say anything", "analysis_off": "analysis is off",
}  # fmt: skip


def import_command(
    file: Annotated[Path, typer.Argument(help="A CSV, JSON, mbox, .eml, WebVTT or vCard file, or a folder of mails")],
    kind: Annotated[str, typer.Option(help="messages or contacts (by content)")] = "",
    source: Annotated[str, typer.Option(help="Name under which they are known (import:FILE)")] = "",
    basis: Annotated[str, typer.Option(help="On what ground these people's words may be read")] = "",
    consent: Annotated[str, typer.Option(help="What they permitted: text:service,text:insights")] = "",
    mapping: Annotated[list[str] | None, typer.Option(help="field=column, where the guess is wrong")] = None,
    inbox: Annotated[str, typer.Option(help="Inbox of the messages (that of the channel)")] = "",
    ours: Annotated[list[str] | None, typer.Option(help="An address or speaker of your own side")] = None,
    customer: Annotated[list[str] | None, typer.Option(help="The customer: 'Mina <mina@example.org>'")] = None,
    month_first: Annotated[bool | None, typer.Option("--month-first/--day-first", help="How 3/4/2026 is read")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether the file is understood rightly")] = False,
) -> None:
    """Bring in messages or contacts from a file; again after a kill, or twice, and everything is there once."""
    start_django()
    from unspoken.importing.consents import basis_of
    from unspoken.importing.opening import Wishes

    from .serve import prepare_database

    with _explained():
        prepare_database()
        wishes = Wishes(
            source=source, inbox=inbox, mapping=mapping or (), ours=ours or (), customers=customer or (),
            day_first=None if month_first is None else not month_first,
        )  # fmt: skip
        ground = basis_of(basis, consent, file=file.resolve().name)
        done = _bring_contacts if _holds_contacts(kind, file) else _bring_messages
        raise typer.Exit(done(file, wishes, ground, dry_run=dry_run, ask=not yes and sys.stdin.isatty()))


def _holds_contacts(kind: str, file: Path) -> bool:
    from unspoken.importing.pieces import UnusableFile
    from unspoken.importing.recognition import Shape, recognise

    if kind not in {"", "messages", "contacts"}:
        raise UnusableFile(f"--kind {kind}: write messages or contacts. Nothing was imported.")
    return kind == "contacts" or (not kind and recognise(file).shape == Shape.VCARD)


def _bring_messages(file: Path, wishes: "Wishes", basis: "Basis | None", *, dry_run: bool, ask: bool) -> int:
    from django.conf import settings

    from unspoken.importing.messages import Plan, take_in
    from unspoken.importing.opening import open_messages
    from unspoken.importing.rehearsal import rehearse
    from unspoken.kit.clock import now

    opened = open_messages(file, now=now(), zone=_zone(), wishes=wishes)
    _show_plan(file, opened.said, opened.columns, opened.notes)
    if basis is None:
        _say("[yellow]No --basis and --consent: the messages are stored, but nobody's words are read (no_consent).[/]")
    if dry_run:
        with _progress("Looking through it") as tell:
            summary = rehearse(opened, clock=now, basis=basis, tell=tell)
    else:
        _confirm(ask)
        plan = Plan(clock=now, folder=settings.UNSPOKEN.data / "imports", how=repr((wishes, basis)), basis=basis)
        with _progress("Bringing it in") as tell:
            summary = take_in(opened, plan=plan, tell=tell)
    _show_messages(summary, dry_run=dry_run)
    return REJECTED if summary.counts["rejected"] else 0


def _bring_contacts(file: Path, wishes: "Wishes", basis: "Basis | None", *, dry_run: bool, ask: bool) -> int:
    from django.conf import settings

    from unspoken.importing import contacts
    from unspoken.kit.clock import now

    opened = contacts.open_contacts(file, mapping=wishes.mapping, source=wishes.source)
    _show_plan(file, opened.said, opened.columns, opened.notes)
    if not dry_run:
        _confirm(ask)
    folder = None if dry_run else settings.UNSPOKEN.data / "imports"
    with _progress("Looking through it" if dry_run else "Bringing it in") as tell:
        summary = contacts.take_contacts_in(opened, clock=now, basis=basis, folder=folder, tell=tell)
    _show_contacts(summary, dry_run=dry_run)
    return REJECTED if summary.counts["rejected"] else 0


def export_command(
    file: Annotated[Path, typer.Argument(help="Where to: a file that ends in .csv or .vcf")],
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there")] = False,
) -> None:
    """Write all contacts to a CSV or vCard file."""
    start_django()
    from unspoken.importing import contacts
    from unspoken.importing.pieces import UnusableFile
    from unspoken.kit.clock import now

    with _explained():
        if file.exists() and not force:
            raise UnusableFile(f"{file} is there already; nothing was written. Choose another name, or add --force.")
        count = contacts.export_contacts(file, now=now())
        _say(f"{_many(count, 'contact')} written to {file}.")


def _zone() -> ZoneInfo:
    from django.conf import settings

    return ZoneInfo(settings.TIME_ZONE)


def _confirm(ask: bool) -> None:
    if ask and not typer.confirm("Bring it in like this?", default=True):
        _say("Nothing was imported. Say it otherwise with --mapping, --ours, --customer; see --help.")
        raise typer.Exit(0)


def _show_plan(file: Path, said: str, columns: "Sequence[Column]", notes: Sequence[str]) -> None:
    _say(f"[bold]{_safe(str(file))}[/] is {_safe(said)}.")
    if columns:
        table = Table("Column", "is taken as", "for example", box=None, pad_edge=False, header_style="dim")
        for column in columns:
            samples = " · ".join(sample.replace("\n", " ")[:40] for sample in column.samples)
            meaning = Text(column.meaning) if column.meaning else Text("left out", style="dim")
            table.add_row(Text(_printable(column.header)), meaning, Text(_printable(samples), style="dim"))
        _console().print(table)
    for note in notes:
        _say(f"  {_safe(note)}")


def _show_messages(summary: "Summary", *, dry_run: bool) -> None:
    counts = summary.counts
    would = "would come in" if dry_run else "came in"
    if summary.went_on:
        _say(f"Went on after {_many(summary.went_on, 'piece')} that an earlier run had dealt with.")
    _say(
        f"[bold]{_many(counts['stored'], 'message')} {would}[/], of {_many(counts['messages'], 'message')} in "
        f"{_many(len(summary.conversations), 'conversation')} of {_many(len(summary.contacts), 'contact')}."
    )
    for reason, words in _REASONS.items():
        if counts[reason]:
            _say(f"  {counts[reason]:>9,}  {words} [dim]({reason})[/]")
    if counts["with_basis"]:
        _say(f"With --basis “…” and --consent text:service, {counts['with_basis']:,} of them could be read.")
    if counts["known"]:
        _say(f"  {counts['known']:>9,}  were there already, and stay as they are")
    if counts["consents"]:
        _say(f"{_many(counts['consents'], 'consent')} recorded, of contacts who had not decided yet.")
    _show_rejected(counts["rejected"], summary.rejects)


def _show_contacts(summary: "ContactSummary", *, dry_run: bool) -> None:
    counts = summary.counts
    would = "would be " if dry_run else ""
    _say(
        f"[bold]{_many(counts['made'], 'contact')} {would}made[/], {counts['filled']:,} {would}completed, "
        f"{counts['unchanged']:,} there already. What was on record stays."
    )
    if counts["consents"]:
        _say(f"{_many(counts['consents'], 'consent')} recorded, of contacts who had not decided yet.")
    _show_rejected(counts["rejected"], summary.rejects)


def _show_rejected(count: int, path: Path | None) -> None:
    if count:
        where = f"; they are kept, each with what is wrong, in {_safe(str(path))}" if path else ""
        _say(f"[red]{count:,} rejected[/]{where}.")


@contextmanager
def _progress(what: str) -> Iterator[Callable[[int, int], None]]:
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn(),
        console=Console(stderr=True), transient=True,
    )  # fmt: skip
    with bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def _explained() -> Iterator[None]:
    """Turn what can go wrong into a sentence and an exit code."""
    from django.db import OperationalError

    from unspoken.importing.pieces import UnusableFile

    try:
        yield
    except UnusableFile as error:
        _fail(str(error), UNUSABLE, error)
    except OperationalError as error:
        _fail(f"The database stopped taking things in ({error}). Run the same command again to go on.", UNUSABLE, error)
    except OSError as error:
        _fail(f"{error.filename or 'A file'}: {error.strerror}. Run the same command again to go on.", UNUSABLE, error)
    except KeyboardInterrupt as error:
        _fail("Stopped. What came in so far is kept; run the same command again to go on.", STOPPED, error)


def _fail(message: str, code: int, cause: BaseException) -> None:
    Console(stderr=True, highlight=False, soft_wrap=True).print(Text(_printable(message)))
    raise typer.Exit(code) from cause


def _console() -> Console:
    return Console(highlight=False, soft_wrap=True)


def _say(text: str) -> None:
    _console().print(text)


def _safe(text: str) -> str:
    """Return `text` without markup or control characters of its own."""
    return _printable(text).replace("[", r"\[")


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else "�" for letter in text)


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
