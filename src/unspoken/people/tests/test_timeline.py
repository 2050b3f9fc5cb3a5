"""One timeline of everything between us and a contact, in pages that neither repeat nor skip."""

from datetime import datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from unspoken.conversations.queries import recent_conversations
from unspoken.conversations.tests.talk import conversation
from unspoken.kit.keyset import BadCursor, encode
from unspoken.people.actions import add_note, record_order, record_return, record_visit, update_contact
from unspoken.people.models import Contact
from unspoken.people.queries import timeline
from unspoken.staff.models import Member
from unspoken.staff.tests.cast import MORNING, Members, members

from .cast import EARLIER, Contacts, contacts

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Members:
    return members()


@pytest.fixture
def people() -> Contacts:
    return contacts()


def hours(number: int) -> datetime:
    return MORNING + timedelta(hours=number)


def live(contact: Contact, cast: Members) -> None:
    """Let one of each kind happen, one an hour, and three of them at hour 6."""
    conversation(team=cast.care, contact=contact, at=hours(0))
    record_order(contact, number="O-1", now=hours(1))
    record_visit(contact, where="website", now=hours(2))
    record_return(contact, product="Kettle", order_number="O-1", now=hours(3))
    add_note(contact, text="Calm.", by=cast.ben, now=hours(4))
    update_contact(contact, preferences={"contact": "phone"}, now=hours(5))
    record_visit(contact, where="shop", now=hours(6))
    record_visit(contact, where="app", now=hours(6))
    record_order(contact, number="O-2", now=hours(6))


def walk(contact: Contact, member: Member, *, limit: int) -> list[tuple[str, int]]:
    found, cursor = [], None
    while True:
        page = timeline(contact, member, cursor=cursor, limit=limit)
        assert len(page.items) == limit or page.next_cursor is None
        found += [(moment.kind, round((moment.at - MORNING) / timedelta(hours=1))) for moment in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return found


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 50])
def test_everything_comes_newest_first_on_pages_of_any_size(cast: Members, people: Contacts, limit: int) -> None:
    live(people.noor, cast)
    record_visit(people.otto, where="shop", now=hours(7))
    assert walk(people.noor, cast.ben, limit=limit) == [
        ("order", 6), ("visit", 6), ("visit", 6), ("preference", 5), ("note", 4), ("return", 3), ("visit", 2),
        ("order", 1), ("conversation", 0),
    ]  # fmt: skip


def test_conversations_out_of_sight_are_left_out(cast: Members, people: Contacts) -> None:
    bens = conversation(team=cast.care, contact=people.noor)
    shared = conversation(team=None, contact=people.noor, at=hours(1))
    assert [moment.row for moment in timeline(people.noor, cast.ben).items] == [shared, bens]
    assert [moment.row for moment in timeline(people.noor, cast.cleo).items] == [shared]
    assert timeline(people.noor, cast.ana).items == []


@pytest.mark.parametrize("size", [1, 20])
def test_a_page_takes_six_queries_however_long_the_life(
    cast: Members, people: Contacts, size: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(size):
        conversation(team=cast.care, contact=people.noor, at=hours(number), assignee=cast.ben)
        order = record_order(people.noor, number=f"O-{number}", now=hours(number))
        record_return(people.noor, product="Kettle", order_number=order.number, now=hours(number))
        add_note(people.noor, text="Calm.", by=cast.ben, now=hours(number))
    with django_assert_num_queries(6):
        for moment in timeline(people.noor, cast.ben).items:
            if moment.kind == "conversation":
                assert moment.row.inbox.name == "Chat inbox" and moment.row.assignee == cast.ben
            if moment.kind == "return":
                assert moment.row.order.number.startswith("O-")
            if moment.kind == "note":
                assert moment.row.author == cast.ben


def test_preferences_show_what_changed_and_when(cast: Members, people: Contacts) -> None:
    update_contact(people.noor, preferences={"contact": "phone", "newsletter": True}, by=cast.ben, now=EARLIER)
    update_contact(people.noor, preferences={"contact": "e-mail"}, by=cast.ben, now=MORNING)
    told = [moment.row for moment in timeline(people.noor, cast.ben).items]
    assert sorted((change.at, change.name, change.value, change.by) for change in told) == [
        (EARLIER, "contact", "phone", cast.ben), (EARLIER, "newsletter", True, cast.ben),
        (MORNING, "contact", "e-mail", cast.ben), (MORNING, "newsletter", None, cast.ben),
    ]  # fmt: skip


def test_a_foreign_cursor_is_refused(cast: Members, people: Contacts) -> None:
    conversation(contact=people.noor)
    conversation(contact=people.noor)
    other = recent_conversations(cast.ben, limit=1).next_cursor
    for wrong in ("rubbish", other, encode(["x", "visit", "y"]), encode([MORNING, "moon", "y"])):
        with pytest.raises(BadCursor):
            timeline(people.noor, cast.ben, cursor=wrong)
