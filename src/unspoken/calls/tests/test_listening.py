"""Recordings are listened to once, whatever happens meanwhile, and their files are gone afterwards."""

import os
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError

from unspoken.calls import listening
from unspoken.calls.arriving import place
from unspoken.calls.listening import claim, hear_next
from unspoken.calls.models import Call, Recording
from unspoken.calls.recorded import NotHeard
from unspoken.calls.waiting import in_words
from unspoken.journal.deliveries import work_off
from unspoken.journal.models import Entry
from unspoken.kit.clock import now
from unspoken.people.models import Contact
from unspoken.privacy.models import Decision
from unspoken.readings.models import ToneReading

from .lines import permits
from .recordings import brought, called, files, recording

pytest.importorskip("av", reason="the extra unspoken[voice] is not installed")
WITHDRAWN = Decision.WITHDRAWN


class Killed(BaseException):
    """Stands for the end of the process: nobody tidies up."""


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    settings.UNSPOKEN = replace(settings.UNSPOKEN, data=tmp_path / "data")


@pytest.fixture
def waiting(mina: Contact, tmp_path: Path) -> Recording:
    """A recording of 130 seconds, whose windows are stored in three parts."""
    permits(mina)
    return brought(called(), recording(tmp_path / "call.wav", seconds=130.0))


def windows() -> list[float]:
    return list(ToneReading.objects.order_by("begins").values_list("begins", flat=True))


def test_every_window_is_there_once_and_the_file_is_gone(waiting: Recording) -> None:
    told: list[float] = []
    assert hear_next(tell=told.append)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.seconds, waiting.attempts, waiting.why) == ("done", 130.0, 1, "")
    assert windows() == [float(second) for second in range(128)]
    assert waiting.windows == ToneReading.objects.filter(reason="").count() > 100
    assert (files(), told[0], told[-1]) == ([], 10.0, 130.0)
    assert in_words(waiting, now=now()) == (
        f"A recording of 2:10 was listened to: the tone of {waiting.windows} windows was read. Its file is deleted."
    )
    assert Call.objects.get().talk["customer"] > 60
    assert Entry.objects.filter(kind="conversation.changed", data__what="recording").count() == 2
    assert not hear_next()


def test_goes_on_after_a_kill_and_every_window_is_there_once(waiting: Recording) -> None:
    def killed(seconds: float) -> None:
        if seconds == 80.0:
            raise Killed

    with pytest.raises(Killed):
        hear_next(tell=killed)
    before = windows()
    assert before == [float(second) for second in range(len(before))]
    assert 50 < len(before) < 70
    assert not hear_next()  # its claim has not run out
    waiting.refresh_from_db()
    assert (waiting.state, waiting.attempts, files()) == ("listening", 1, [waiting.id])
    Recording.objects.update(claimed_until=now() - timedelta(seconds=1))
    assert hear_next()
    waiting.refresh_from_db()
    assert (waiting.state, waiting.attempts, files()) == ("done", 2, [])
    assert windows() == [float(second) for second in range(128)]
    assert waiting.windows == ToneReading.objects.filter(reason="").count()


def test_a_withdrawal_stops_it_at_once(waiting: Recording, mina: Contact, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "TELLS", 0.0)
    told: list[float] = []

    def withdraws(seconds: float) -> None:
        told.append(seconds)
        if seconds == 80.0:
            permits(mina, decision=WITHDRAWN)

    assert hear_next(tell=withdraws)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.seconds, files(), told[-1]) == ("failed", 70.0, [], 80.0)
    assert waiting.why == "The customer no longer permits that the tone of their voice is read."
    assert max(windows()) < 60.0


def test_a_withdrawal_deletes_the_file_while_somebody_listens(waiting: Recording, mina: Contact) -> None:
    gone: list[bool] = []

    def withdraws(seconds: float) -> None:
        if seconds == 80.0:
            permits(mina, decision=WITHDRAWN)
            work_off(now=now())
            gone.append(not files())

    assert hear_next(tell=withdraws)
    waiting.refresh_from_db()
    assert (waiting.state, gone, files()) == ("failed", [True], [])
    assert max(windows()) < 60.0


def test_permission_that_is_said_again_lets_it_begin_again(waiting: Recording, mina: Contact) -> None:
    def says_again(seconds: float) -> None:
        if seconds == 30.0:
            permits(mina)

    assert hear_next(tell=says_again)
    waiting.refresh_from_db()
    assert (waiting.state, files(), windows()) == ("waiting", [waiting.id], [])
    assert hear_next()
    waiting.refresh_from_db()
    assert (waiting.state, waiting.attempts, len(windows())) == ("done", 1, 128)


def test_what_is_claimed_is_taken_by_nobody_else(waiting: Recording) -> None:
    moment = now()
    assert claim(moment) == waiting
    assert claim(moment) is None
    assert claim(moment + timedelta(minutes=1)) is None
    assert claim(moment + timedelta(minutes=3)) == waiting


def test_who_lost_the_claim_stops_and_changes_nothing(waiting: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "TELLS", 0.0)
    later = now() + timedelta(hours=1)

    def takes_over(seconds: float) -> None:
        if seconds == 20.0:
            Recording.objects.update(claimed_until=later)

    assert hear_next(tell=takes_over)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.claimed_until, files()) == ("listening", later, [waiting.id])


