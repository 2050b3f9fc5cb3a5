"""`unspoken import` and `unspoken export` in the terminal."""

from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from unspoken.commands import importing as command
from unspoken.commands import serve
from unspoken.conversations.models import Message
from unspoken.importing import rehearsal
from unspoken.intake import pipeline
from unspoken.intake.tests.fake import read
from unspoken.people.models import Contact
from unspoken.readings.models import StoredReading

pytestmark = pytest.mark.django_db(transaction=True)

LETTERS = """\
id,time,author,email,text,colour
1,2026-02-01T10:00Z,customer,mina@example.org,it is terrible,red
2,2026-02-01T10:05Z,agent,mina@example.org,We are sorry.,blue
3,soon,customer,mina@example.org,thanks,red
"""


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "start_django", lambda: None)
    monkeypatch.setattr(serve, "prepare_database", lambda: None)
    for module in (pipeline, rehearsal):
        monkeypatch.setattr(module, "ReadInTime", lambda limit=3.0: read)
    monkeypatch.setattr("unspoken.importing.messages.ReadInTime", lambda limit=3.0: read)


@pytest.fixture
def letters(tmp_path: Path) -> Path:
    path = tmp_path / "letters.csv"
    path.write_text(LETTERS)
    return path


def run(which: Any, *arguments: object) -> Any:
    app = typer.Typer()
    app.command()(which)
    return CliRunner().invoke(app, [str(argument) for argument in arguments], env={"COLUMNS": "160"})


def test_shows_the_columns_brings_in_and_counts(letters: Path) -> None:
    ended = run(command.import_command, letters, "--basis", "terms", "--consent", "text:service")
    assert ended.exit_code == 1, ended.output
    lines = [" ".join(line.split()) for line in ended.stdout.splitlines()]
    assert "email email mina@example.org" in lines
    assert "colour left out red · blue" in lines
    assert "2 messages came in, of 2 messages in 1 conversation of 1 contact." in lines
    assert "1 can be read (read)" in lines
    assert f"1 rejected; they are kept, each with what is wrong, in {letters}.rejected.jsonl." in lines
    assert (Message.objects.count(), StoredReading.objects.count()) == (2, 1)


def test_says_that_nothing_is_read_without_a_basis(letters: Path) -> None:
    letters.write_text("\n".join(LETTERS.splitlines()[:3]))
    ended = run(command.import_command, letters)
    assert ended.exit_code == 0
    assert "the messages are stored, but nobody's words are read (no_consent)" in ended.stdout
    assert (Message.objects.count(), StoredReading.objects.count()) == (2, 0)


def test_a_dry_run_stores_nothing_and_says_what_a_basis_would_allow(letters: Path) -> None:
    ended = run(command.import_command, letters, "--dry-run")
    assert ended.exit_code == 1
    assert "2 messages would come in" in ended.stdout
    assert "With --basis “…” and --consent text:service, 1 of them could be read." in ended.stdout
    assert (Message.objects.count(), Contact.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--basis", "terms"], "--consent text:service (what was permitted) is missing"),
        (["--consent", "text:service"], "--basis “…” (the ground in words) is missing"),
        (["--basis", "terms", "--consent", "mind:service"], "write modality:purpose, with text, voice"),
        (
            ["--mapping", "text=nothing"],
            "there is no such column. The file has: id, time, author, email, text, colour.",
        ),
        (["--kind", "letters"], "write messages or contacts"),
        (["--source", "x" * 61], "--source has 61 characters; 60 are allowed"),
    ],
)
def test_refuses_what_it_cannot_do_before_anything_is_stored(letters: Path, arguments: list[str], why: str) -> None:
    ended = run(command.import_command, letters, *arguments)
    assert ended.exit_code == 2
    assert why in ended.stderr
    assert (Message.objects.count(), Contact.objects.count()) == (0, 0)


def test_contacts_come_in_and_go_out(tmp_path: Path) -> None:
    path = tmp_path / "people.vcf"
    path.write_text("BEGIN:VCARD\nVERSION:4.0\nFN:Mina\nEMAIL:mina@example.org\nEND:VCARD\n")
    ended = run(command.import_command, path)
    assert (ended.exit_code, Contact.objects.get().name) == (0, "Mina")
    assert "1 contact made, 0 completed, 0 there already." in ended.stdout
    out = tmp_path / "out.csv"
    assert run(command.export_command, out).stdout.strip() == f"1 contact written to {out}."
    assert out.read_text().splitlines()[1] == "Mina,,,mina@example.org,,,,,,,,,"
    assert oct(out.stat().st_mode & 0o777) == "0o600"


def test_an_export_writes_over_nothing_unasked(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("precious")
    ended = run(command.export_command, path)
    assert (ended.exit_code, path.read_text()) == (2, "precious")
    assert run(command.export_command, path, "--force").exit_code == 0
    assert run(command.export_command, tmp_path / "out.xls").exit_code == 2
