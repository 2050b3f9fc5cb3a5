"""The database itself refuses readings that must never exist."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from unspoken.conversations.models import Author, Message
from unspoken.intake.pipeline import Pipeline
from unspoken.intake.tests.fake import START, consents, read, said
from unspoken.people.models import Contact
from unspoken.readings.actions import Words
from unspoken.readings.models import StoredReading
from unspoken.readings.stored import to_row

NOW = START + timedelta(hours=2)


@pytest.fixture
def read_message(db: None) -> Message:
    Pipeline(read).receive([said("hello", 0)], now=NOW)
    consents(Contact.objects.get())
    Pipeline(read).receive([said("this is terrible", 1)], now=NOW)
    return Message.objects.get(external_id="m1")


def reading_of(message: Message) -> StoredReading:
    return to_row(read([Words(message.text)])[0], message, contact_id=None, consent_id=None, now=NOW)  # type: ignore[arg-type]


@pytest.mark.parametrize("author", [Author.AGENT, Author.BOT, Author.SYSTEM])
def test_refuses_a_reading_of_anyone_but_a_customer(read_message: Message, author: Author) -> None:
    Pipeline(read).receive([said("I am sorry", 2, author=author)], now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        reading_of(Message.objects.get(external_id="m2")).save(force_insert=True)
    assert StoredReading.objects.count() == 1


def test_refuses_a_reading_of_private_words(read_message: Message) -> None:
    Pipeline(read).receive([said("between us", 2, private=True)], now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        reading_of(Message.objects.get(external_id="m2")).save(force_insert=True)
    assert StoredReading.objects.count() == 1


def test_refuses_a_second_reading_by_the_same_model(read_message: Message) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        reading_of(read_message).save(force_insert=True)
    assert StoredReading.objects.count() == 1


def test_refuses_to_mark_staffs_words_as_read(read_message: Message) -> None:
    Pipeline(read).receive([said("I am sorry", 2, author=Author.AGENT)], now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.filter(external_id="m2").update(reading_state="read")
    assert Message.objects.get(external_id="m2").reading_state == "skipped"


def test_refuses_to_turn_a_read_message_into_somebody_elses(read_message: Message) -> None:
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE conversations_message SET author_kind = 'agent', reading_state = 'skipped' WHERE id = %s",
            [read_message.id],
        )
    assert Message.objects.get(id=read_message.id).author_kind == "customer"


def test_refuses_to_change_a_reading(read_message: Message) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        StoredReading.objects.update(valence=0.9)
    assert StoredReading.objects.get().valence == -0.8
