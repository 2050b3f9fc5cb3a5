"""What several people do in the same moment, on connections of their own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from unspoken.conversations.actions import mark_sent, reply
from unspoken.conversations.models import Conversation
from unspoken.journal.models import Entry
from unspoken.journal.queries import first_broken_entry
from unspoken.people.actions import merge_contacts, unmerge
from unspoken.people.models import Merge
from unspoken.people.tests.cast import contacts
from unspoken.staff.tests.cast import MORNING, members

from .talk import conversation

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor == "sqlite",
        reason="the test database in memory has one connection; SQLite's writers wait for each other anyway",
    ),
]
MANY = 8


def at_once(action: Callable[[], object]) -> list[object]:
    """Run `action` in eight threads that start together; return what each returned, or the refusal it got."""
    together = Barrier(MANY)

    def one(_: int) -> object:
        together.wait()
        try:
            return action()
        except ValidationError as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(MANY) as threads:
        return list(threads.map(one, range(MANY)))


def test_pressing_send_eight_times_at_once_sends_once() -> None:
    cast, chat = members(), conversation()

    def press() -> str:
        return reply(Conversation.objects.get(pk=chat.pk), text="Yes.", by=cast.ben, now=MORNING, token="form-1").pk

    assert len(set(at_once(press))) == 1
    assert chat.messages.count() == 1
    assert Entry.objects.filter(kind="reply.queued").count() == 1
    message = chat.messages.get()
    assert sorted(map(bool, at_once(lambda: mark_sent(message, now=MORNING)))) == [False] * (MANY - 1) + [True]
    assert Entry.objects.filter(kind="reply.sent").count() == 1
    assert first_broken_entry() is None


def test_merging_and_unmerging_eight_times_at_once_happens_once() -> None:
    cast, people = members(), contacts()
    outcomes = at_once(lambda: merge_contacts(people.noor, people.otto, by=cast.ben, now=MORNING))
    assert sum(isinstance(outcome, Merge) for outcome in outcomes) == 1
    assert Merge.objects.count() == 1
    assert people.noor.identities.count() == 2
    merge = Merge.objects.get()
    outcomes = at_once(lambda: unmerge(Merge.objects.get(pk=merge.pk), by=cast.ben, now=MORNING))
    assert sum(outcome is None for outcome in outcomes) == 1
    assert (people.noor.identities.count(), people.otto.identities.count()) == (1, 1)
    assert Entry.objects.filter(kind="contact.unmerged").count() == 1
