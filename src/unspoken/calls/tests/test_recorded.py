"""The tone of a voice is read in a recorded call only under its own consent; nothing else of the call is touched."""

import wave
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.db import IntegrityError, transaction

from unspoken.calls.recorded import NotHeard, hear
from unspoken.conversations.models import Author, Conversation, Kind
from unspoken.intake.pipeline import Pipeline
from unspoken.intake.tests.fake import START, read, said
from unspoken.journal.models import Entry
from unspoken.people.models import Channel, Contact
from unspoken.perception.voice.mel import RATE
from unspoken.perception.voice.sides import Side
from unspoken.perception.voice.tests.made import voice
from unspoken.privacy.actions import record_consent
from unspoken.privacy.models import Decision, Modality, Purpose
from unspoken.readings.actions import correct_reading
from unspoken.readings.models import StoredReading, ToneReading
from unspoken.readings.queries import tones_of
from unspoken.staff.tests.cast import members
from unspoken.web.pages.conversation import call_beside

pytest.importorskip("av", reason="the extra unspoken[voice] is not installed")
NOW = START + timedelta(days=1)


def permits_voice(contact: Contact, decision: Decision = Decision.GIVEN) -> None:
    record_consent(
        contact, modality=Modality.VOICE, purpose=Purpose.SERVICE, decision=decision, source="test", now=START
    )  # fmt: skip


@pytest.fixture
def call(mina: Contact) -> Conversation:
    spoken: dict[str, Any] = {"channel": Channel.CALL, "kind": Kind.SEGMENT, "conversation_id": "call"}
    events = [said("hello", 1, **spoken), said("good morning", 2, minutes=0.1, author=Author.AGENT, **spoken)]
    Pipeline(read).receive(events, now=NOW)
    return Conversation.objects.get(external_id="call")


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    customer, agent = voice(6.0), np.zeros(6 * RATE, np.float32)
    path = tmp_path / "call.wav"
    with wave.open(str(path), "wb") as opened:
        opened.setparams((2, 2, RATE, 0, "NONE", ""))
        opened.writeframes((np.stack([customer, agent], axis=1) * 32767).astype(np.int16).tobytes())
    return path


def test_keeps_what_is_told_of_each_window_once(call: Conversation, recording: Path, mina: Contact) -> None:
    permits_voice(mina)
    seconds: list[float] = []
    assert hear(call, recording, side=Side.LEFT, now=NOW, tell=seconds.append) >= 2
    rows = tones_of(call)
    assert [(row.begins, row.ends) for row in rows] == [(0.0, 3.0), (1.0, 4.0), (2.0, 5.0), (3.0, 6.0)]
    assert rows[0].reason == "too_short"
    assert set(rows[-1].scales) == {"arousal", "stress", "anger", "sadness", "pleasure"}
    assert {row.contact_id for row in rows} == {mina.id}
    assert seconds == [6.0]
    assert hear(call, recording, side=Side.LEFT, now=NOW) == 0
    assert len(tones_of(call)) == 4
    entry = Entry.objects.filter(kind="tone.read").earliest("id")
    assert (entry.conversation_id, entry.data["windows"]) == (call.id, 4)


def test_without_consent_the_recording_is_not_even_opened(
    call: Conversation, recording: Path, mina: Contact, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened(path: Path) -> None:
        raise AssertionError("opened")

    monkeypatch.setattr("unspoken.perception.voice.decoding.blocks", opened)
    with pytest.raises(NotHeard, match="not permitted that the tone of their voice is read"):
        hear(call, recording, side=Side.LEFT, now=NOW)
    permits_voice(mina)
    permits_voice(mina, Decision.WITHDRAWN)
    with pytest.raises(NotHeard):
        hear(call, recording, side=Side.LEFT, now=NOW)
    assert not ToneReading.objects.exists()


def test_a_withdrawal_meanwhile_leaves_nothing(call: Conversation, recording: Path, mina: Contact) -> None:
    permits_voice(mina)
    with pytest.raises(NotHeard, match="consent ended"):
        hear(call, recording, side=Side.LEFT, now=NOW, tell=lambda _: permits_voice(mina, Decision.WITHDRAWN))
    assert not ToneReading.objects.exists()


def test_permission_to_read_words_is_none_to_hear_the_voice(call: Conversation, recording: Path) -> None:
    with pytest.raises(NotHeard):
        hear(call, recording, side=Side.LEFT, now=NOW)


def test_only_calls_are_listened_to(mina: Contact, recording: Path) -> None:
    permits_voice(mina)
    Pipeline(read).receive([said("hello", 1)], now=NOW)
    with pytest.raises(NotHeard, match="is no call"):
        hear(Conversation.objects.get(external_id="c1"), recording, side=Side.LEFT, now=NOW)


def test_nobody_is_read_when_nobody_said_which_channel_is_theirs(
    call: Conversation, recording: Path, mina: Contact
) -> None:
    permits_voice(mina)
    with pytest.raises(NotHeard, match="speaker_not_separable"):
        hear(call, recording, side=None, now=NOW)
    assert not ToneReading.objects.exists()


def test_switched_off_is_off(call: Conversation, recording: Path, mina: Contact, settings: Any) -> None:
    from dataclasses import replace

    permits_voice(mina)
    settings.UNSPOKEN = replace(settings.UNSPOKEN, analysis=False)
    with pytest.raises(NotHeard, match="switched off"):
        hear(call, recording, side=Side.LEFT, now=NOW)


def test_the_database_keeps_tones_of_customers_only(call: Conversation, mina: Contact) -> None:
    row = ToneReading(
        conversation=call, contact=mina, subject_kind="agent", consent_id=1, model="m", model_version="1",
        model_sha256="", begins=0.0, ends=3.0, created_at=NOW,
    )  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


def test_a_persons_word_counts_beside_the_voice(mina: Contact) -> None:
    spoken: dict[str, Any] = {"channel": Channel.CALL, "kind": Kind.SEGMENT, "metadata": {"begins": 2.0, "ends": 6.0}}
    Pipeline(read).receive([said("this is terrible", 1, **spoken)], now=NOW)
    found = Conversation.objects.get(external_id="c1")
    ToneReading.objects.create(
        conversation=found, contact=mina, consent_id=1, model="m", model_version="1", model_sha256="", begins=1.0,
        ends=4.0, scales={"stress": 0.1}, created_at=NOW,
    )  # fmt: skip
    ada = members().ada
    [apart] = call_beside(found, ada)["call"].apart
    assert not apart.tense
    correct_reading(StoredReading.objects.get(), cx="satisfaction", by=ada, now=NOW)
    assert call_beside(found, ada)["call"].apart == ()
