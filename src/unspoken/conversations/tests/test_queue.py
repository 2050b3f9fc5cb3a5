"""The queue: sorted by worsening, in pages, cheap, and never with what a member may not see."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from unspoken.conversations.actions import set_labels
from unspoken.conversations.models import Conversation
from unspoken.conversations.queries import NOBODY, Counters, attention_queue, counters, recent_conversations
from unspoken.kit.keyset import BadCursor
from unspoken.people.models import Channel
from unspoken.people.tests.cast import contacts
from unspoken.staff.models import Member
from unspoken.staff.tests.cast import MORNING, Members, members

from .talk import conversation, inbox, minutes

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Members:
    return members()


def pages(member: Member, *, limit: int, **filters: str) -> list[list[str]]:
    """Return the subjects on every page of a queue."""
    found, cursor = [], None
    while True:
        page = attention_queue(member, cursor=cursor, limit=limit, **filters)
        found.append([row.subject for row in page.items])
        cursor = page.next_cursor
        if cursor is None:
            return found


def fill(cast: Members) -> None:
    """Put nine conversations into three teams' worth of queues, several with equal attention and moments."""
    for number in range(9):
        team = (cast.care, cast.press, None)[number % 3]
        conversation(team=team, subject=str(number), attention=(number // 3) / 10, at=MORNING + minutes(number % 2))


def sorted_by_worsening(rows: list[Conversation]) -> list[str]:
    keyed = sorted(rows, key=lambda row: (row.attention, row.last_message_at, row.pk), reverse=True)
    return [row.subject for row in keyed]


@pytest.mark.parametrize(("who", "numbers"), [("ada", "012345678"), ("ben", "023568"), ("cleo", "124578"), ("ana", "")])
@pytest.mark.parametrize("limit", [1, 2, 4, 50])
def test_the_most_in_need_come_first_on_pages_of_any_size(cast: Members, who: str, numbers: str, limit: int) -> None:
    fill(cast)
    expected = sorted_by_worsening([row for row in Conversation.objects.all() if row.subject in numbers])
    found = pages(getattr(cast, who), limit=limit)
    assert [subject for page in found for subject in page] == expected
    assert all(len(page) == limit for page in found[:-1])


def test_a_queue_is_narrowed(cast: Members) -> None:
    fill(cast)
    reviews = inbox("Reviews", channel=Channel.REVIEW)
    conversation(team=cast.care, subject="review", inbox=reviews, assignee=cast.ben)
    done = conversation(team=cast.care, subject="done", status="resolved")
    labelled = conversation(team=None, subject="labelled")
    set_labels(labelled, labels=["refund"], now=MORNING)
    assert pages(cast.ben, limit=9, inbox=reviews.pk) == [["review"]]
    assert pages(cast.ben, limit=9, assignee=cast.ben.pk) == [["review"]]
    assert pages(cast.ben, limit=9, label="refund") == [["labelled"]]
    assert pages(cast.ben, limit=9, status="resolved") == [[done.subject]]
    assert "review" not in pages(cast.ben, limit=50, assignee=NOBODY)[0]
    assert pages(cast.cleo, limit=9, inbox=reviews.pk) == [[]]
    assert pages(cast.cleo, limit=9, assignee=cast.ben.pk) == [[]]


def test_a_member_of_two_teams_sees_both_merged(cast: Members) -> None:
    fill(cast)
    cast.ben.teams.add(cast.press)
    assert pages(cast.ben, limit=3) == pages(cast.ada, limit=3)


@pytest.mark.parametrize(("who", "queries"), [("ada", 2), ("ben", 4)])
def test_a_page_takes_the_same_queries_however_long_it_is(
    cast: Members, who: str, queries: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    fill(cast)
    mina = contacts().mina
    for row in Conversation.objects.all():
        set_labels(row, labels=["a", "b"], now=MORNING)
    Conversation.objects.update(contact=mina, assignee=cast.lea, team=cast.care)
    for limit in (2, 9):
        with django_assert_num_queries(queries):
            shown = {
                (row.inbox.name, str(row.contact), str(row.team), str(row.assignee), len(row.labels.all()))
                for row in attention_queue(getattr(cast, who), limit=limit).items
            }
        assert shown == {("Chat inbox", "Mina Okafor", "Care", "Lea", 2)}


@pytest.mark.parametrize("who", ["ada", "ben"])
def test_a_page_walks_an_index_and_sorts_nothing(cast: Members, who: str) -> None:
    fill(cast)
    member = getattr(cast, who)
    first = attention_queue(member, limit=2)
    with CaptureQueriesContext(connection) as captured:
        attention_queue(member, limit=2, cursor=first.next_cursor)
    heads = [query["sql"] for query in captured if "LIMIT 3" in query["sql"]]
    assert heads
    for sql in heads:
        plan = explained(sql)
        if connection.vendor == "sqlite":  # PostgreSQL chooses by the size of the table, which is tiny here
            used = ["conversation_queue"] if who == "ada" else ["conversation_of_team", "conversation_of_all"]
            assert [index for index in used if index in plan] == used
        assert "SCAN conversations_conversation" not in plan and "Seq Scan on conversations_conversation" not in plan
        if who == "ada":  # Ben's page sorts the few heads of his teams' queues, at most a page of each
            assert "TEMP B-TREE" not in plan and "Sort" not in plan


def explained(sql: str) -> str:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")  # the table is tiny here, so scanning it would be cheap
            cursor.execute("SET LOCAL enable_bitmapscan = off")
            cursor.execute(f"EXPLAIN {sql}")
        else:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        return "\n".join(str(row[-1]) for row in cursor.fetchall())


def test_a_foreign_cursor_is_refused(cast: Members) -> None:
    fill(cast)
    for wrong in ("rubbish", "bnVsbA", recent_conversations(cast.ada, limit=1).next_cursor):
        with pytest.raises(BadCursor, match="Start again from the first page"):
            attention_queue(cast.ada, cursor=wrong)


def test_counters_count_what_a_member_sees(cast: Members, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    fill(cast)
    conversation(team=cast.care, assignee=cast.ben)
    conversation(team=cast.care, status="waiting")
    conversation(team=cast.press, status="snoozed", snoozed_until=MORNING + timedelta(days=1))
    conversation(team=cast.care, status="resolved")
    with django_assert_num_queries(10):
        assert counters(cast.ben) == Counters(open=7, mine=1, unassigned=6, waiting=1, snoozed=0)
    assert counters(cast.cleo) == Counters(open=6, mine=0, unassigned=6, waiting=0, snoozed=1)
    with django_assert_num_queries(5):
        assert counters(cast.ada) == Counters(open=10, mine=0, unassigned=9, waiting=1, snoozed=1)
    assert counters(cast.ana) == Counters(open=0, mine=0, unassigned=0, waiting=0, snoozed=0)


def test_recent_conversations_come_newest_first(cast: Members) -> None:
    mina = contacts().mina
    older = conversation(team=cast.care, contact=mina, at=MORNING)
    newer = conversation(team=None, contact=mina, at=MORNING + minutes(3), status="resolved")
    other = conversation(team=cast.press, contact=mina, at=MORNING + minutes(9))
    first = recent_conversations(cast.ben, limit=1)
    assert first.items == [newer]
    assert recent_conversations(cast.ben, limit=1, cursor=first.next_cursor).items == [older]
    assert recent_conversations(cast.cleo, contact=mina.pk).items == [other, newer]
    assert recent_conversations(cast.ada, status="resolved").items == [newer]
