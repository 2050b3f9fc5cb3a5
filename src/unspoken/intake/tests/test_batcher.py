"""Micro-batches, across threads."""

import random
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.db import OperationalError, connections

from unspoken.conversations.models import Conversation, Message
from unspoken.intake import batcher
from unspoken.intake.batcher import Batcher, Busy
from unspoken.intake.inbound import Handle, Inbound, Person
from unspoken.intake.pipeline import Arrival, Pipeline
from unspoken.intake.receipt import Receipt
from unspoken.journal.queries import first_broken_entry
from unspoken.people.actions.resolve import Known
from unspoken.people.models import Contact, IdentityKind
from unspoken.readings.models import StoredReading

from .fake import MINA, START, read, said


class Recording(Pipeline):
    """A pipeline that stores nothing, notes its batches, and can be held up or broken."""

    def __init__(self) -> None:
        super().__init__(read)
        self.batches: list[list[str]] = []
        self.entered = threading.Event()
        self.go_on = threading.Event()
        self.go_on.set()
        self.error: Exception | None = None

    def prepare(self, batch: Sequence[Inbound], *, now: datetime) -> list[Arrival]:
        self.entered.set()
        self.go_on.wait()
        self.batches.append([one.external_id for one in batch])
        if self.error:
            raise self.error
        return [Arrival(one, [], Known(())) for one in batch]

    def settle(self, arrivals: Sequence[Arrival], *, now: datetime) -> list[Receipt | Exception]:
        return [Receipt(status="stored", message_id=one.inbound.external_id) for one in arrivals]


@pytest.fixture
def recording() -> Recording:
    return Recording()


def started(pipeline: Pipeline, **options: float) -> Batcher:
    running = Batcher(pipeline, **options)  # type: ignore[arg-type]
    running.start()
    return running


def test_events_that_come_together_share_a_batch(recording: Recording) -> None:
    running = started(recording, largest=3, wait=1.0)
    futures = [running.submit(said("hello", number)) for number in range(3)]
    assert [future.result(5).message_id for future in futures] == ["m0", "m1", "m2"]
    assert recording.batches == [["m0", "m1", "m2"]]
    running.close()


def test_an_event_alone_does_not_wait_for_company(recording: Recording) -> None:
    running = started(recording, wait=60.0)
    assert running.submit(said("hello", 0)).result(5).message_id == "m0"
    running.close()


def test_of_many_that_wait_half_is_taken_so_that_reading_and_storing_overlap(recording: Recording) -> None:
    recording.go_on.clear()
    running = started(recording, largest=30)
    futures = [running.submit(said("hello", 0))]
    assert recording.entered.wait(5)
    futures += [running.submit(said("hello", number)) for number in range(1, 101)]
    recording.go_on.set()
    assert [future.result(5).message_id for future in futures] == [f"m{number}" for number in range(101)]
    assert [len(batch) for batch in recording.batches] == [1, 30, 30, 19, 10, 8, 3]
    running.close()


def test_closing_finishes_what_waits(recording: Recording) -> None:
    recording.go_on.clear()
    running = started(recording, wait=0.0)
    futures = [running.submit(said("hello", number)) for number in range(10)]
    recording.go_on.set()
    running.close()
    assert [future.result(0).status for future in futures] == ["stored"] * 10


def test_a_full_queue_refuses_at_once_and_takes_in_again_later(recording: Recording) -> None:
    recording.go_on.clear()
    running = started(recording, largest=1, room=2)
    taken = [running.submit(said("hello", 0))]
    while running._waiting.qsize():  # until the thread holds the first
        pass
    taken += [running.submit(said("hello", number)) for number in (1, 2)]
    with pytest.raises(Busy):
        running.submit(said("hello", 3))
    recording.go_on.set()
    assert [future.result(5).message_id for future in taken] == ["m0", "m1", "m2"]
    assert running.submit(said("hello", 4), timeout=5.0).result(5).message_id == "m4"
    running.close()


def test_a_batch_that_cannot_be_stored_fails_only_its_own_events(recording: Recording) -> None:
    recording.error = OperationalError("database is locked")
    running = started(recording)
    with pytest.raises(OperationalError):
        running.submit(said("hello", 0)).result(5)
    recording.error = None
    assert running.submit(said("hello", 1)).result(5).status == "stored"
    running.close()


def test_whoever_stops_waiting_does_not_stop_the_message(recording: Recording) -> None:
    recording.go_on.clear()
    running = started(recording)
    gone = running.submit(said("hello", 0))
    assert not gone.cancel()
    recording.go_on.set()
    running.close()
    assert gone.result(0).status == "stored"


class Closing(Pipeline):
    """The real pipeline; its thread's database connection is closed after each batch, so that the test can end."""

    def prepare(self, batch: Sequence[Inbound], *, now: datetime) -> list[Arrival]:
        try:
            return super().prepare(batch, now=now)
        finally:
            connections.close_all()

    def settle(self, arrivals: Sequence[Arrival], *, now: datetime) -> list[Receipt | Exception]:
        try:
            return super().settle(arrivals, now=now)
        finally:
            connections.close_all()


@pytest.fixture
def process_wide(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(batcher, "Pipeline", lambda: Closing(read))
    yield
    batcher.close()


def test_twenty_deliveries_of_one_message_at_once_have_one_effect(process_wide: None, mina: Contact) -> None:
    with ThreadPoolExecutor(20) as many:
        futures = list(many.map(lambda _: batcher.submit(said("this is terrible", 1), timeout=5.0), range(20)))
    receipts = [future.result(20) for future in futures]
    assert sorted(receipt.status for receipt in receipts) == ["duplicate"] * 19 + ["stored"]
    assert {receipt.message_id for receipt in receipts} == {Message.objects.get().id}
    assert StoredReading.objects.count() == 1


def test_many_events_come_back_in_order(process_wide: None, mina: Contact) -> None:
    events = (said("thanks", number, conversation_id=f"c{number % 7}") for number in range(300))
    receipts = list(batcher.receive_many(events))
    assert [receipt.status for receipt in receipts] == ["stored"] * 300
    stored = dict(Message.objects.values_list("id", "external_id"))
    assert [stored[receipt.message_id] for receipt in receipts] == [f"m{number}" for number in range(300)]
    assert Conversation.objects.count() == 7


def test_several_processes_may_take_in_the_same_messages_at_once(mina: Contact, transactional_db: None) -> None:
    events = [said("this is terrible", n, minutes=n, conversation_id=f"c{n % 6}", person=_person(n)) for n in range(60)]
    receipts: list[Receipt] = []
    together = threading.Barrier(3)

    def process(seed: int) -> None:
        mine = random.Random(seed).sample(events, len(events))
        together.wait()
        for start in range(0, len(mine), 20):
            receipts.extend(Pipeline(read).receive(mine[start : start + 20], now=START + timedelta(hours=2)))
        connections.close_all()

    threads = [threading.Thread(target=process, args=[seed]) for seed in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert Counter(receipt.status for receipt in receipts) == {"stored": 60, "duplicate": 120}
    assert Message.objects.count() == 60
    assert sum(conversation.message_count for conversation in Conversation.objects.all()) == 60
    assert Contact.objects.count() == 3
    assert first_broken_entry() is None


def _person(number: int) -> Person:
    handle = Handle(kind=IdentityKind.CHAT, value=f"visitor {number % 2}")
    return Person(handles=(*MINA.handles,) if number % 3 == 0 else (handle,))
