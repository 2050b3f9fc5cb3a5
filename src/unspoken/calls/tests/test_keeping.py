"""A recording is kept only where the operator keeps any and its customer permits it, and never longer."""

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from unspoken.calls import keeping, listening
from unspoken.calls.deleting import delete_recording, sweep
from unspoken.calls.keeping import keep_sound
from unspoken.calls.kept import ends_at, kept_at, kept_of, on_day
from unspoken.calls.listening import hear_next
from unspoken.calls.models import Form, KeptRecording, Recording
from unspoken.calls.personal_data import erase_recordings, recordings_of
from unspoken.calls.waiting import in_words
from unspoken.config.options import BadOption, Options
from unspoken.conversations.models import Conversation
from unspoken.journal.deliveries import work_off
from unspoken.journal.models import Entry
from unspoken.kit.clock import now
from unspoken.people.actions import merge_contacts, unmerge
from unspoken.people.models import Contact
from unspoken.privacy.models import Decision, Purpose
from unspoken.readings.ear import Undecodable
from unspoken.staff.permissions import NotAllowed
from unspoken.staff.tests.cast import members

from .lines import permits
from .recordings import NOW, brought, called, files, recording

RECORDING, WITHDRAWN = Purpose.RECORDING, Decision.WITHDRAWN
Keeps = Callable[[int], None]


@pytest.fixture
def keeps(settings: Any) -> Keeps:
    def for_days(days: int) -> None:
        settings.UNSPOKEN = replace(settings.UNSPOKEN, keep_recordings_days=days)

    return for_days


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path, keeps: Keeps) -> None:
    settings.UNSPOKEN = replace(settings.UNSPOKEN, data=tmp_path / "data")
    keeps(30)


@pytest.fixture
def call(mina: Contact) -> Conversation:
    permits(mina)
    permits(mina, RECORDING)
    return called()


def kept(call: Conversation, sound: bytes = b"sound", *, at: datetime = NOW) -> KeptRecording:
    made = keep_sound(call, [sound], form=Form.WAV, now=at)
    assert made is not None
    return made


def left() -> list[str]:
    return sorted(path.name for path in kept_at("").iterdir())


def nothing_is_left() -> bool:
    return left() == [] and not KeptRecording.objects.exists()


def deletions() -> list[str]:
    return [entry.data["what"] for entry in Entry.objects.filter(kind="recording.deleted").order_by("id")]


def test_what_was_listened_to_is_kept_as_one_sound_that_browsers_play(call: Conversation, tmp_path: Path) -> None:
    av = pytest.importorskip("av", reason="the extra unspoken[voice] is not installed")
    row = brought(call, recording(tmp_path / "call.wav", seconds=21.3))
    assert in_words(row, now=NOW).endswith("Then it is kept for 30 days, as they permit.")
    assert hear_next()
    row.refresh_from_db()
    made = KeptRecording.objects.get()
    assert (row.state, row.why, made.recording, made.form, made.until - made.at) == (
        "done", "", row, "audio/mpeg", timedelta(days=30)
    )  # fmt: skip
    assert in_words(row, now=now()).endswith(f"It is kept until {on_day(made.until)}, as they permit.")
    assert (files(), left()) == ([], [made.pk])
    assert stat.S_IMODE(kept_at(made.pk).stat().st_mode) == 0o600
    assert stat.S_IMODE(kept_at(made.pk).parent.stat().st_mode) == 0o700
    assert made.size == kept_at(made.pk).stat().st_size == pytest.approx(21.3 * 4_000, rel=0.02)
    with av.open(str(kept_at(made.pk))) as opened:
        stream = opened.streams.audio[0]
        assert (stream.codec_context.name, stream.codec_context.channels) == ("mp3float", 1)
        heard = sum(frame.samples for frame in opened.decode(stream)) / stream.codec_context.sample_rate
    assert heard == pytest.approx(21.3, abs=0.2)


@pytest.mark.parametrize("why", ["switched off", "never asked", "refused", "withdrawn"])
def test_without_setting_and_permission_nothing_is_kept(why: str, mina: Contact, keeps: Keeps, tmp_path: Path) -> None:
    pytest.importorskip("av", reason="the extra unspoken[voice] is not installed")
    permits(mina)
    for purpose in Purpose:  # no other purpose implies it
        if purpose != RECORDING:
            permits(mina, purpose)
    if why != "never asked":
        permits(mina, RECORDING, Decision.REFUSED if why == "refused" else Decision.GIVEN)
    if why == "withdrawn":
        permits(mina, RECORDING, WITHDRAWN)
    keeps(0 if why == "switched off" else 30)
    row = brought(called(), recording(tmp_path / "call.wav"))
    assert in_words(row, now=NOW).endswith("Then its file is deleted; no sound is kept.")
    assert hear_next()
    row.refresh_from_db()
    assert (row.state, files(), nothing_is_left()) == ("done", [], True)
    assert in_words(row, now=now()).endswith("Its file is deleted.")


