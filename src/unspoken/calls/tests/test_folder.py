"""A folder into which recordings are put: what is said of each, when it is whole, and where it goes."""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from unspoken.calls.arriving import NoRoom, Refused
from unspoken.calls.folder import Folder, Named, named
from unspoken.calls.models import Recording
from unspoken.conversations.models import Conversation
from unspoken.people.models import Contact
from unspoken.privacy.models import Decision
from unspoken.readings.models import ToneReading

from .lines import permits
from .recordings import called, files, recording


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    settings.UNSPOKEN = replace(settings.UNSPOKEN, data=tmp_path / "data")


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    path = tmp_path / "inbox"
    path.mkdir()
    return path


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("cv_01m8.left.wav", Named("left", conversation="cv_01m8")),
        ("pbx~4711.right.mp3", Named("right", source="pbx", call="4711")),
        ("twilio:Phone~CA1.2.alone.ogg", Named("alone", source="twilio:Phone", call="CA1.2")),
        ("pbx~a~b.left.wav", Named("left", source="pbx", call="a~b")),
    ],
)
def test_a_name_says_what_a_recording_is(inbox: Path, name: str, said: Named) -> None:
    assert named(inbox / name) == said


@pytest.mark.parametrize(
    "name",
    ["call.wav", "wav", "cv_1.wav", ".left.wav", "~1.left.wav", "pbx~.left.wav", "cv_1.both.wav", "cv_1.LEFT.wav",
     "cv_\udcff.left.wav"],
)  # fmt: skip
def test_a_name_that_says_too_little_is_refused(inbox: Path, name: str) -> None:
    with pytest.raises(Refused, match=r"Name it CONVERSATION\.SIDE\.EXTENSION"):
        named(inbox / name)


def test_a_file_beside_it_says_what_a_recording_is(inbox: Path) -> None:
    note = inbox / "x.wav.json"
    note.write_text('{"source": "pbx", "call": "a/b", "customer": "left", "more": 1}')
    assert named(inbox / "x.wav") == Named("left", source="pbx", call="a/b")
    note.write_text('{"conversation": "cv_1", "customer": "alone"}')
    assert named(inbox / "x.wav") == Named("alone", conversation="cv_1")
    hostile = [
        "", "[]", "null", '"left"', "{", "[" * 30_000, '{"customer": "left"}', '{"conversation": "cv_1"}',
        '{"conversation": 1, "customer": "left"}', '{"conversation": "cv_1", "customer": ["left"]}',
        '{"source": "a", "customer": "left"}',
        '{"conversation": "cv\\u0000", "customer": "left"}', '{"conversation": "\\ud800", "customer": "left"}',
        json.dumps({"conversation": "cv_1", "customer": "left", "more": "x" * 70_000}),
    ]  # fmt: skip
    for text in hostile:
        note.write_text(text)
        with pytest.raises(Refused, match="Name it CONVERSATION"):
            named(inbox / "x.wav")
    note.write_bytes(b"\xff\xfe")
    with pytest.raises(Refused):
        named(inbox / "x.wav")


def test_a_recording_counts_when_it_has_not_changed_for_two_seconds(inbox: Path) -> None:
    clock = Clock()
    folder = Folder(inbox, at=clock)
    growing = inbox / "cv_1.left.wav"
    growing.write_bytes(b"a")
    assert list(folder.whole()) == []
    clock.seconds = 1.9
    growing.write_bytes(b"ab")
    assert list(folder.whole()) == []
    clock.seconds = 3.8
    assert list(folder.whole()) == []
    clock.seconds = 3.9
    assert list(folder.whole()) == [growing]
    folder.put_off(growing)
    assert list(folder.whole()) == []
    clock.seconds = 63.9
    assert list(folder.whole()) == [growing]


def test_only_what_may_be_a_recording_is_looked_at(inbox: Path) -> None:
    clock = Clock()
    folder = Folder(inbox, at=clock)
    for name in (".hidden.left.wav", "x.wav.json", "x.txt", "x.left.wav.part", "cv_1.left.wav"):
        (inbox / name).write_bytes(b"a")
    (inbox / "done").mkdir()
    (inbox / "link.left.wav").symlink_to(inbox / "x.txt")
    os.mkfifo(inbox / "pipe.left.wav")
    list(folder.whole())
    clock.seconds = 2.0
    assert [path.name for path in folder.whole()] == ["cv_1.left.wav"]


