"""Recordings that are brought: taken in once, under a permission alone, and their files never stay."""

import hashlib
import os
import stat
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from unspoken.calls.arriving import Arriving, NoRoom, Refused, TooLarge, place
from unspoken.calls.models import Call, Recording, RecordingState
from unspoken.calls.waiting import end, in_words, obstacle, sweep
from unspoken.intake.pipeline import Pipeline
from unspoken.intake.tests.fake import read, said
from unspoken.journal.deliveries import work_off
from unspoken.journal.models import Entry
from unspoken.kit.clock import now
from unspoken.people.models import Contact
from unspoken.privacy.models import Decision, Purpose
from unspoken.staff.permissions import NotAllowed
from unspoken.staff.tests.cast import members

from .lines import permits
from .recordings import NOW, brought, called, files


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    settings.UNSPOKEN = replace(settings.UNSPOKEN, data=tmp_path / "data")


def sound(tmp_path: Path, content: bytes = b"RIFF and so on") -> Path:
    path = tmp_path / "call.wav"
    path.write_bytes(content)
    return path


def test_a_recording_waits_where_nobody_else_can_open_it(mina: Contact, tmp_path: Path) -> None:
    consent = permits(mina)
    ben = members().ben
    row = brought(called(), sound(tmp_path), side="right", by=ben)
    assert (row.state, row.side, row.size, row.by, row.consent_id) == ("waiting", "right", 14, ben, consent)
    assert row.sha256 == hashlib.sha256(b"RIFF and so on").hexdigest()
    assert place(row.id).read_bytes() == b"RIFF and so on"
    assert files() == [row.id]
    assert "call" not in row.id
    assert stat.S_IMODE(place(row.id).stat().st_mode) == 0o600
    assert stat.S_IMODE(place(row.id).parent.stat().st_mode) == 0o700
    entry = Entry.objects.filter(kind="conversation.changed").latest("id")
    assert (entry.conversation_id, entry.data, entry.actor) == (row.conversation_id, {"what": "recording"}, ben.id)
    assert in_words(row, now=now()).startswith("A recording of this call waits to be listened to.")


def test_the_same_bytes_have_one_effect(mina: Contact, tmp_path: Path) -> None:
    permits(mina)
    call, other = called(), called("other")
    first = brought(call, sound(tmp_path))
    assert brought(call, sound(tmp_path)) == first
    with pytest.raises(Refused, match="brought before, with the customer on the left channel"):
        brought(call, sound(tmp_path), side="right")
    assert files() == [first.id]
    assert brought(other, sound(tmp_path)) != first
    end(first, state=RecordingState.DONE, now=NOW)
    assert brought(call, sound(tmp_path)).state == "done"
    assert Recording.objects.filter(conversation=call).count() == 1


def test_what_failed_may_be_brought_again(mina: Contact, tmp_path: Path) -> None:
    permits(mina)
    call = called()
    failed = brought(call, sound(tmp_path))
    end(failed, state=RecordingState.FAILED, why="The disk was full.", now=NOW)
    again = brought(call, sound(tmp_path))
    assert (again.state, files()) == ("waiting", [again.id])
    failed.refresh_from_db()
    assert in_words(failed, now=now()) == (
        "A recording of this call was not heard to its end. The disk was full. Its file is deleted."
    )


def test_without_permission_nothing_is_kept(mina: Contact, tmp_path: Path) -> None:
    call = called()
    for decide in ([], [Decision.GIVEN, Decision.WITHDRAWN], [Decision.REFUSED]):
        for decision in decide:
            permits(mina, decision=decision)
        with pytest.raises(Refused, match=r"has not permitted .* Nothing was kept"):
            brought(call, sound(tmp_path))
    permits(mina, Purpose.BASELINE)
    with pytest.raises(Refused):
        brought(call, sound(tmp_path))
    assert (files(), Recording.objects.count()) == ([], 0)


