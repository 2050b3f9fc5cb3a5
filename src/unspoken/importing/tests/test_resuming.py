"""An import that is stopped goes on where it was, and everything is there once."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from unspoken.conversations.models import Message
from unspoken.importing.checkpoint import Checkpoint, Progress
from unspoken.importing.pieces import Piece, Rejected
from unspoken.importing.rejects import Rejects
from unspoken.intake.validation import Problem

from .bringing import bring, written

ROWS = 20_000  # some ten seconds: time enough to be killed twice in their midst


def rows(count: int) -> str:
    """Return a file in which every hundredth row is rejected."""
    said = (f"{n},c{n % 300}@example.org,{n // 10},{'nobody' if n % 100 == 0 else 'agent'},words" for n in range(count))
    return "id,email,ticket,author,text\n" + "\n".join(said) + "\n"


class StopError(Exception):
    """What stops an import in its midst."""


@pytest.mark.django_db(transaction=True)
def test_goes_on_where_it_was_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("unspoken.importing.messages.SAVE_EVERY", 0.0)
    path = written(tmp_path, "a.csv", rows(1000))
    calls = 0

    def stop(done: int, size: int) -> None:
        nonlocal calls
        calls += 1
        if calls == 6:
            raise StopError

    with pytest.raises(StopError):
        bring(path, tell=stop)
    stored = Message.objects.count()
    assert 300 < stored < 600
    summary = bring(path)
    assert 300 <= summary.went_on < 500
    assert (Message.objects.count(), summary.counts["rejected"]) == (990, 10)
    assert summary.counts["stored"] + summary.counts["known"] == 990
    kept = [json.loads(line)["line"] for line in (tmp_path / "a.csv.rejected.jsonl").read_text().splitlines()]
    assert kept == [n + 2 for n in range(0, 1000, 100)]
    assert list((tmp_path / "imports").iterdir()) == []


def test_a_checkpoint_is_of_one_file_as_it_is_imported_in_one_way(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", "id\n")
    kept = Checkpoint(path, folder=tmp_path / "kept", how="one")
    kept.save(Progress(7, 30, {"stored": 6}))
    assert kept.load() == Progress(7, 30, {"stored": 6})
    assert Checkpoint(path, folder=tmp_path / "kept", how="two").load() == Progress()
    written(tmp_path, "a.csv", "id\n1\n")
    assert Checkpoint(path, folder=tmp_path / "kept", how="one").load() == Progress()


def test_a_damaged_checkpoint_means_the_beginning(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", "id\n")
    kept = Checkpoint(path, folder=tmp_path / "kept", how="one")
    kept.save(Progress(7))
    for place in (tmp_path / "kept").iterdir():
        place.write_text("{")
    assert kept.load() == Progress()


def test_rejected_lines_lie_elsewhere_when_their_place_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    path = written(tmp_path / "in", "a.csv", "id\n")
    (tmp_path / "in" / "a.csv.rejected.jsonl").mkdir()  # even for root, a folder cannot be written to
    rejects = Rejects(path, folder=tmp_path / "out")
    rejects.add([Rejected(Piece(1, 2, None, "raw\n"), Problem("text", "is wrong."))])
    assert rejects.path == tmp_path / "out" / "a.csv.rejected.jsonl"
    assert json.loads(rejects.path.read_text()) == {"line": 2, "field": "text", "problem": "is wrong.", "raw": "raw"}


@pytest.mark.crash
@pytest.mark.slow
def test_a_kill_in_its_midst_leaves_everything_exactly_once(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", rows(ROWS))
    environment = {**os.environ, "UNSPOKEN_DATA": str(tmp_path / "data"), "UNSPOKEN_DATABASE": ""}
    environment |= {"DJANGO_SETTINGS_MODULE": "unspoken.config.settings", "UNSPOKEN_ANALYSIS": "false"}
    program = "from unspoken.commands.main import app; app()"
    command = [sys.executable, "-c", program, "import", str(path), "--basis", "terms", "--consent", "text:service"]
    (tmp_path / "data").mkdir()
    kills = 0
    for _ in range(2):
        running = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        seen = _checkpointed(tmp_path)
        while running.poll() is None and _checkpointed(tmp_path) in {seen, ""}:
            time.sleep(0.01)
        if running.poll() is None:
            running.send_signal(signal.SIGKILL)
            kills += 1
        running.wait()
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert kills == 2, ended.stderr
    assert ended.returncode == 1, ended.stderr  # sixty lines are rejected
    assert "Went on after" in ended.stdout
    with sqlite3.connect(tmp_path / "data" / "unspoken.sqlite3") as database:
        count, different = database.execute(
            "SELECT count(*), count(DISTINCT external_id) FROM conversations_message"
        ).fetchone()
        assert (count, different) == (ROWS * 99 // 100, ROWS * 99 // 100)
        assert database.execute("SELECT sum(message_count) FROM conversations_conversation").fetchone() == (count,)
    kept = [json.loads(line)["line"] for line in (tmp_path / "a.csv.rejected.jsonl").read_text().splitlines()]
    assert kept == [n + 2 for n in range(0, ROWS, 100)]


def _checkpointed(folder: Path) -> str:
    found = sorted((folder / "data" / "imports").glob("*.json"))
    try:
        return found[0].read_text() if found else ""
    except OSError:
        return ""
