"""A locked database, a full disk, a model that is not there, a withdrawal in the midst of the commit."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError, connection, connections
from pytest_django import Settings

from unspoken.conversations.models import Message
from unspoken.intake import pipeline as pipeline_module
from unspoken.intake.in_time import ReadInTime
from unspoken.intake.pipeline import Pipeline
from unspoken.intake.reader import read_pending
from unspoken.journal.models import Entry
from unspoken.people.models import Contact
from unspoken.privacy.models import Decision
from unspoken.readings.actions import Words, perceive
from unspoken.readings.actions.perceive import PerceptionUnavailableError, text_perceiver
from unspoken.readings.models import StoredReading

from .fake import START, consents, read, said

NOW = START + timedelta(hours=2)
on_sqlite = pytest.mark.skipif(
    settings.DATABASES["default"]["ENGINE"] != "django.db.backends.sqlite3", reason="a matter of SQLite's file"
)


@contextmanager
def pragma(name: str, value: int) -> Iterator[None]:
    """Set one of SQLite's switches on the test's own connection, and set it back."""
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA {name}")
        before = cursor.fetchone()[0]
        cursor.execute(f"PRAGMA {name} = {value}")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA {name} = {before}")


@contextmanager
def locked() -> Iterator[Callable[[], None]]:
    """Hold the database file as another process would; yields what lets go of it."""
    other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield lambda: other.execute("ROLLBACK") and None
    finally:
        other.close()


@on_sqlite
@pytest.mark.django_db(transaction=True)
def test_waits_for_a_database_that_is_locked_for_a_while(mina: Contact) -> None:
    with locked() as let_go:
        threading.Timer(0.5, let_go).start()
        [receipt] = Pipeline(read).receive([said("this is terrible", 1)], now=NOW)
    assert (receipt.status, receipt.reading_state) == ("stored", "read")
    assert Message.objects.count() == 1


@on_sqlite
@pytest.mark.django_db(transaction=True)
def test_a_database_that_stays_locked_takes_nothing_and_says_so(mina: Contact, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "timeout", 0.05)
    connection.close()
    with locked() as let_go:
        with pytest.raises(OperationalError, match="locked"):
            Pipeline(read).receive([said("this is terrible", 1)], now=NOW)
        let_go()
    assert not Message.objects.exists()
    [receipt] = Pipeline(read).receive([said("this is terrible", 1)], now=NOW)
    assert receipt.status == "stored"
    connection.close()


@on_sqlite
@pytest.mark.django_db(transaction=True)
def test_a_full_disk_takes_nothing_half(mina: Contact, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "close", lambda: None)  # the limit holds for this connection only
    entries = Entry.objects.count()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")  # no page that an earlier test left free
        cursor.execute("PRAGMA page_count")
        pages = cursor.fetchone()[0]
    with pragma("max_page_count", pages), pytest.raises(OperationalError, match="full"):
        Pipeline(read).receive([said("terrible " * 5000, 1)], now=NOW)
    assert not Message.objects.exists()
    assert Entry.objects.count() == entries
    [receipt] = Pipeline(read).receive([said("terrible " * 5000, 1)], now=NOW)
    assert receipt.status == "stored"


@pytest.mark.django_db(transaction=True)
def test_a_withdrawal_during_the_commit_comes_after_it(mina: Contact, monkeypatch: pytest.MonkeyPatch) -> None:
    store, threads = pipeline_module.store_readings, []

    def withdraw() -> None:
        consents(mina, Decision.WITHDRAWN)
        connections.close_all()

    def store_slowly(*args: Any, **options: Any) -> list[StoredReading]:
        threads.append(threading.Thread(target=withdraw))
        threads[0].start()
        threads[0].join(0.5)
        assert threads[0].is_alive(), "the withdrawal did not wait for the commit"
        return store(*args, **options)

    monkeypatch.setattr(pipeline_module, "store_readings", store_slowly)
    [receipt] = Pipeline(read).receive([said("this is terrible", 1)], now=NOW)
    threads[0].join(20)
    assert receipt.reading_state == "read"
    kinds = list(Entry.objects.order_by("id").values_list("kind", "data__decision"))
    assert kinds[-2:] == [("message.received", None), ("consent.recorded", "withdrawn")]


@pytest.fixture
def without_model(settings: Settings, tmp_path: Path) -> Iterator[None]:
    settings.UNSPOKEN = replace(settings.UNSPOKEN, text_model=str(tmp_path / "nothing"))
    text_perceiver.cache_clear()
    yield
    text_perceiver().close()
    text_perceiver.cache_clear()


@pytest.mark.django_db
def test_without_model_files_messages_are_stored_and_wait(mina: Contact, without_model: None) -> None:
    with pytest.raises(PerceptionUnavailableError, match="nothing"):
        perceive([Words("this is terrible")])
    [receipt] = Pipeline(ReadInTime(perceive)).receive([said("this is terrible", 1)], now=NOW)
    assert (receipt.status, receipt.reading_state) == ("stored", "pending")
    assert read_pending(NOW) == 0
    assert Message.objects.get().reading_state == "pending"


@pytest.mark.django_db
def test_with_analysis_switched_off_nothing_is_read_then_or_later(mina: Contact, settings: Settings) -> None:
    settings.UNSPOKEN = replace(settings.UNSPOKEN, analysis=False)
    [receipt] = Pipeline(read).receive([said("this is terrible", 1)], now=NOW)
    assert (receipt.reading_state, receipt.reason) == ("skipped", "analysis_off")
    settings.UNSPOKEN = replace(settings.UNSPOKEN, analysis=True)
    assert read_pending(NOW, read=read) == 0
    assert not StoredReading.objects.exists()
