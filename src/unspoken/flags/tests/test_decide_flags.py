"""What people say of flags: kept, counted, and only by those who may."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from unspoken.flags.actions import decide_flag, wake_snoozed_flags
from unspoken.flags.models import Flag, FlagStatus
from unspoken.flags.queries import Counters, Precision, counters, precision, visible_flags, wilson
from unspoken.flags.tests.stage import Stage, frustrated, is_, minutes, rule
from unspoken.journal.models import Entry
from unspoken.people.models import Contact
from unspoken.people.tests.cast import contacts
from unspoken.staff.permissions import NotAllowed
from unspoken.staff.tests.cast import MORNING, Members, members

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Members:
    return members()


@pytest.fixture
def flag(cast: Members) -> Flag:
    """An open flag on a chat of Care."""
    rule()
    (flag,) = Stage(contacts().mina, cast.care).says(at=minutes(0), read=frustrated())
    return flag


def state(flag: Flag) -> tuple[Any, ...]:
    kept = Flag.objects.get(pk=flag.pk)
    return kept.status, kept.reason, kept.snoozed_until, kept.decided_by, kept.decided_at


UNDECIDED = ("open", "", None, None, None)


@pytest.mark.parametrize(
    ("status", "fields"),
    [
        ("accepted", {}), ("resolved", {}), ("wrong", {}), ("not_helpful", {"reason": " He was joking "}),
        ("snoozed", {"snoozed_until": minutes(60)}),
    ],
)  # fmt: skip
def test_a_decision_is_kept_and_recorded(flag: Flag, cast: Members, status: str, fields: dict[str, Any]) -> None:
    decided = decide_flag(flag, status=status, by=cast.ben, now=minutes(5), **fields)
    reason, until = fields.get("reason", "").strip(), fields.get("snoozed_until")
    assert state(decided) == (status, reason, until, cast.ben, minutes(5))
    entry = Entry.objects.get(kind="flag.decided")
    assert (entry.data, entry.actor) == ({"flag_id": flag.pk, "status": status}, cast.ben.pk)
    assert (entry.conversation_id, entry.team_id) == (flag.conversation_id, cast.care.pk)


@pytest.mark.parametrize(
    ("status", "fields", "code"),
    [
        ("not_helpful", {"reason": "  "}, "reason"), ("snoozed", {}, "until"), ("open", {}, "status"),
        ("snoozed", {"snoozed_until": minutes(5)}, "until"), ("gone", {}, "status"),
    ],
)  # fmt: skip
def test_a_decision_that_cannot_be_taken_changes_nothing(
    flag: Flag, cast: Members, status: str, fields: dict[str, Any], code: str
) -> None:
    entries = Entry.objects.count()
    with pytest.raises(ValidationError) as refused:
        decide_flag(flag, status=status, by=cast.ben, now=minutes(5), **fields)
    assert refused.value.code == code
    assert state(flag) == UNDECIDED
    assert Entry.objects.count() == entries


def test_nobody_without_sight_or_right_decides(flag: Flag, cast: Members) -> None:
    entries = Entry.objects.count()
    for member in (cast.cleo, cast.ana, cast.pia):
        with pytest.raises(NotAllowed):
            decide_flag(flag, status="resolved", by=member, now=minutes(5))
    assert state(flag) == UNDECIDED
    assert Entry.objects.count() == entries


def test_a_change_of_mind_counts(flag: Flag, cast: Members) -> None:
    decide_flag(flag, status="resolved", by=cast.ben, now=minutes(5))
    decide_flag(flag, status="wrong", by=cast.lea, now=minutes(6))
    assert state(flag) == ("wrong", "", None, cast.lea, minutes(6))


def test_a_finished_flag_is_not_taken_up_beside_a_newer_one(flag: Flag, cast: Members) -> None:
    decide_flag(flag, status="resolved", by=cast.ben, now=minutes(1))
    stage = Stage(flag.contact, cast.care)
    stage.conversation = flag.conversation
    assert len(stage.says(at=minutes(60), read=frustrated())) == 1
    with pytest.raises(ValidationError) as refused:
        decide_flag(flag, status="accepted", by=cast.ben, now=minutes(61))
    assert refused.value.code == "taken"
    assert state(flag) == ("resolved", "", None, cast.ben, minutes(1))


def test_a_snoozed_flag_comes_back_when_its_time_is_over(flag: Flag, cast: Members) -> None:
    decide_flag(flag, status="snoozed", snoozed_until=minutes(60), by=cast.ben, now=minutes(5))
    assert wake_snoozed_flags(minutes(59)) == 0
    assert wake_snoozed_flags(minutes(60)) == 1
    assert wake_snoozed_flags(minutes(61)) == 0
    assert state(flag) == ("open", "", None, cast.ben, minutes(5))
    assert [entry.data["status"] for entry in Entry.objects.filter(kind="flag.decided").order_by("id")] == [
        "snoozed", "open",
    ]  # fmt: skip


def test_members_see_the_flags_of_their_own_conversations(flag: Flag, cast: Members) -> None:
    rule("low", is_("reading.valence", "<=", -0.5))
    nobodys = Contact.objects.create(name="Somebody", created_at=MORNING)
    (loose,) = [one for one in Stage(nobodys).says(at=minutes(1), read=frustrated()) if one.rule.name == "low"]
    seen = {
        member.name: set(visible_flags(member).values_list("rule__name", "conversation_id"))
        for member in (cast.ada, cast.lea, cast.ben, cast.cleo, cast.ana, cast.pia)
    }
    cares = ("frustrated", flag.conversation_id)
    everybodys = {("frustrated", loose.conversation_id), ("low", loose.conversation_id)}
    assert seen["Ada"] == seen["Lea"] == seen["Ben"] == seen["Pia"] == {cares, *everybodys}
    assert seen["Cleo"] == everybodys
    assert seen["Ana"] == set()


def test_counters_tell_what_waits(flag: Flag, cast: Members, django_assert_num_queries: Any) -> None:
    rule("low", is_("reading.valence", "<=", -0.5))
    for assignee in (cast.ben, None):
        somebody = Contact.objects.create(name="Somebody", created_at=MORNING)
        Stage(somebody, cast.care, fields={"assignee": assignee}).says(at=minutes(2), read=frustrated())
    Flag.objects.filter(rule__name="low", member=None).update(held="budget")
    decide_flag(flag, status="snoozed", snoozed_until=minutes(60), by=cast.ben, now=minutes(5))
    with django_assert_num_queries(1):
        assert counters(cast.ben) == Counters(open=3, held=1, snoozed=1, mine=2)
    assert counters(cast.cleo) == counters(cast.ana) == Counters(open=0, held=0, snoozed=0, mine=0)


def test_precision_counts_what_people_refused(flag: Flag) -> None:
    assert precision(flag.rule) == Precision(0, 0, None, 0.0, 1.0)
    statuses = [*["resolved"] * 5, *["accepted"] * 3, "wrong", "not_helpful", "open", "snoozed"]
    for number, status in enumerate(statuses):
        talk = Stage(flag.contact).conversation
        Flag.objects.create(
            rule=flag.rule, rule_version=1, conversation=talk, status=status, raised_at=minutes(number),
            message=talk.messages.create(
                external_id=f"p{number}", source="test", author_kind="customer", kind="chat", occurred_at=MORNING,
                received_at=MORNING,
            ),
        )  # fmt: skip
    found = precision(flag.rule)
    assert (found.decided, found.refused, found.value) == (10, 2, 0.8)
    assert (found.low, found.high) == (pytest.approx(0.4902, abs=1e-4), pytest.approx(0.9433, abs=1e-4))


def test_the_interval_is_wilsons() -> None:
    assert wilson(0, 10) == (0.0, pytest.approx(0.27754, abs=1e-5))
    assert wilson(10, 10) == (pytest.approx(0.72246, abs=1e-5), 1.0)


def test_every_status_is_finished_or_not() -> None:
    assert set(FlagStatus.values) == {"open", "accepted", "snoozed", "resolved", "wrong", "not_helpful"}


def test_a_flag_that_was_accepted_or_put_off_is_not_finished() -> None:
    assert {status for status in FlagStatus if Flag(status=status).is_unfinished} == {"open", "accepted", "snoozed"}
