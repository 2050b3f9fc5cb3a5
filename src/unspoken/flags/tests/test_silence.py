"""Customers who wait in silence are found when their time has come, once, and only by what may be known of them."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from unspoken.affect.reading import Reason
from unspoken.conversations.models import Author, Conversation, Kind, ReadingState, Status
from unspoken.flags import silence
from unspoken.flags.actions import decide_flag
from unspoken.flags.models import Flag, Held, Rule
from unspoken.flags.silence import Watch
from unspoken.flags.tests.stage import FRUSTRATED, Stage, frustrated, is_, minutes, rule
from unspoken.journal.periodic import jobs
from unspoken.people.tests.cast import contacts
from unspoken.staff.tests.cast import Members, members

pytestmark = pytest.mark.django_db
WAITED: dict[str, Any] = is_("conversation.waiting", ">=", 600)
WAITED_FRUSTRATED = {"all": [FRUSTRATED, WAITED]}


@pytest.fixture
def cast() -> Members:
    return members()


@pytest.fixture
def chat(cast: Members) -> Stage:
    """A chat of Mina's with Care."""
    return Stage(contacts().mina, cast.care)


@pytest.fixture
def waited() -> Rule:
    return rule("waited", WAITED_FRUSTRATED, cooldown_seconds=0)


def test_it_is_looked_every_minute_or_more_often() -> None:
    (job,) = (job for job in jobs() if job.name == "judge who waits in silence")
    assert job.seconds == 45


def test_a_customer_who_waits_in_silence_is_flagged_when_the_time_has_come(chat: Stage, waited: Rule) -> None:
    watch = Watch()
    assert chat.says("This is ridiculous", at=minutes(0), read=frustrated(0.8)) == []
    assert watch.look(minutes(9.9)) == []
    (flag,) = watch.look(minutes(10))
    message = chat.conversation.messages.get()
    assert (flag.rule, flag.conversation, flag.message) == (waited, chat.conversation, message)
    assert (flag.contact, flag.team, flag.held, flag.raised_at) == (chat.contact, chat.team, Held.NO, minutes(10))
    assert flag.counterfactual == [
        "Had expressed frustration been below 0.50 (it was 0.80).",
        "Had the time without an answer been below 10 min (it was 10 min).",
    ]
    assert list(Flag.objects.all()) == [flag]


def test_waiting_counts_from_the_first_unanswered_message(chat: Stage, waited: Rule) -> None:
    chat.says("Hello?", at=minutes(0), read=frustrated(0.2))
    chat.says("Hello??", at=minutes(8), read=frustrated(0.7))
    (flag,) = Watch().look(minutes(11))
    assert flag.message.text == "Hello??"


def test_nothing_is_judged_over_and_over(chat: Stage, waited: Rule) -> None:
    watch = Watch()
    chat.says(at=minutes(0), read=frustrated(0.4))  # the rule does not hold
    watch.look(minutes(10))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert watch.look(minutes(60)) == []
    assert len(queries) == 2  # which rules there are, and who waits


def test_every_time_that_a_rule_names_is_looked_at_once(chat: Stage, waited: Rule) -> None:
    rule("long", is_("conversation.waiting", ">", 3600), cooldown_seconds=0)
    watch = Watch()
    chat.says(at=minutes(0), read=frustrated(0.8))
    assert [flag.rule.name for flag in watch.look(minutes(10))] == ["waited"]
    assert watch.look(minutes(59)) == []
    assert [flag.rule.name for flag in watch.look(minutes(61))] == ["long"]
    assert watch.look(minutes(62)) == []


def test_a_start_flags_nothing_twice_even_after_a_decision(chat: Stage, waited: Rule, cast: Members) -> None:
    chat.says(at=minutes(0), read=frustrated(0.8))
    (flag,) = Watch().look(minutes(10))
    decide_flag(flag, status="resolved", by=cast.ben, now=minutes(11))
    assert Watch().look(minutes(12)) == []
    assert Watch().look(minutes(60 * 24 * 3)) == []
    assert Flag.objects.count() == 1


def test_an_answer_or_a_closed_conversation_ends_the_wait(chat: Stage, waited: Rule) -> None:
    chat.says(at=minutes(0), read=frustrated(0.8))
    chat.answers("One moment, please.", at=minutes(5))
    assert Watch().look(minutes(30)) == []
    chat.says("Still there?", at=minutes(31), read=frustrated(0.8))
    for status in (Status.RESOLVED, Status.SNOOZED, Status.WAITING):
        Conversation.objects.update(status=status)
        assert Watch().look(minutes(45)) == []
    assert Flag.objects.count() == 0
    Conversation.objects.update(status=Status.OPEN)
    assert len(Watch().look(minutes(45))) == 1


