"""Deliveries: claimed once, tried again by the schedule, taken up after a crash, replayed."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest
from django.db import connection, connections, transaction

from unspoken.journal.actions import record
from unspoken.journal.deliveries import BACK_OFF, CLAIM, claim, replay, work_off
from unspoken.journal.events import Event
from unspoken.journal.models import Delivery, DeliveryState, Entry
from unspoken.journal.subscribers import _registered, subscribe

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rang(Event):
    kind: ClassVar[str] = "test.rang"


class Hearer:
    """Hears of bells; breaks while `error` is set."""

    def __init__(self) -> None:
        self.heard: list[int] = []
        self.in_transaction: list[bool] = []
        self.error = ""

    def __call__(self, entry: Entry) -> None:
        self.in_transaction.append(connection.in_atomic_block)
        if self.error:
            raise ConnectionError(self.error)
        self.heard.append(entry.id)


@pytest.fixture
def hearer() -> Iterator[Hearer]:
    one = Hearer()
    subscribe("test", kinds=["test."], handle=one)
    yield one
    _registered.pop("test", None)


def ring(times: int = 1) -> list[Entry]:
    with transaction.atomic():
        return [record(Rang(), now=NOW) for _ in range(times)]


def test_a_delivery_reaches_its_subscriber_once(hearer: Hearer, db: None) -> None:
    entries = ring(3)
    assert work_off(now=NOW) == 3
    assert hearer.heard == [entry.id for entry in entries]
    assert work_off(now=NOW + timedelta(days=9)) == 0
    assert set(Delivery.objects.values_list("state", "attempts")) == {("done", 1)}


def test_nothing_is_delivered_of_what_was_rolled_back(hearer: Hearer, db: None) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record(Rang(), now=NOW)
        _ = 1 / 0
    assert work_off(now=NOW) == 0
    assert hearer.heard == []


def test_handlers_run_outside_the_claim(hearer: Hearer, transactional_db: None) -> None:
    ring()
    work_off(now=NOW)
    assert hearer.in_transaction == [False]


def test_a_failure_is_tried_again_by_the_schedule_and_then_given_up(hearer: Hearer, db: None) -> None:
    ring()
    hearer.error = "no answer"
    moment, waits = NOW, []
    while work_off(now=moment):
        delivery = Delivery.objects.get()
        if delivery.state != DeliveryState.WAITING:
            break
        waits.append((delivery.due_at - moment).total_seconds())
        moment = delivery.due_at
    assert len(waits) == len(BACK_OFF)
    assert all(planned <= waited <= planned * 1.1 for planned, waited in zip(BACK_OFF, waits, strict=True))
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts) == ("failed", 10)
    assert delivery.last_error == "ConnectionError: no answer"


def test_a_replay_delivers_again_with_the_whole_schedule_before_it(hearer: Hearer, db: None) -> None:
    [entry] = ring()
    work_off(now=NOW)
    replay(Delivery.objects.get(), now=NOW)
    assert work_off(now=NOW) == 1
    assert hearer.heard == [entry.id, entry.id]
    assert Delivery.objects.get().attempts == 1


def test_what_a_dead_worker_had_claimed_is_taken_up_after_its_time(hearer: Hearer, db: None) -> None:
    [entry] = ring()
    assert [one.entry_id for one in claim(now=NOW)] == [entry.id]  # and dies
    assert work_off(now=NOW + CLAIM - timedelta(seconds=1)) == 0
    assert work_off(now=NOW + CLAIM) == 1
    assert hearer.heard == [entry.id]


def test_one_broken_delivery_does_not_keep_the_others_waiting(db: None) -> None:
    heard: list[int] = []

    def second_only(entry: Entry) -> None:
        if entry.id == first.id:
            raise ValueError("not this one")
        heard.append(entry.id)

    subscribe("test", kinds=["test.rang"], handle=second_only)
    first, second = ring(2)
    work_off(now=NOW)
    _registered.pop("test")
    assert heard == [second.id]
    assert dict(Delivery.objects.values_list("entry_id", "state")) == {first.id: "waiting", second.id: "done"}


def test_a_subscriber_that_is_gone_is_named(hearer: Hearer, db: None) -> None:
    ring()
    _registered.pop("test")
    work_off(now=NOW)
    assert Delivery.objects.get().last_error == "Nobody is registered as 'test'."


def test_two_workers_never_take_the_same_delivery(hearer: Hearer, transactional_db: None) -> None:
    ring(40)
    taken: list[list[int]] = []
    together = threading.Barrier(4)

    def take() -> None:
        together.wait()
        taken.append([one.id for one in claim(now=NOW, at_once=10)])
        connections.close_all()

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    claimed = [one for some in taken for one in some]
    assert len(claimed) == len(set(claimed)) == 40