def test_refuses_what_is_no_call_is_under_way_or_nobodys(mina: Contact, tmp_path: Path, settings: Any) -> None:
    permits(mina)
    Pipeline(read).receive([said("hello", 1), said("hello", 2, conversation_id="nobody", person=None)], now=NOW)
    call = called()
    chat = call.__class__.objects.get(external_id="c1")
    assert obstacle(chat) == f"{chat.id} is no call but came by chat."
    line = Call.objects.create(conversation=call, began_at=NOW, seen_at=NOW)
    assert "still under way" in obstacle(call)
    Call.objects.filter(pk=line.pk).update(ended_at=NOW)
    call.refresh_from_db()
    assert obstacle(call) == ""
    call.contact = None
    assert obstacle(call) == "It is not known who called, so nothing of their voice is read."
    call.refresh_from_db()
    settings.UNSPOKEN = replace(settings.UNSPOKEN, analysis=False)
    assert "switched off" in obstacle(call)
    with pytest.raises(Refused):
        brought(call, sound(tmp_path))
    assert files() == []


def test_a_member_who_may_not_change_conversations_brings_nothing(mina: Contact, tmp_path: Path) -> None:
    permits(mina)
    with pytest.raises(NotAllowed):
        brought(called(), sound(tmp_path), by=members().pia)
    assert (files(), Recording.objects.count()) == ([], 0)


def test_nobody_is_guessed_to_be_the_customer(mina: Contact, tmp_path: Path) -> None:
    permits(mina)
    for side in ("", "both", "LEFT", "left\x00"):
        with pytest.raises(Refused, match="left, right or alone"):
            brought(called(), sound(tmp_path), side=side)
    assert files() == []


def test_an_empty_file_and_one_too_large_are_not_kept(
    mina: Contact, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    permits(mina)
    with pytest.raises(Refused, match="empty"):
        brought(called(), sound(tmp_path, b""))
    monkeypatch.setattr("unspoken.calls.arriving.LARGEST", 13)
    with pytest.raises(TooLarge):
        brought(called(), sound(tmp_path))
    assert files() == []


def test_a_full_disk_is_told_and_leaves_nothing(mina: Contact, tmp_path: Path) -> None:
    permits(mina)
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    with Arriving() as arriving:
        os.dup2(os.open("/dev/full", os.O_WRONLY), arriving._file.fileno())
        with pytest.raises(NoRoom, match="No space left"):
            arriving.write(b"x" * 1_000_000)
    assert files() == []


def test_a_withdrawal_deletes_at_once_what_waits(mina: Contact, tmp_path: Path) -> None:
    permits(mina)
    row = brought(called(), sound(tmp_path))
    permits(mina, Purpose.BASELINE, Decision.WITHDRAWN)
    work_off(now=now())
    assert files() == [row.id]
    permits(mina, decision=Decision.WITHDRAWN)
    work_off(now=now())
    row.refresh_from_db()
    assert (row.state, files()) == ("failed", [])
    assert row.why == "The customer no longer permits that the tone of their voice is read."


def test_permission_given_anew_does_not_bring_back_what_was_withdrawn(mina: Contact, tmp_path: Path) -> None:
    permits(mina)
    row = brought(called(), sound(tmp_path))
    permits(mina, decision=Decision.WITHDRAWN)
    permits(mina)
    later = brought(called("later"), sound(tmp_path))
    permits(mina)  # said again, as at the beginning of every call
    work_off(now=now())
    states = dict(Recording.objects.values_list("pk", "state"))
    assert states == {row.id: "failed", later.id: "waiting"}
    assert files() == [later.id]


def test_files_that_nobody_waits_for_are_swept(mina: Contact, tmp_path: Path) -> None:
    permits(mina)
    kept, ended = brought(called(), sound(tmp_path)), brought(called("other"), sound(tmp_path))
    left = place(ended.id).read_bytes()
    end(ended, state=RecordingState.DONE, now=NOW)
    place(ended.id).write_bytes(left)  # as when the server was killed between the two
    stray, fresh = place("rec_stray"), place("rec_fresh")
    for path in (stray, fresh):
        path.write_bytes(b"sound")
    long_ago = (now() - timedelta(minutes=11)).timestamp()
    for path in (stray, place(kept.id)):
        os.utime(path, (long_ago, long_ago))
    assert sweep(now()) == 2
    assert files() == sorted([kept.id, "rec_fresh"])
    kept.conversation.delete()  # as when somebody is erased
    assert sweep(now()) == 1
    assert files() == ["rec_fresh"]