def test_a_withdrawal_midway_leaves_nothing_even_when_it_is_given_anew(call: Conversation, mina: Contact) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"sound"
        permits(mina, RECORDING, WITHDRAWN)
        permits(mina, RECORDING)
        yield b"more sound"

    assert keep_sound(call, pieces(), form=Form.WAV, now=NOW) is None
    assert nothing_is_left()


def test_a_call_that_changes_hands_midway_is_not_kept(call: Conversation) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"sound"
        other = Contact.objects.create(name="Noor", created_at=NOW)
        permits(other, RECORDING)
        Conversation.objects.filter(pk=call.pk).update(contact=other)

    assert keep_sound(call, pieces(), form=Form.WAV, now=NOW) is None
    assert nothing_is_left()


@pytest.mark.parametrize("error", [Undecodable("broken"), OSError(28, "No space left on device")])
def test_what_cannot_be_kept_was_listened_to_all_the_same(
    error: Exception, call: Conversation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("av", reason="the extra unspoken[voice] is not installed")

    def broken(_: Path) -> Iterator[bytes]:
        yield b"some"
        raise error

    monkeypatch.setattr(keeping, "replayable", broken)
    row = brought(call, recording(tmp_path / "call.wav"))
    assert hear_next()
    row.refresh_from_db()
    assert (row.state, row.windows, files(), nothing_is_left()) == ("done", 3, [], True)
    assert in_words(row, now=now()).endswith("It could not be kept; the server's log says why. Its file is deleted.")


def test_a_withdrawal_for_service_while_it_is_written_anew_stops_that(
    call: Conversation, mina: Contact, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("av", reason="the extra unspoken[voice] is not installed")

    def withdraws(_: Path) -> Iterator[bytes]:
        permits(mina, decision=WITHDRAWN)
        yield b"some"

    monkeypatch.setattr(listening, "TELLS", 0.0)
    monkeypatch.setattr(keeping, "replayable", withdraws)
    row = brought(call, recording(tmp_path / "call.wav"))
    assert hear_next()
    row.refresh_from_db()
    assert (row.state, files(), nothing_is_left()) == ("failed", [], True)


def test_a_withdrawal_holds_at_once_and_then_deletes_the_file(call: Conversation, mina: Contact) -> None:
    made = kept(call)
    permits(mina, decision=WITHDRAWN)  # of reading the voice: another purpose
    work_off(now=now())
    assert (kept_of(call, now=NOW), left()) == (made, [made.pk])
    permits(mina, RECORDING, WITHDRAWN)
    assert kept_of(call, now=NOW) is None
    assert left() == [made.pk]
    permits(mina, RECORDING)  # what was withdrawn does not come back
    assert kept_of(call, now=NOW) is None
    work_off(now=now())
    assert (nothing_is_left(), deletions()) == (True, ["permission"])


def test_it_is_kept_as_long_as_was_told_or_shorter_and_never_longer(call: Conversation, keeps: Keeps) -> None:
    made = kept(call)
    assert ends_at(made) == NOW + timedelta(days=30)
    keeps(90)
    assert ends_at(made) == NOW + timedelta(days=30)
    keeps(7)
    assert ends_at(made) == NOW + timedelta(days=7)
    almost = NOW + timedelta(days=7, seconds=-1)
    assert kept_of(call, now=almost) == made
    assert sweep(almost) == 0
    assert kept_of(call, now=NOW + timedelta(days=7)) is None
    assert sweep(NOW + timedelta(days=7)) == 1
    assert (nothing_is_left(), deletions()) == (True, ["retention"])


def test_where_keeping_is_switched_off_what_was_kept_goes(call: Conversation, keeps: Keeps) -> None:
    kept(call)
    keeps(0)
    assert kept_of(call, now=NOW) is None
    assert sweep(NOW) == 1
    assert nothing_is_left()


def test_a_call_has_one_kept_recording(call: Conversation) -> None:
    first, second = kept(call, b"first"), kept(call, b"second")
    assert (KeptRecording.objects.get(), left(), deletions()) == (second, [second.pk], ["replaced"])
    assert kept_at(second.pk).read_bytes() == b"second"
    assert first.pk != second.pk


def long_ago(name: str) -> None:
    changed = (now() - timedelta(minutes=3)).timestamp()
    os.utime(kept_at(name), (changed, changed))


def test_files_without_a_row_and_rows_without_a_file_are_swept(call: Conversation) -> None:
    lost, whole = kept(call, at=now()), kept(called("other"), at=now())
    kept_at(lost.pk).unlink()
    for name in ("kept_stray", "kept_fresh"):
        kept_at(name).write_bytes(b"sound")
    long_ago("kept_stray")
    long_ago(whole.pk)
    assert sweep(now()) == 2
    assert (KeptRecording.objects.get(), deletions()) == (whole, ["missing"])
    assert left() == sorted([whole.pk, "kept_fresh"])


def test_an_erased_call_and_an_erased_contact_leave_no_file(call: Conversation, mina: Contact) -> None:
    erased, other = kept(call, at=now()), kept(called("other"), at=now())
    for made in (erased, other):
        long_ago(made.pk)
    call.delete()
    assert (sweep(now()), left()) == (1, [other.pk])
    Contact.objects.filter(pk=mina.pk).delete()
    assert (sweep(now()), nothing_is_left()) == (1, True)


def test_a_persons_recordings_can_be_exported_and_erased(call: Conversation, mina: Contact) -> None:
    made = kept(call)
    [told] = recordings_of(mina.pk)
    assert (told.conversation_id, told.file.read_bytes(), told.form) == (call.pk, b"sound", "audio/wav")
    assert told.until == made.until
    noor = Contact.objects.create(name="Noor", created_at=NOW)
    assert (recordings_of(noor.pk), erase_recordings(noor.pk, now=NOW)) == ([], 0)
    assert erase_recordings(mina.pk, now=NOW) == 1
    assert (nothing_is_left(), deletions()) == (True, ["erased"])


def test_it_goes_with_the_call_to_whom_a_merge_gives_it(call: Conversation, mina: Contact) -> None:
    made = kept(call)
    noor = Contact.objects.create(name="Noor", created_at=NOW)
    merge = merge_contacts(noor, mina, now=NOW)  # what Mina permitted is Noor's now, as is her call
    work_off(now=now())
    assert kept_of(call, now=NOW) == made
    unmerge(merge, now=NOW)
    work_off(now=now())
    assert kept_of(call, now=NOW) == made


def test_a_merge_with_somebody_who_refused_later_deletes_it(call: Conversation, mina: Contact) -> None:
    kept(call)
    noor = Contact.objects.create(name="Noor", created_at=NOW)
    permits(noor, RECORDING, Decision.REFUSED)
    merge_contacts(noor, mina, now=NOW)
    assert kept_of(call, now=NOW) is None
    work_off(now=now())
    assert (nothing_is_left(), deletions()) == (True, ["permission"])


def test_whoever_may_record_a_withdrawal_may_delete_it(call: Conversation) -> None:
    made, cast = kept(call), members()
    with pytest.raises(NotAllowed):
        delete_recording(call, now=NOW, by=cast.ana)
    assert left() == [made.pk]
    assert delete_recording(call, now=NOW, by=cast.pia) == 1
    assert delete_recording(call, now=NOW, by=cast.pia) == 0
    entry = Entry.objects.get(kind="recording.deleted")
    assert (entry.actor, entry.data, entry.conversation_id) == (
        cast.pia.pk, {"recording_id": made.pk, "what": "wanted"}, call.pk
    )  # fmt: skip
    assert nothing_is_left()
    assert not Recording.objects.exists()


@pytest.mark.parametrize(("value", "days"), [(None, 0), ("", 0), ("0", 0), (" 30 ", 30), ("3650", 3_650)])
def test_no_recording_is_kept_unless_it_is_said_for_how_many_days(value: str | None, days: int, tmp_path: Path) -> None:
    named = {} if value is None else {"UNSPOKEN_KEEP_RECORDINGS_DAYS": value}
    options = Options.from_environment({"UNSPOKEN_DATA": str(tmp_path), "UNSPOKEN_SECRET_KEY": "x", **named})
    assert options.keep_recordings_days == days


@pytest.mark.parametrize("value", ["yes", "-1", "30.5", "3651", "٣٠", "1e3"])
def test_a_number_of_days_that_is_none_refuses_to_start_and_says_the_mend(value: str, tmp_path: Path) -> None:
    given = {"UNSPOKEN_DATA": str(tmp_path), "UNSPOKEN_SECRET_KEY": "x", "UNSPOKEN_KEEP_RECORDINGS_DAYS": value}
    with pytest.raises(BadOption, match=r"is no number of days from 0 to 3650\. Write one like 30, or leave it out"):
        Options.from_environment(given)
