"""The worker's threads."""

import threading
from collections.abc import Iterator
from datetime import datetime

import pytest
from django.db import connections

from unspoken.journal import periodic
from unspoken.journal.models import Delivery, Entry
from unspoken.journal.subscribers import _registered, subscribe
from unspoken.journal.worker import Worker

from .test_deliveries import ring


class Quick(Worker):
    """A worker whose threads leave no database connection behind."""

    def _deliver(self) -> None:
        super()._deliver()
        connections.close_all()

    def _run_jobs(self) -> None:
        super()._run_jobs()
        connections.close_all()


@pytest.fixture
def only_my_jobs(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(periodic, "_jobs", {})
    yield


def test_delivers_what_is_recorded_while_it_runs(only_my_jobs: None, transactional_db: None) -> None:
    heard: list[int] = []
    done = threading.Event()

    def hear(entry: Entry) -> None:
        heard.append(entry.id)
        connections.close_all()
        if len(heard) == 50:
            done.set()

    subscribe("test", kinds=["test.rang"], handle=hear)
    worker = Quick(poll=0.2)
    worker.start()
    entries = ring(50)
    assert done.wait(10)
    worker.stop()
    _registered.pop("test")
    assert sorted(heard) == [entry.id for entry in entries]
    assert set(Delivery.objects.values_list("state", flat=True)) == {"done"}


def test_runs_jobs_again_and_again_although_one_breaks(only_my_jobs: None, transactional_db: None) -> None:
    times: list[datetime] = []
    enough = threading.Event()

    def work(now: datetime) -> None:
        times.append(now)
        if len(times) == 3:
            enough.set()

    def broken(now: datetime) -> None:
        raise ValueError("broken")

    periodic.every(0.01, name="broken", work=broken)
    periodic.every(0.01, name="works", work=work)
    worker = Quick(poll=0.02)
    worker.start()
    assert enough.wait(10)
    worker.stop()
    assert times == sorted(times)
