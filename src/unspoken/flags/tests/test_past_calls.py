"""What a back-test says of calls: what it can try, what it cannot, and that one long tense call is one hit."""

from datetime import timedelta
from typing import Any

import pytest

from unspoken.affect.tests.readings import reading
from unspoken.conversations.models import Author, Kind, ReadingState
from unspoken.flags import backtest as module
from unspoken.flags.backtest import Backtest, backtest
from unspoken.flags.models import Flag
from unspoken.flags.tests.stage import FRUSTRATED, Stage, frustrated, is_, minutes, rule
from unspoken.people.models import Channel, Contact
from unspoken.readings.models import ToneReading
from unspoken.staff.tests.cast import MORNING, Members, members

pytestmark = pytest.mark.django_db
EVENING = MORNING + timedelta(days=3)
TENSE = is_("voice.tense_for", ">=", 4)


@pytest.fixture
def cast() -> Members:
    return members()


@pytest.fixture
def mina() -> Contact:
    return Contact.objects.create(name="Mina", created_at=MORNING)


def call(contact: Contact, cast: Members, *stress: float | None, at: float = 0.0) -> Stage:
    """Let a call come in, so many minutes into the morning, listened to live: one window a second from the third on."""
    stage = Stage(contact, cast.care, Channel.CALL, fields={"at": minutes(at)})
    stage.says("The call began.", at=minutes(at), author_kind=Author.SYSTEM, kind=Kind.SEGMENT,
               reading_state=ReadingState.SKIPPED)  # fmt: skip
    ToneReading.objects.bulk_create(
        ToneReading(
            conversation=stage.conversation, contact=contact, consent_id=1, model="m", model_version="1",
            model_sha256="", begins=number, ends=number + 3.0, scales={} if one is None else {"stress": one},
            reason="too_short" if one is None else "", created_at=minutes(at) + timedelta(seconds=number + 3),
        )
        for number, one in enumerate(stress)
    )  # fmt: skip
    return stage


def tried(condition: dict[str, Any], **fields: Any) -> Backtest:
    return backtest(rule("tried", condition, **fields), days=3, now=EVENING)


SILENT = is_("call.silence", ">=", 30)
HELD = is_("call.hold_after_complaint", ">=", 45)


@pytest.mark.parametrize("condition", [SILENT, {"all": [TENSE, SILENT]}, {"not": {"any": [SILENT, HELD]}}])
def test_a_rule_that_rests_on_who_spoke_when_says_that_it_cannot_be_tried(
    cast: Members, mina: Contact, condition: dict[str, Any]
) -> None:
    call(mina, cast, *[None] * 60)
    found = tried(condition)
    assert (found.flags, found.blind, found.unknown[-1]) == ((), True, "call.silence")
    assert found.caveat.startswith("This rule cannot be tried on the past, because ")
    assert found.caveat.endswith(
        "the silence on the line cannot be told of past calls: who spoke when is known only while a call is under way."
    )


def test_a_rule_that_rests_on_it_among_others_is_tried_without_and_says_so(cast: Members, mina: Contact) -> None:
    call(mina, cast, *[0.2] * 10, *[0.8] * 10)
    found = tried({"any": [TENSE, HELD]})
    assert (len(found.flags), found.blind, found.unknown) == (1, False, ("call.hold_after_complaint",))
    assert found.caveat == (
        "The hold after a complaint cannot be told of past calls: who spoke when is known only while a call is under"
        " way. Whatever the rule asks of that counted as not known."
    )
    assert found.flags[0].reasons == ("The time for which the voice is tense was 4 s (at least 4 s)",)


def test_a_rule_on_messages_says_nothing_of_it(cast: Members, mina: Contact) -> None:
    call(mina, cast, *[0.8] * 10)
    found = tried(FRUSTRATED)
    assert (found.caveat, found.blind, found.calls) == ("", False, 0)


def test_what_holds_second_after_second_is_one_hit(
    cast: Members, mina: Contact, monkeypatch: pytest.MonkeyPatch
) -> None:
    call(mina, cast, *[0.2] * 10, *[0.8] * 30)
    monkeypatch.setattr(module, "MOST_HITS", 1)
    found = tried(TENSE)
    assert (found.held_for, [flag.at for flag in found.flags]) == (27, [minutes(0) + timedelta(seconds=16)])
    assert (found.messages, found.calls, found.conversations) == (0, 1, 1)


def test_a_call_is_flagged_as_soon_as_the_cool_down_of_another_is_over(cast: Members, mina: Contact) -> None:
    call(mina, cast, *[0.8] * 10)
    call(mina, cast, *[0.8] * 120, at=1)
    first, second = tried(TENSE, cooldown_seconds=120).flags
    assert (first.at, second.at) == (minutes(0) + timedelta(seconds=6), minutes(2) + timedelta(seconds=6))
    assert len(tried(TENSE, cooldown_seconds=3600).flags) == 1


def test_messages_and_calls_of_one_person_share_a_cool_down(cast: Members, mina: Contact) -> None:
    Stage(mina, cast.care).says("This is terrible", at=minutes(0), read=frustrated())
    Flag.objects.all().delete()
    call(mina, cast, *[0.8] * 10, at=10)
    both = {"any": [FRUSTRATED, TENSE]}
    assert [flag.at for flag in tried(both, cooldown_seconds=3600).flags] == [minutes(0)]
    assert [flag.at for flag in tried(both, cooldown_seconds=60).flags] == [
        minutes(0), minutes(10) + timedelta(seconds=6)
    ]  # fmt: skip


def test_a_voice_that_is_not_tense_is_looked_at_every_thirty_seconds(cast: Members, mina: Contact) -> None:
    call(mina, cast, *[0.4] * 95)
    found = tried(is_("voice.stress", ">=", 0.4))
    assert found.held_for == 4  # at 3, 33, 63 and 93 seconds


def test_only_what_lies_in_the_days_asked_for_counts(cast: Members, mina: Contact) -> None:
    call(mina, cast, *[0.8] * 10)
    made = rule("tried", TENSE)
    day_after = minutes(0) + timedelta(days=1)
    assert len(backtest(made, days=1, now=day_after).flags) == 1
    assert backtest(made, days=1, now=day_after + timedelta(seconds=30)).calls == 0
    assert backtest(made, days=1, now=minutes(0) + timedelta(seconds=5)).flags == ()


def test_a_moment_of_a_call_rests_on_what_was_said_by_then(cast: Members, mina: Contact) -> None:
    stage = call(mina, cast, *[0.2] * 10, *[0.8] * 50)
    for text, begins, read in (("It broke", 14.0, frustrated()), ("Thank you", 30.0, reading(0.8, gratitude=0.9))):
        stage.says(
            text, at=minutes(0) + timedelta(seconds=begins), read=read, kind=Kind.SEGMENT,
            now=minutes(0) + timedelta(seconds=begins + 4), metadata={"begins": begins, "ends": begins + 3},
        )  # fmt: skip
    [apart] = tried(is_("voice.parting", "==", "voice_tense")).flags
    assert apart.at == minutes(0) + timedelta(seconds=34)  # written down only then
    [sharp] = tried(is_("call.distress", ">=", 0.7)).flags
    assert sharp.at == minutes(0) + timedelta(seconds=18)
    [read] = tried({"all": [TENSE, is_("reading.displeasure", ">=", 0.5)]}).flags
    assert (read.at, read.message_id) == (sharp.at, sharp.message_id)
