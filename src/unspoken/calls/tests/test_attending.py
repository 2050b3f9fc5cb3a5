"""A process of its own listens to what waits; whatever kills whom, another begins again at once."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from unspoken.calls.attending import Attendant
from unspoken.calls.models import Recording
from unspoken.intake.tests.fake import START
from unspoken.people.models import Contact

from .lines import permits
from .recordings import brought, called

PREPARE = """
import sys
from pathlib import Path
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from unspoken.calls.tests.lines import permits
from unspoken.calls.tests.recordings import brought, called, recording
from unspoken.intake.tests.conftest import mina
permits(mina.__wrapped__(None))
brought(called(), recording(Path(sys.argv[1]), seconds=float(sys.argv[2])))
"""
ATTEND = """
import time
import django
django.setup()
from unspoken.calls.attending import attendant
from unspoken.calls.models import Recording
from unspoken.kit.clock import now
from unspoken.readings.models import ToneReading
shown = None
while True:
    attendant.attend(now())
    row = Recording.objects.get()
    told = (row.state, row.attempts, row.seconds, ToneReading.objects.count())
    if told != shown:
        print(*told, flush=True)
    shown = told
    time.sleep(0.1)
"""


class Installed:
    """An installation of its own, in which one recording waits."""

    def __init__(self, folder: Path, *, seconds: float) -> None:
        self.waiting = folder / "data" / "recordings-waiting"
        self.environment = {
            **os.environ, "UNSPOKEN_DATA": str(folder / "data"), "UNSPOKEN_DATABASE": "",
            "DJANGO_SETTINGS_MODULE": "unspoken.config.settings",
        }  # fmt: skip
        prepare = [sys.executable, "-c", PREPARE, str(folder / "call.wav"), str(seconds)]
        subprocess.run(prepare, env=self.environment, check=True)

    def told(self, *, until: str, kill: bool = False) -> list[str]:
        """Let a process attend until it tells of what begins with `until`; then end it, or kill it."""
        attending = subprocess.Popen(
            [sys.executable, "-c", ATTEND], env=self.environment, stdout=subprocess.PIPE, text=True
        )
        told = list(_lines(attending, until))
        attending.kill() if kill else attending.terminate()
        attending.communicate(timeout=30)
        return told

    def files(self) -> list[Path]:
        return list(self.waiting.iterdir())


def _lines(process: "subprocess.Popen[str]", until: str) -> Iterator[str]:
    assert process.stdout
    for line in process.stdout:
        yield line.strip()
        if line.startswith(until):
            return
    raise AssertionError(f"it ended before it told of {until}")


@pytest.mark.crash
@pytest.mark.parametrize("kill", [True, False])
def test_begins_again_at_once_when_its_server_was_ended(tmp_path: Path, kill: bool) -> None:
    pytest.importorskip("av", reason="the extra unspoken[voice] is not installed")
    installed = Installed(tmp_path, seconds=400.0)
    told = installed.told(until="listening 1 ", kill=kill)
    assert told[0] == "waiting 0 0.0 0"
    assert len(installed.files()) == 1
    time.sleep(1.0)
    began = time.monotonic()
    told = installed.told(until="done")
    assert time.monotonic() - began < 60  # a claim would have run out after two minutes only
    assert told[-1] == "done 1 400.0 398"
    assert installed.files() == []


@pytest.mark.crash
def test_ends_by_itself_when_nothing_waits(tmp_path: Path) -> None:
    pytest.importorskip("av", reason="the extra unspoken[voice] is not installed")
    installed = Installed(tmp_path, seconds=6.0)
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "unspoken.calls.attending"], env=installed.environment, stdin=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    ) as child:  # fmt: skip
        assert child.wait(60) == 0
        assert child.stderr
        assert "Error" not in child.stderr.read()
    assert installed.files() == []


class Child:
    """A process that has ended, or not."""

    def __init__(self, returncode: int | None) -> None:
        self.returncode, self.stdin = returncode, None

    def poll(self) -> int | None:
        return self.returncode


def test_one_listens_while_anything_waits(
    mina: Contact, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.UNSPOKEN = replace(settings.UNSPOKEN, data=tmp_path / "data")
    started: list[Child] = []

    def start(command: list[str], **_: Any) -> Child:
        assert command[1:] == ["-P", "-m", "unspoken.calls.attending"]
        started.append(Child(None))
        return started[-1]

    monkeypatch.setattr("unspoken.calls.attending.subprocess.Popen", start)
    attendant = Attendant()
    attendant.attend(START)
    assert started == []
    permits(mina)
    (tmp_path / "call.wav").write_bytes(b"sound")
    brought(called(), tmp_path / "call.wav")
    for _ in range(3):
        attendant.attend(START)
    assert len(started) == 1
    started[0].returncode = 0
    attendant.attend(START)
    assert len(started) == 2
    started[1].returncode = 1  # it broke down: not again at once
    for second, expected in ((0, 2), (59, 2), (61, 3)):
        attendant.attend(START + timedelta(seconds=second))
        assert len(started) == expected
    started[2].returncode = 0
    Recording.objects.update(state="listening", claimed_until=START + timedelta(minutes=10))
    attendant.attend(START + timedelta(minutes=9))
    assert len(started) == 3
    attendant.attend(START + timedelta(minutes=11))
    assert len(started) == 4
