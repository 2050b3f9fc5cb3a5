"""A person's word counts instead of the model's, everywhere, and can be taken into account again and again."""

from datetime import timedelta

import pytest

from unspoken.affect.state import State
from unspoken.conversations.models import Conversation
from unspoken.intake.pipeline import Pipeline
from unspoken.intake.tests.fake import START, read, said
from unspoken.journal.models import Entry
from unspoken.people.models import Contact
from unspoken.readings.actions import correct_reading, recompute_contact
from unspoken.readings.actions.correct import NotAnEmotionWord
from unspoken.readings.models import ChannelBaseline, ContactBaseline, ContactState, Correction, StoredReading
from unspoken.readings.queries import contact_sentence, effective_readings, trajectory_of
from unspoken.staff.tests.cast import Members, members

NOW = START + timedelta(hours=2)


@pytest.fixture
def staff(db: None) -> Members:
    return members()


def receive(*texts: str) -> Conversation:
    Pipeline(read).receive([said(text, n, minutes=n) for n, text in enumerate(texts)], now=NOW)
    return Conversation.objects.get()


def test_a_correction_moves_trajectory_state_and_baselines(mina: Contact, staff: Members) -> None:
    conversation = receive("hello", "this is terrible")
    reading = StoredReading.objects.get(valence__lt=0)
    before = trajectory_of(conversation)
    assert before is not None
    assert before.level < 0
    correct_reading(reading, cx="gratitude", by=staff.ben, now=NOW, note="irony among friends")
    after = trajectory_of(conversation)
    assert after is not None
    assert after.level > 0
    assert after.numbers["points"][-1]["valence"] == 0.6
    assert ContactBaseline.objects.get().numbers["valence_sum"] == ChannelBaseline.objects.get().numbers["valence_sum"]
    assert ContactBaseline.objects.get().numbers["valence_sum"] == 600_000
    assert State.from_json(ContactState.objects.get().numbers).recent[0].top == "gratitude"
    [entry] = Entry.objects.filter(kind="reading.corrected")
    assert (entry.actor, entry.data["cx"], entry.conversation_id) == (staff.ben.id, "gratitude", conversation.id)
    conversation.refresh_from_db()
    assert conversation.version == 3


def test_the_reading_itself_stays_as_it_was_made(mina: Contact, staff: Members) -> None:
    conversation = receive("this is terrible")
    reading = StoredReading.objects.get()
    correct_reading(reading, cx="neutral", by=staff.ben, now=NOW)
    assert StoredReading.objects.get().valence == -0.8
    [effective] = effective_readings(conversation).values()
    assert (effective.stored.valence, effective.reading.valence, effective.reading.top) == (-0.8, 0.0, "neutral")
    assert effective.correction is not None and effective.correction.by == staff.ben


def test_correcting_again_replaces_the_correction_exactly(mina: Contact, staff: Members) -> None:
    receive("this is terrible")
    reading = StoredReading.objects.get()
    correct_reading(reading, cx="gratitude", by=staff.ben, now=NOW)
    correct_reading(reading, cx="frustration", by=staff.ada, now=NOW)
    assert Correction.objects.get().cx == "frustration"
    assert ChannelBaseline.objects.get().numbers == ContactBaseline.objects.get().numbers
    assert ChannelBaseline.objects.get().numbers["valence_sum"] == -800_000


def test_an_unknown_word_changes_nothing(mina: Contact, staff: Members) -> None:
    conversation = receive("this is terrible")
    before = trajectory_of(conversation)
    with pytest.raises(NotAnEmotionWord):
        correct_reading(StoredReading.objects.get(), cx="rage", by=staff.ben, now=NOW)
    assert not Correction.objects.exists()
    after = trajectory_of(conversation)
    assert before is not None and after is not None and before.numbers == after.numbers
    assert not Entry.objects.filter(kind="reading.corrected").exists()


def test_recomputing_gives_what_was_kept_step_by_step(mina: Contact) -> None:
    for number, text in enumerate(["hello", "this is terrible", "thanks", "terrible"]):
        Pipeline(read).receive([said(text, number, minutes=number * 9000)], now=NOW + timedelta(days=30))
    state, baseline = ContactState.objects.get().numbers, ContactBaseline.objects.get().numbers
    recompute_contact(mina.id, NOW)
    again = ContactState.objects.get().numbers
    assert ContactBaseline.objects.get().numbers == baseline
    assert again["recent"] == state["recent"]
    assert again["weight"] == pytest.approx(state["weight"], rel=1e-12)
    assert again["cx_sum"] == pytest.approx(state["cx_sum"], rel=1e-12)


def test_a_contact_without_readings_keeps_no_state(mina: Contact) -> None:
    receive("this is terrible")
    StoredReading.objects.all().delete()
    recompute_contact(mina.id, NOW)
    assert not ContactState.objects.exists()
    assert not ContactBaseline.objects.exists()
    assert contact_sentence(mina.id, NOW).text == "Nothing has been read yet."