def test_the_file_of_a_call_that_is_erased_meanwhile_is_gone(
    waiting: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "TELLS", 0.0)

    def erases(seconds: float) -> None:
        if seconds == 80.0:
            waiting.conversation.delete()

    assert hear_next(tell=erases)
    assert (files(), Recording.objects.count(), windows()) == ([], 0, [])


def test_who_lost_the_claim_fails_nothing(waiting: Recording) -> None:
    later = now() + timedelta(hours=1)

    def takes_over(seconds: float) -> None:
        Recording.objects.update(claimed_until=later)
        raise NotHeard("The decoder was ended.")

    assert hear_next(tell=takes_over)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.claimed_until, files()) == ("listening", later, [waiting.id])


def test_an_interruption_puts_it_back(waiting: Recording) -> None:
    def interrupted(seconds: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        hear_next(tell=interrupted)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.attempts, files()) == ("waiting", 0, [waiting.id])


def test_what_is_no_sound_is_told_and_deleted(mina: Contact, tmp_path: Path) -> None:
    permits(mina)
    path = tmp_path / "invoice.wav"
    path.write_bytes(b"%PDF-1.7 nothing to hear")
    row = brought(called(), path)
    assert hear_next()
    row.refresh_from_db()
    assert (row.state, files()) == ("failed", [])
    assert row.why.startswith("This is no sound file that can be read (")
    assert row.why.endswith("). Nothing was kept.")


def test_a_file_that_is_gone_and_one_that_breaks_everything_end(waiting: Recording) -> None:
    place(waiting.id).unlink()
    assert hear_next()
    waiting.refresh_from_db()
    assert (waiting.state, waiting.why) == ("failed", "Its file was no longer there; bring it again.")
    Recording.objects.update(state="listening", attempts=5, claimed_until=now() - timedelta(seconds=1))
    place(waiting.id).write_bytes(b"what kills the process each time")
    assert hear_next()
    waiting.refresh_from_db()
    assert (waiting.state, files()) == ("failed", [])
    assert waiting.why == "Listening broke down 5 times; the server's log says why."


def test_a_database_that_is_full_for_a_while_delays_it(waiting: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OperationalError("database or disk is full")

    with monkeypatch.context() as patched:
        patched.setattr("unspoken.calls.recorded.store_tones", full)
        assert hear_next()
    waiting.refresh_from_db()
    assert (waiting.state, files()) == ("listening", [waiting.id])
    Recording.objects.update(claimed_until=now() - timedelta(seconds=1))
    assert hear_next()
    waiting.refresh_from_db()
    assert (waiting.state, len(windows())) == ("done", 128)


def test_a_process_that_ends_lets_another_begin_again(waiting: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    def ends(seconds: float) -> None:
        if seconds == 80.0:
            closing.set()

    closing = threading.Event()
    monkeypatch.setattr(listening, "closing", closing)
    assert hear_next(tell=ends)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.attempts, files()) == ("waiting", 0, [waiting.id])
    closing.clear()
    assert hear_next()
    waiting.refresh_from_db()
    assert (waiting.state, len(windows())) == ("done", 128)


KILLED = """
import os, sys, time
from datetime import timedelta
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from pathlib import Path
from unspoken.calls import listening
from unspoken.calls.models import Recording
from unspoken.calls.tests.lines import permits
from unspoken.calls.tests.recordings import brought, called, recording
from unspoken.intake.tests.conftest import mina
from unspoken.readings.models import ToneReading
listening.CLAIM = timedelta(seconds=1)
listening.TELLS = 0.0
if not Recording.objects.exists():
    permits(mina.__wrapped__(None))
    brought(called(), recording(Path(sys.argv[1]), seconds=130.0))
def tell(seconds):
    print(seconds, flush=True)
    if sys.argv[2:] and seconds >= 80.0:
        time.sleep(60)
while Recording.objects.exclude(state__in=["done", "failed"]).exists():
    listening.hear_next(tell=tell)
    time.sleep(0.1)
row = Recording.objects.get()
begins = list(ToneReading.objects.order_by("begins").values_list("begins", flat=True))
print("ended", row.state, row.attempts, len(begins), len(set(begins)), begins[-1], flush=True)
"""


@pytest.mark.crash
def test_goes_on_after_its_process_was_killed(tmp_path: Path) -> None:
    environment = {
        **os.environ, "UNSPOKEN_DATA": str(tmp_path / "data"), "UNSPOKEN_DATABASE": "",
        "DJANGO_SETTINGS_MODULE": "unspoken.config.settings",
    }  # fmt: skip
    begun = [sys.executable, "-c", KILLED, str(tmp_path / "call.wav")]
    with subprocess.Popen([*begun, "slowly"], env=environment, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout
        assert "80.0\n" in iter(child.stdout.readline, "")
        child.kill()
    waiting = list((tmp_path / "data" / "recordings-waiting").iterdir())
    assert len(waiting) == 1
    done = subprocess.run(begun, env=environment, stdout=subprocess.PIPE, text=True, timeout=120, check=True)
    assert done.stdout.splitlines()[-1] == "ended done 2 128 128 127.0"
    assert list((tmp_path / "data" / "recordings-waiting").iterdir()) == []
