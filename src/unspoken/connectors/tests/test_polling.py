"""Mailboxes are looked into when they are due, by one at a time, and never past what is not durable."""

import threading
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from unspoken.connectors import polling
from unspoken.connectors.base import Fetched, PollError
from unspoken.connectors.models import Lookout
from unspoken.connectors.polling import look, look_everywhere
from unspoken.connectors.registry import connectors
from unspoken.conversations.models import Author, Inbox, Kind, Message
from unspoken.intake.inbound import Inbound
from unspoken.kit.clock import now
from unspoken.people.models import Channel
from unspoken.staff.tests.cast import MORNING

pytestmark = pytest.mark.django_db(transaction=True)


def message(number: int, **changes: Any) -> Inbound:
    fields: dict[str, Any] = {
        "source": "email:inb_1", "external_id": f"m{number}", "conversation_id": "c", "channel": Channel.EMAIL,
        "kind": Kind.EMAIL, "author": Author.CUSTOMER, "occurred_at": MORNING, "text": "Hello",
    }  # fmt: skip
    return Inbound(**fields | changes)


@pytest.fixture
def inbox() -> Inbox:
    return Inbox.objects.create(
        name="Care", channel="email", connector="email", settings={"every": 30}, created_at=MORNING
    )


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What polling yields: lots of messages; an exception is raised."""
    lots: list[Any] = []

    def poll(inbox: Inbox, state: Mapping[str, Any], *, now: Any) -> Iterator[Fetched]:
        for position, lot in enumerate(lots[state.get("position", 0) :], state.get("position", 0) + 1):
            if isinstance(lot, BaseException):
                raise lot
            yield Fetched(tuple(lot), {"position": position})

    monkeypatch.setattr(connectors()["email"], "poll", poll)
    return lots


def test_the_position_moves_on_with_what_is_stored_and_stops_where_it_broke_off(
    inbox: Inbox, mailbox: list[Any]
) -> None:
    mailbox += [[message(1), message(2)], PollError("The server broke off."), [message(3)]]
    assert look(inbox, now=now()) == 2
    lookout = Lookout.objects.get()
    assert (lookout.state, lookout.problem) == ({"position": 1}, "The server broke off.")
    mailbox[1] = []
    Lookout.objects.update(due_at=now())
    assert look(inbox, now=now()) == 1
    assert Lookout.objects.get().problem == ""
    assert Message.objects.count() == 3


def test_a_refused_message_does_not_hold_up_the_others(inbox: Inbox, mailbox: list[Any]) -> None:
    mailbox += [[message(1, text="\x00"), message(2)]]
    assert look(inbox, now=now()) == 1
    assert Lookout.objects.get().state == {"position": 1}


def test_a_mailbox_that_is_not_due_or_is_being_looked_into_is_left_alone(inbox: Inbox, mailbox: list[Any]) -> None:
    mailbox += [[message(1)]]
    Lookout.objects.create(inbox=inbox, due_at=now() + timedelta(seconds=60))
    assert look(inbox, now=now()) == 0
    assert Message.objects.count() == 0


def test_two_at_once_take_each_message_in_once(inbox: Inbox, mailbox: list[Any]) -> None:
    mailbox += [[message(number) for number in range(30)]]
    counts: list[int] = []

    def look_here() -> None:
        counts.append(look(inbox, now=now()))
        connection.close()

    threads = [threading.Thread(target=look_here) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(counts) == [0, 0, 0, 30]
    assert Message.objects.count() == 30


def test_every_due_mailbox_is_looked_into_beside_the_worker(inbox: Inbox, mailbox: list[Any]) -> None:
    mailbox += [[message(1)]]
    Inbox.objects.create(
        name="Off", channel="email", connector="email", is_active=False, created_at=MORNING, settings={}
    )
    look_everywhere(now())
    look_everywhere(now())
    polling._threads.submit(lambda: None).result(timeout=10)
    for _ in range(100):
        if not polling._looking:
            break
        threading.Event().wait(0.05)
    assert Message.objects.count() == 1
    assert Lookout.objects.count() == 1