def test_what_came_back_from_a_snooze_is_judged_though_its_time_has_long_passed(chat: Stage, waited: Rule) -> None:
    watch = Watch()
    chat.says(at=minutes(0), read=frustrated(0.8))
    Conversation.objects.update(status=Status.SNOOZED)
    assert watch.look(minutes(20)) == []
    Conversation.objects.update(status=Status.OPEN)
    assert len(watch.look(minutes(21))) == 1


def test_a_week_later_nobody_needs_to_know(chat: Stage, waited: Rule) -> None:
    chat.says(at=minutes(0), read=frustrated(0.8))
    assert Watch().look(minutes(7 * 24 * 60)) == []
    assert len(Watch().look(minutes(7 * 24 * 60 - 1))) == 1


def test_only_rules_that_look_at_waiting_are_judged(chat: Stage, waited: Rule) -> None:
    chat.says(at=minutes(0), read=frustrated(0.8))
    rule("later", FRUSTRATED)  # switched on after the message came in
    assert [flag.rule.name for flag in Watch().look(minutes(10))] == ["waited"]


def test_without_a_rule_about_waiting_nobody_is_looked_at(chat: Stage) -> None:
    rule()
    chat.says(at=minutes(0), read=frustrated(0.2))
    with CaptureQueriesContext(connection) as queries:
        assert Watch().look(minutes(10)) == []
    assert len(queries) <= 2


def test_a_rule_that_was_changed_is_judged_anew(chat: Stage) -> None:
    watch = Watch()
    rule("waited", {"all": [is_("reading.frustration", ">=", 0.9), WAITED]})
    chat.says(at=minutes(0), read=frustrated(0.8))
    assert watch.look(minutes(10)) == []
    rule("waited", WAITED_FRUSTRATED)
    assert len(watch.look(minutes(11))) == 1


def test_nothing_that_was_not_read_is_known(chat: Stage, waited: Rule) -> None:
    rule("words", {"all": [is_("message.text", "mentions", ["lawyer"]), WAITED]})
    rule("gloomy", {"all": [is_("trajectory.ends_badly", ">=", 0), WAITED]})
    chat.says("My lawyer will call", at=minutes(0), read=None, reason=Reason.NO_CONSENT)
    assert Watch().look(minutes(30)) == []
    assert Flag.objects.count() == 0


def test_what_only_staff_wrote_waits_for_nobody(chat: Stage) -> None:
    rule("waited", WAITED)
    chat.answers("We wrote first.", at=minutes(0))
    fields = {"author_kind": Author.AGENT, "reading_state": ReadingState.SKIPPED, "private": True, "kind": Kind.NOTE}
    chat._stored("A note among us", at=minutes(1), now=minutes(1), read=None, **fields)
    assert Watch().look(minutes(30)) == []
    Conversation.objects.update(waiting_since=minutes(0))  # even if it were said to wait
    assert Watch().look(minutes(31)) == []
    assert Flag.objects.count() == 0


def test_budgets_and_quiet_hours_hold_in_silence_too(chat: Stage, waited: Rule, cast: Members) -> None:
    cast.care.alerts_per_hour = 0
    cast.care.save()
    chat.says(at=minutes(0), read=frustrated(0.8))
    (flag,) = Watch().look(minutes(10))
    assert flag.held == Held.BUDGET


def test_a_round_judges_a_few_and_the_next_the_others(
    cast: Members, waited: Rule, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(silence, "AT_ONCE", 2)
    people = contacts()
    chats = [Stage(person, cast.care) for person in (people.mina, people.noor, people.otto)]
    for number, one in enumerate(chats):
        one.says(at=minutes(number), read=frustrated(0.8))
    watch = Watch()
    first = {flag.conversation_id for flag in watch.look(minutes(20))}
    assert first == {chats[1].conversation.pk, chats[2].conversation.pk}  # whose time came last, first
    assert [flag.conversation for flag in watch.look(minutes(21))] == [chats[0].conversation]
    assert watch.look(minutes(22)) == []


def test_a_database_that_was_away_loses_nothing(chat: Stage, waited: Rule, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = Watch()
    chat.says(at=minutes(0), read=frustrated(0.8))

    def away(*args: object, **fields: object) -> None:
        raise OperationalError("away")

    with monkeypatch.context() as broken:
        broken.setattr(silence, "judge", away)
        with pytest.raises(OperationalError):
            watch.look(minutes(10))
    assert len(watch.look(minutes(10) + timedelta(seconds=45))) == 1


def test_who_waits_is_found_in_an_index(chat: Stage, waited: Rule) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL reads a table of one row without its indexes")
    with CaptureQueriesContext(connection) as queries:
        Watch().look(minutes(10))
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {queries[-1]['sql']}")
        plan = " ".join(str(row[-1]) for row in cursor.fetchall())
    assert "USING INDEX conversation_waiting (status=? AND waiting_since>? AND waiting_since<?)" in plan
    assert "ORDER BY" not in plan
