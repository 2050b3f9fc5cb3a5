"""The kept recording of a call on its page: who hears it, in parts, for how long, and who deletes it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from unspoken.calls.keeping import keep_sound
from unspoken.calls.kept import kept_at, on_day
from unspoken.calls.models import Call, Form, KeptRecording
from unspoken.conversations.models import Conversation
from unspoken.journal.models import Entry
from unspoken.kit.clock import now
from unspoken.people.models import Channel
from unspoken.privacy.actions import record_consent

from .scene import SAYS, Scene, converse
from .test_every_page import Outline

SignIn = Callable[..., Client]
SOUND = bytes(range(256)) * 10


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    settings.UNSPOKEN = replace(settings.UNSPOKEN, data=tmp_path / "data", keep_recordings_days=30)


def decides(shop: Scene, decision: str) -> None:
    record_consent(shop.mina, modality="voice", purpose="recording", decision=decision, source="test", now=now())


@pytest.fixture
def call(shop: Scene) -> Conversation:
    """Return a call of Mina's that Care sees, whose recording is kept."""
    made = converse(shop.mina, shop.who.care, SAYS[:1], now=now(), subject="A call", channel=Channel.CALL)
    made.messages.update(metadata={"begins": 2.5, "ends": 6.0})
    Call.objects.create(conversation=made, began_at=now(), ended_at=now(), seen_at=now(), tone="read", heard_until=8.0)
    decides(shop, "given")
    keep_sound(made, [SOUND], form=Form.MP3, now=now())
    return made


def address(call: Conversation) -> str:
    return reverse("recording-sound", args=[call.pk, KeptRecording.objects.get(conversation=call).pk])


def page(client: Client, call: Conversation) -> str:
    return client.get(reverse("conversation", args=[call.pk])).content.decode()


def heard(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def listeners() -> list[str]:
    return list(Entry.objects.filter(kind="recording.heard").values_list("actor", flat=True))


def test_the_page_says_until_when_it_is_kept_and_with_whose_consent(
    shop: Scene, call: Conversation, as_: SignIn
) -> None:
    shown = page(as_(shop.who.ben), call)
    until = on_day(KeptRecording.objects.get().until)
    assert f"Kept until {until} with Mina Okafor&#x27;s consent. Who listens is written down." in shown
    assert f'src="{address(call)}"' in shown
    assert 'preload="none"' in shown
    assert 'data-begins="2.5"' in shown
    assert '<span class="figures" data-second="2.5">0:02</span>' in shown
    assert reverse("delete-recording", args=[call.pk]) in shown
    assert "No sound is kept" not in shown
    assert listeners() == []
    outline = Outline(shown)
    assert len(outline.ids) == len(set(outline.ids))


def test_it_is_heard_in_parts_and_that_is_written_down_once(shop: Scene, call: Conversation, as_: SignIn) -> None:
    ben = as_(shop.who.ben)
    answer = ben.get(address(call), headers={"Range": "bytes=100-"})
    assert (answer.status_code, heard(answer)) == (206, SOUND[100:])
    assert (answer["Content-Type"], answer["Content-Range"]) == ("audio/mpeg", f"bytes 100-2559/{len(SOUND)}")
    assert (answer["Cache-Control"], answer["X-Content-Type-Options"]) == ("private, no-store", "nosniff")
    assert "media-src 'self'" in answer["Content-Security-Policy"]
    assert heard(ben.get(address(call))) == SOUND
    assert listeners() == [shop.who.ben.pk]
    assert heard(as_(shop.who.ada).get(address(call))) == SOUND
    assert listeners() == [shop.who.ben.pk, shop.who.ada.pk]
    entry = Entry.objects.filter(kind="recording.heard").latest("id")
    assert (entry.conversation_id, entry.contact_id, entry.team_id) == (call.pk, shop.mina.pk, shop.who.care.pk)
    assert entry.data == {"recording_id": KeptRecording.objects.get().pk}


def test_a_look_at_its_size_is_no_listening(shop: Scene, call: Conversation, as_: SignIn) -> None:
    answer = as_(shop.who.ben).head(address(call))
    assert (answer.status_code, answer["Content-Length"], listeners()) == (200, "2560", [])


def test_cleo_and_strangers_hear_and_delete_nothing(shop: Scene, call: Conversation, as_: SignIn) -> None:
    cleo, delete = as_(shop.who.cleo), reverse("delete-recording", args=[call.pk])
    assert cleo.get(address(call)).status_code == 404
    assert cleo.post(delete).status_code == 404
    assert Client().get(address(call))["Location"].startswith(reverse("sign-in"))
    assert Client().post(delete)["Location"].startswith(reverse("sign-in"))
    assert as_(shop.who.ben).get(delete).status_code == 405
    assert as_(shop.who.ben).post(address(call)).status_code == 405
    assert (kept_at(KeptRecording.objects.get().pk).read_bytes(), listeners()) == (SOUND, [])
    assert not Entry.objects.filter(kind="recording.deleted").exists()


def test_it_is_not_heard_under_the_address_of_another_call(shop: Scene, call: Conversation, as_: SignIn) -> None:
    other = converse(shop.mina, shop.who.press, SAYS[:1], now=now(), subject="Other", channel=Channel.CALL)
    kept = KeptRecording.objects.get()
    assert as_(shop.who.cleo).get(reverse("recording-sound", args=[other.pk, kept.pk])).status_code == 404
    assert as_(shop.who.ben).get(reverse("recording-sound", args=[call.pk, "kept_other"])).status_code == 404
    assert listeners() == []


def test_from_the_instant_of_the_withdrawal_it_is_neither_shown_nor_played(
    shop: Scene, call: Conversation, as_: SignIn
) -> None:
    ben, place = as_(shop.who.ben), address(call)
    playing = ben.get(place).streaming_content
    decides(shop, "withdrawn")
    assert kept_at(KeptRecording.objects.get().pk).is_file()  # the worker has not come to it yet
    assert b"".join(playing) == b""
    assert ben.get(place).status_code == 404
    shown = page(ben, call)
    assert "<audio" not in shown
    assert "No sound is kept" in shown


def test_when_its_time_is_over_or_its_file_is_gone_it_is_not_played(
    shop: Scene, call: Conversation, as_: SignIn
) -> None:
    ben, place = as_(shop.who.ben), address(call)
    kept_at(KeptRecording.objects.get().pk).unlink()
    assert ben.get(place).status_code == 404
    KeptRecording.objects.update(until=now())
    assert ben.get(place).status_code == 404
    assert "<audio" not in page(ben, call)
    assert listeners() == []


def test_it_can_be_deleted_on_the_page(shop: Scene, call: Conversation, as_: SignIn) -> None:
    ben, place = as_(shop.who.ben), address(call)
    for words in (
        "The recording is deleted. What was read in it stays.",
        "No recording of this call is kept any more.",
    ):
        answer = ben.post(reverse("delete-recording", args=[call.pk]))
        assert answer["Location"] == f"{reverse('conversation', args=[call.pk])}#call"
        assert words in page(ben, call)
    assert ben.get(place).status_code == 404
    assert list(kept_at("").iterdir()) == []
