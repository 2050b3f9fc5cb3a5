"""A rule tried on past calls finds the very flags that it raised while they went on."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from unspoken.calls.happenings import Ended
from unspoken.calls.tests.lines import intake_is_here, permits
from unspoken.calls.tests.test_judging import Voice, calls, goes_on, says, tense_after
from unspoken.flags.actions import enable_rule, save_rule
from unspoken.flags.backtest import Backtest, backtest
from unspoken.flags.defaults import install_default_rules
from unspoken.flags.models import Flag, Rule
from unspoken.flags.tests.stage import is_
from unspoken.intake.tests.fake import START, consents
from unspoken.people.models import Contact
from unspoken.readings.models import ToneReading

DAY = 86_400.0
EVENING = START + timedelta(days=3)


@pytest.fixture(autouse=True)
def intake(db: None) -> Iterator[None]:
    with intake_is_here():
        yield


def call(voice: Voice, *words: tuple[str, float, float], after: float = 0.0, seconds: int = 50) -> None:
    """Let Mina call so long after the start and say some things, each when its time has come."""
    name = f"call-{after:.0f}"
    telephone, line = calls(voice, call_id=name, after=after)
    for text, begins, ends in words:
        goes_on(telephone, line, until=int(ends))
        says(text, begins, ends, call_id=name, after=after)
    goes_on(telephone, line, until=seconds)
    line.take(Ended())
    telephone.exchange.turn(telephone.moment(seconds + 0.5))


def some_days(mina: Contact) -> None:
    """Let calls go by: a calm one, two in which the voice grows tense, a sharp one, and one that was so from first."""
    permits(mina)
    consents(mina)
    call(lambda ends: 0.2, ("thanks, all is fine", 5.0, 8.5))
    call(tense_after(12), ("that is fine, thanks", 12.0, 14.5), ("this is terrible", 20.0, 23.5), after=600.0)
    call(tense_after(30), ("this is terrible", 16.0, 19.5), after=3_000.0)
    call(lambda ends: 0.5, ("this is terrible", 16.0, 19.5), after=DAY)
    call(lambda ends: 0.9 if ends < 20 or ends > 70 else 0.1, after=2 * DAY, seconds=100)


def as_raised(rule: Rule) -> list[tuple[datetime, str, str, list[str]]]:
    rows = Flag.objects.filter(rule=rule).order_by("raised_at")
    return list(rows.values_list("raised_at", "message_id", "held", "counterfactual"))


def as_foretold(found: Backtest) -> list[tuple[datetime, str, str, list[str]]]:
    return [(one.at, one.message_id, one.held.value, list(one.counterfactual)) for one in found.flags]


RULES: dict[str, tuple[int, dict[str, Any]]] = {
    "distressed": (3, is_("call.distress", ">=", 0.6)),
    "tense-and-sharp": (
        2,
        {
            "all": [
                is_("voice.stress", ">=", 0.6),
                is_("reading.displeasure", ">=", 0.5),
                is_("trajectory.level", "<=", 0),
            ]
        },
    ),
    "called-before": (3, is_("call.recent", ">=", 2)),
}


@pytest.mark.parametrize("cooldown", [0, 3600])
@pytest.mark.parametrize("name", ["rising-stress", "voice-and-words-part", *RULES])
def test_live_and_replayed_are_identical(mina: Contact, name: str, cooldown: int) -> None:
    install_default_rules(START)
    for other, (_, condition) in RULES.items():
        made = save_rule(other, title=other, purpose="service", condition=condition, cooldown_seconds=60, now=START)
        enable_rule(made, now=START)
    Rule.objects.filter(name=name).update(cooldown_seconds=cooldown, updated_at=START + timedelta(seconds=1))
    some_days(mina)
    rule = Rule.objects.get(name=name)
    live = as_raised(rule)
    assert as_foretold(backtest(rule, days=3, now=EVENING)) == live
    at_least = {"rising-stress": 2, "voice-and-words-part": 1}.get(name) or RULES[name][0]
    assert len(live) >= at_least - (cooldown > 0)


ON_TENSION: dict[str, dict[str, Any]] = {
    "tense": is_("voice.tense_for", ">=", 3),
    "rises": {"all": [is_("voice.rise", ">=", 0.3), is_("voice.stress", ">=", 0.6)]},
    "parts": is_("voice.parting", "==", "voice_tense"),
    "both": {"all": [is_("call.distress", ">=", 0.8), is_("voice.tense_for", ">", 0)]},
}


def wandering(chance: random.Random) -> Voice:
    """Return a voice that is now calm, now tense, now silent, for some seconds each."""
    told: list[float | None] = []
    while len(told) < 80:
        told += [chance.choice([None, 0.2, 0.5, 0.61, 0.9])] * chance.randint(1, 12)
    return lambda ends: told[int(ends)]


@pytest.mark.parametrize("seed", range(4))
def test_whatever_a_voice_does_live_and_replayed_are_identical(mina: Contact, seed: int) -> None:
    for name, condition in ON_TENSION.items():
        made = save_rule(name, title=name, purpose="service", condition=condition, cooldown_seconds=40, now=START)
        enable_rule(made, now=START)
    permits(mina)
    consents(mina)
    chance = random.Random(seed)
    for number in range(3):
        places = sorted(chance.sample(range(2, 65), 3))
        said = [(chance.choice(["this is terrible", "thanks, all is fine"]), at, at + 2.5) for at in places]
        call(wandering(chance), *said, after=90.0 * number, seconds=70)
    rules = list(Rule.objects.order_by("name"))
    live = {rule.name: as_raised(rule) for rule in rules}
    assert {rule.name: as_foretold(backtest(rule, days=3, now=EVENING)) for rule in rules} == live
    assert len(live["tense"]) >= 2


def test_of_two_calls_the_one_that_was_flagged_is_found(mina: Contact) -> None:
    install_default_rules(START)
    permits(mina)
    call(lambda ends: 0.2)
    call(tense_after(12), after=7_200.0)
    rule = Rule.objects.get(name="rising-stress")
    [flag] = Flag.objects.all()
    found = backtest(rule, days=3, now=EVENING)
    [told] = found.flags
    assert (told.at, told.conversation_id, told.message_id) == (
        flag.raised_at, flag.conversation_id, flag.message_id
    )  # fmt: skip
    assert told.reasons == tuple(leaf["text"] for leaf in flag.evidence["leaves"])
    assert (found.calls, found.conversations, found.unknown, found.caveat) == (2, 2, (), "")
    assert Flag.objects.count() == 1


def test_a_call_that_was_listened_to_anew_is_judged_as_it_was_spoken(mina: Contact) -> None:
    """Of a recording, all windows are stored at once, long after it was spoken."""
    install_default_rules(START)
    permits(mina)
    call(tense_after(12))
    live = Flag.objects.get()
    rows = list(ToneReading.objects.order_by("begins"))
    ToneReading.objects.all().delete()
    for row in rows:
        row.created_at = START + timedelta(days=2)
    ToneReading.objects.bulk_create(rows)
    [told] = backtest(live.rule, days=3, now=EVENING).flags
    assert (told.at, told.conversation_id) == (START + timedelta(seconds=16), live.conversation_id)
