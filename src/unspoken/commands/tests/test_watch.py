"""`unspoken listen --watch`: recordings that are put into a folder, an interruption, and a restart."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from typer.testing import CliRunner

from unspoken.calls.tests.recordings import recording
from unspoken.commands.main import app

COMMAND = [sys.executable, "-c", "from unspoken.commands.main import app; app()", "listen", "--watch"]
PREPARE = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from unspoken.calls.tests.lines import permits
from unspoken.calls.tests.recordings import called
from unspoken.intake.tests.conftest import mina
permits(mina.__wrapped__(None))
print(called().id)
"""
TELL = """
import django
django.setup()
from unspoken.calls.models import Recording
from unspoken.readings.models import ToneReading
print(*Recording.objects.values_list("state", flat=True), ToneReading.objects.count())
"""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Name either one recording, or a folder with --watch."),
        (["call.wav", "--watch", "."], "Name either one recording, or a folder with --watch."),
    ],
)
def test_wants_a_recording_or_a_folder(arguments: list[str], said: str) -> None:
    result = CliRunner().invoke(app, ["listen", *arguments])
    assert result.exit_code == 2
    assert said in " ".join(result.stderr.replace("│", " ").split())


def test_says_what_is_no_folder(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["listen", "--watch", str(tmp_path / "nowhere")])
    assert (result.exit_code, result.stdout) == (1, "")
    assert "nowhere is no folder. Nothing was listened to." in result.stderr


class Watcher:
    """A watching process, as somebody starts it in a terminal."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [*COMMAND, str(folder)], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            start_new_session=True,
        )  # fmt: skip
        assert self.process.stdout
        assert "are listened to; Ctrl+C ends it." in self.process.stdout.readline()

    def waits_for(self, *paths: Path, within: float = 60.0) -> None:
        """Wait until all paths are there."""
        until = time.monotonic() + within
        while not all(path.exists() for path in paths):
            assert time.monotonic() < until, (paths, self.ends())
            time.sleep(0.05)

    def ends(self) -> str:
        """Press Ctrl+C in its terminal, which its decoder hears too; return what it said until then."""
        os.killpg(self.process.pid, signal.SIGINT)
        said, _ = self.process.communicate(timeout=30)
        assert self.process.returncode == 0, said
        return said


@pytest.mark.crash
def test_goes_on_after_an_interruption(tmp_path: Path) -> None:
    pytest.importorskip("av", reason="the extra unspoken[voice] is not installed")
    environment = {
        **os.environ, "UNSPOKEN_DATA": str(tmp_path / "data"), "UNSPOKEN_DATABASE": "",
        "DJANGO_SETTINGS_MODULE": "unspoken.config.settings",
    }  # fmt: skip

    def run(program: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
        )
        return done.stdout.split("\n")[-2]

    folder, call, waiting = tmp_path / "inbox", run(PREPARE), tmp_path / "data" / "recordings-waiting"
    folder.mkdir()
    watcher = Watcher(folder, environment)
    name, unknown = f"{call}.left.wav", "pbx~1.left.wav"
    recording(folder / unknown)
    watcher.waits_for(folder / "refused" / f"{unknown}.txt")
    recording(tmp_path / name, seconds=600.0).rename(folder / name)
    until = time.monotonic() + 60
    while not (waiting.exists() and list(waiting.iterdir())) and time.monotonic() < until:
        time.sleep(0.01)
    time.sleep(1.0)  # it is in the midst of it
    said = watcher.ends()
    assert f"{unknown}: refused. There is no conversation 1 of pbx here." in said
    assert said.endswith("Stopped. A recording in hand stays where it is; the same command goes on with it.\n")
    assert (sorted(path.name for path in folder.iterdir()), list(waiting.iterdir())) == ([name, "refused"], [])
    assert "done" not in run(TELL)
    again = Watcher(folder, environment)
    again.waits_for(folder / "done" / name, within=120.0)
    assert f"{name}: A recording of 10:00 was listened to" in again.ends()
    assert (run(TELL), list(waiting.iterdir())) == ("done 598", [])
