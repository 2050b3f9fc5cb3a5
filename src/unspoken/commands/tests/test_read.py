"""`unspoken read`."""

import json
from pathlib import Path

from typer.testing import CliRunner, Result

from unspoken.affect.vocabulary import CX, LABELS, SERVICE
from unspoken.commands.main import app

KEYS = [
    "labels",
    "expressed",
    "possible",
    "cx",
    "valence",
    "arousal",
    "dominance",
    "intensity",
    "service",
    "confidence",
    "spans",
    "abstained",
    "model",
]


def unspoken(*arguments: str, given: bytes = b"") -> Result:
    return CliRunner().invoke(app, ["read", *arguments], input=given)


def test_prints_the_text_with_what_it_reads_as_and_why() -> None:
    done = unspoken("Thank you so much!")
    assert done.exit_code == 0
    first, second, *_ = done.stdout.splitlines()
    assert first == "Thank you so much!"
    assert second.startswith("  reads as gratitude ")
    assert "carried by “Thank" in done.stdout


def test_prints_square_brackets_as_they_are() -> None:
    assert unspoken("Thank you [bold]so much[/bold]!").stdout.startswith("Thank you [bold]so much[/bold]!\n")


def test_says_why_a_text_is_not_read() -> None:
    assert unspoken("12345").stdout == "12345\n  not read: no words in it (no_text)\n"


def test_writes_one_object_a_line_in_the_order_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "messages.txt"
    file.write_text("Thank you so much!\n\nThis is terrible, I hate it.\nDanke schön\n", encoding="utf-8")
    done = unspoken("--file", str(file), "--json")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [list(one) for one in found] == [KEYS] * 4
    assert [one["abstained"] for one in found] == [None, "no_text", None, "language"]
    assert list(found[0]["labels"]) == list(LABELS)
    assert list(found[0]["cx"]) == list(CX)
    assert found[0]["expressed"] == ["gratitude"]
    assert found[1]["labels"] is None
    assert found[2]["valence"] < 0 < found[0]["valence"]
    assert found[3]["model"] == found[0]["model"]


def test_reads_standard_input() -> None:
    done = unspoken("--file", "-", "--json", given=b"Thanks!\nTerrible.")
    assert len(done.stdout.splitlines()) == 2


def test_reads_a_line_that_is_not_utf8_and_says_so() -> None:
    done = unspoken("--file", "-", "--json", given="Thanks!\nThe café was terrible.\n".encode("cp1252"))
    assert [json.loads(line)["abstained"] for line in done.stdout.splitlines()] == [None, None]
    assert "not UTF-8, so read as Windows-1252: 1 line(s), the first is line 2" in done.stderr


def test_refuses_utf16_with_the_mend() -> None:
    done = unspoken("--file", "-", "--json", given="Thanks!\n".encode("utf-16"))
    assert (done.exit_code, done.stdout) == (2, "")
    assert "iconv -f UTF-16" in done.stderr


def test_refuses_a_file_that_is_not_there() -> None:
    done = unspoken("--file", "/nowhere/at/all.txt")
    assert done.exit_code == 2
    assert "No such file" in done.stderr


def test_wants_either_a_text_or_a_file() -> None:
    assert unspoken().exit_code == 2
    assert unspoken("Thanks!", "--file", "-").exit_code == 2


def test_reads_by_force_what_it_would_abstain_from() -> None:
    line = "Danke schön".encode()
    plain, forced = (
        json.loads(unspoken("--file", "-", "--json", *force, given=line).stdout) for force in ([], ["--force"])
    )
    assert (plain["abstained"], plain["service"]) == ("language", None)
    assert (forced["abstained"], list(forced["service"])) == (None, list(SERVICE))