@pytest.fixture
def call(mina: Contact) -> Conversation:
    pytest.importorskip("av", reason="the extra unspoken[voice] is not installed")
    permits(mina)
    return called()


def test_what_was_listened_to_is_done_with_and_the_rest_refused_with_the_reason(
    call: Conversation, inbox: Path
) -> None:
    folder = Folder(inbox)
    heard = recording(inbox / f"{call.id}.left.wav")
    by_source = recording(inbox / "test~call.left.wav", seed=1)
    with_note = recording(inbox / "x.wav", seed=2)
    (inbox / "x.wav.json").write_text(json.dumps({"conversation": call.id, "customer": "alone"}))
    broken, unknown = inbox / f"{call.id}.right.mp3", inbox / "pbx~4711.left.wav"
    broken.write_bytes(b"no sound")
    unknown.write_bytes(b"no sound")
    assert folder.hear(heard) == f"{heard.name}: A recording of 0:06 was listened to: the tone of 3 windows was read."
    assert folder.hear(by_source).endswith("listened to: nothing new was read.")  # these seconds are known by now
    assert folder.hear(with_note).endswith("listened to: nothing new was read.")
    assert "refused. This is no sound file" in folder.hear(broken)
    assert folder.hear(unknown) == (
        "pbx~4711.left.wav: refused. There is no conversation 4711 of pbx here. Put the recording back once it is."
    )
    assert names(inbox) == sorted([
        f"done/{heard.name}", "done/test~call.left.wav", "done/x.wav", "done/x.wav.json", f"refused/{broken.name}",
        f"refused/{broken.name}.txt", "refused/pbx~4711.left.wav", "refused/pbx~4711.left.wav.txt",
    ])  # fmt: skip
    reason = (inbox / "refused" / "pbx~4711.left.wav.txt").read_text()
    assert reason == "There is no conversation 4711 of pbx here. Put the recording back once it is.\n"
    assert (files(), ToneReading.objects.count()) == ([], 4)


def test_what_was_listened_to_can_be_deleted(call: Conversation, inbox: Path) -> None:
    path = recording(inbox / "x.wav")
    (inbox / "x.wav.json").write_text(json.dumps({"conversation": call.id, "customer": "left"}))
    Folder(inbox, delete=True).hear(path)
    assert (names(inbox), Recording.objects.get().state) == ([], "done")


def test_the_same_recording_again_has_no_further_effect(call: Conversation, inbox: Path) -> None:
    folder, name = Folder(inbox), f"{call.id}.left.wav"
    for _ in range(2):
        folder.hear(recording(inbox / name))
    assert names(inbox) == [f"done/2-{name}", f"done/{name}"]
    assert (Recording.objects.count(), Recording.objects.get().attempts, ToneReading.objects.count()) == (1, 1, 4)


def test_without_consent_it_is_not_even_copied(
    call: Conversation, mina: Contact, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def copied(*_: object) -> None:
        raise AssertionError("copied")

    permits(mina, decision=Decision.WITHDRAWN)
    monkeypatch.setattr("unspoken.calls.arriving.Arriving.__init__", copied)
    assert "refused. The customer has not permitted" in Folder(inbox).hear(recording(inbox / f"{call.id}.left.wav"))
    assert Recording.objects.count() == 0


def test_interrupted_it_stays_and_a_restart_goes_on(call: Conversation, inbox: Path) -> None:
    def interrupted(seconds: float) -> None:
        raise KeyboardInterrupt

    path = recording(inbox / f"{call.id}.left.wav")
    with pytest.raises(KeyboardInterrupt):
        Folder(inbox).hear(path, tell=interrupted)
    assert (names(inbox), files(), Recording.objects.count()) == ([path.name], [], 0)
    Folder(inbox).hear(path)
    assert (names(inbox), ToneReading.objects.count()) == ([f"done/{path.name}"], 4)


def test_a_full_disk_refuses_nothing(call: Conversation, inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise NoRoom("The recording could not be written.")

    path = recording(inbox / f"{call.id}.left.wav")
    monkeypatch.setattr("unspoken.calls.arriving.Arriving.write", full)
    with pytest.raises(NoRoom):
        Folder(inbox).hear(path)
    assert (names(inbox), files()) == ([path.name], [])
