"""What is remembered of a conversation under way is what the database holds of it, or it is not used."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from unspoken.conversations.actions import set_status
from unspoken.conversations.models import Author, Conversation, Status
from unspoken.intake.pipeline import Pipeline
from unspoken.people.models import Contact
from unspoken.readings.actions import correct_reading, refollow
from unspoken.readings.lines import stored_lines
from unspoken.readings.models import ConversationTrajectory, StoredReading
from unspoken.readings.recalled import Recollection, Remembered, lines_of, recollection
from unspoken.readings.turns import NEWEST, turns_of_many
from unspoken.staff.tests.cast import members

from .fake import START, read, said

NOW = START + timedelta(days=1)
Committing = Callable[..., AbstractContextManager[list[Callable[[], object]]]]


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    recollection.forget()
    yield
    recollection.forget()


@pytest.fixture
def take(mina: Contact, django_capture_on_commit_callbacks: Committing) -> Callable[..., None]:
    """Take messages in as if each batch were committed."""

    def taken(*events: object) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            Pipeline(read).receive(list(events), now=NOW)  # type: ignore[arg-type]

    return taken


def the_conversation() -> Conversation:
    return Conversation.objects.get(external_id="c1")


def remembered() -> Remembered:
    one = the_conversation()
    return recollection.recall(one.id, one.version)


def test_remembers_what_would_be_loaded(take: Callable[..., None]) -> None:
    take(said("hello", 1), said("how can we help?", 2, minutes=1, author=Author.AGENT))
    take(said("this is terrible", 3, minutes=3), said("among us", 4, minutes=4, author=Author.AGENT, private=True))
    take(said("it came late, but it was first", 5, minutes=-1), said("beep", 6, minutes=5, author=Author.BOT))
    known, one = remembered(), the_conversation()
    assert known.turns == turns_of_many([one])[one.id]
    assert known.lines == stored_lines([one.id])[one.id] == lines_of([("test", "c1")])["test", "c1"]
    assert [line.name for line in known.lines or ()] == ["m5", "m1", "m2", "m3"]


def test_follows_the_same_with_and_without_memory(take: Callable[..., None]) -> None:
    for number in range(NEWEST + 6):
        text = ("this is terrible", "thanks", "a plain word")[number % 3]
        take(said(text, number, minutes=number, author=Author.AGENT if number % 5 == 4 else Author.CUSTOMER))
    live = ConversationTrajectory.objects.get()
    recollection.forget()
    refollow([live.conversation_id], now=NOW)
    anew = ConversationTrajectory.objects.get()
    assert (live.numbers, live.embedding) == (anew.numbers, anew.embedding)


def test_loads_nothing_that_it_remembers(take: Callable[..., None]) -> None:
    take(said("hello", 1))
    with CaptureQueriesContext(connection) as captured:
        take(said("this is terrible", 2, minutes=1))
    asked = [query["sql"] for query in captured.captured_queries if query["sql"].startswith("SELECT")]
    assert [sql for sql in asked if 'FROM "readings_reading"' in sql] == []
    assert ConversationTrajectory.objects.get().numbers["read"] == 2


def test_a_correction_in_between_is_seen(take: Callable[..., None]) -> None:
    take(said("this is terrible", 1))
    correct_reading(StoredReading.objects.get(), cx="delight", by=members().ada, now=NOW)
    take(said("and again", 2, minutes=1))
    first, _ = remembered().turns or ()
    assert first.reading and first.reading.top == "delight"


def test_a_change_by_another_process_is_seen(take: Callable[..., None]) -> None:
    take(said("hello", 1))
    before = recollection._kept.copy()
    take(said("this is terrible", 2, minutes=1))
    recollection._kept = before  # as a process that did not take the second one
    take(said("thanks", 3, minutes=2))
    one = the_conversation()
    assert [turn.text_key for turn in remembered().turns or ()] == [
        turn.text_key for turn in turns_of_many([one])[one.id]
    ]
    assert ConversationTrajectory.objects.get().numbers["read"] == 3


def test_a_change_that_is_no_message_is_no_harm(take: Callable[..., None]) -> None:
    take(said("hello", 1))
    set_status(the_conversation(), status=Status.RESOLVED, now=NOW)
    take(said("this is terrible", 2, minutes=1))
    assert len(remembered().turns or ()) == 2


def test_what_was_not_committed_is_not_remembered(mina: Contact) -> None:
    with transaction.atomic():
        Pipeline(read).receive([said("hello", 1)], now=NOW)
        transaction.set_rollback(True)
    assert not recollection._kept


def test_forgets_first_what_has_not_moved_for_longest() -> None:
    memory = Recollection(most=7)
    for name in ("a", "b", "a", "c"):
        memory.remember({name: Remembered(1, lines=())})
    turns = (None, None, None, None)
    memory.remember({"d": Remembered(1, turns)})  # type: ignore[arg-type]
    assert [memory.recall(name, 1).lines for name in "abc"] == [(), None, ()]
    assert memory.recall("d", 1).turns == turns
    assert memory.recall("d", 2).turns is None
