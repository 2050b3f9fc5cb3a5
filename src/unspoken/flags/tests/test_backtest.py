"""A back-test tells beforehand exactly what the rule then does."""

import random
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from unspoken.affect.reading import Reading
from unspoken.affect.tests.readings import reading
from unspoken.conversations.models import Conversation
from unspoken.flags import backtest as module
from unspoken.flags.actions import disable_rule, save_rule
from unspoken.flags.backtest import Backtest, TooWideError, backtest
from unspoken.flags.conditions import ConditionError
from unspoken.flags.models import Flag, Held, Rule
from unspoken.flags.silence import Watch
from unspoken.flags.tests.stage import FRUSTRATED, Stage, frustrated, is_, minutes, rule
from unspoken.people.models import Channel, Contact, Order
from unspoken.readings.actions import correct_reading
from unspoken.readings.models import StoredReading
from unspoken.staff.tests.cast import MORNING, Members, members

pytestmark = pytest.mark.django_db
EVENING = MORNING + timedelta(days=3)


@pytest.fixture
def cast() -> Members:
    return members()


RULES: dict[str, dict[str, Any]] = {
    "frustrated": FRUSTRATED,
    "worsening": {"all": [is_("trajectory.direction", "==", "worsening"), is_("trajectory.ends_badly", ">=", 0.5)]},
    "unusual": is_("trajectory.relative", "<=", -0.8),
    "caused": is_("trajectory.causes", "has", ["repeated_question", "waiting", "broken_promise"]),
    "again": {"any": [is_("contact.repeat_contacts", ">=", 2), is_("trajectory.repeats", ">=", 3)]},
    "waiting": {"all": [is_("conversation.waiting", ">=", 900), is_("reading.valence", "<=", 0)]},
    "valued": {"all": [is_("contact.value", ">=", 100), is_("trajectory.level", "<=", -0.1)]},
    "words": is_("message.text", "mentions", ["lawyer"]),
    "new": is_("contact.known_days", "<=", 1),
}


def read_at_random(chance: random.Random) -> Reading | None:
    """A reading of any mood, or none, the sort that comes in over three days."""
    if chance.random() < 0.15:
        return None
    mood = chance.uniform(-1, 1)
    return reading(
        round(mood, 4), topic=chance.randrange(4), confidence=round(chance.uniform(0.2, 1), 4),
        frustration=round(max(0.0, -mood), 4), delight=round(max(0.0, mood), 4),
    )  # fmt: skip


def silence(watch: Watch, *, since: datetime, until: datetime) -> None:
    """Let the watch look at the very moments at which somebody has waited for a quarter of an hour."""
    waiting = Conversation.objects.filter(waiting_since__isnull=False).values_list("waiting_since", flat=True)
    for moment in sorted(begun + timedelta(seconds=900) for begun in waiting if begun):
        if since < moment < until:
            watch.look(moment)


def three_days(cast: Members) -> None:
    """Let nine conversations of four contacts and a stranger go by, interleaved, with answers of ours and late mail."""
    chance = random.Random(20260302)
    people = [Contact.objects.create(name=f"P{n}", created_at=minutes(n * 60)) for n in range(4)]
    for number, person in enumerate(people[:2]):
        Order.objects.create(contact=person, number=f"O{number}", total=75 * (number + 1), placed_at=minutes(100))
    opening = [minutes(chance.uniform(0, 1000)) for _ in range(9)]
    stages = [
        Stage(people[n % 4] if n < 8 else None, chance.choice([cast.care, cast.press]), chance.choice(list(Channel)),
              fields={"at": opened, "assignee": chance.choice([cast.ben, cast.cleo, None])})
        for n, opened in enumerate(opening)
    ]  # fmt: skip
    cast.care.alerts_per_hour = cast.press.alerts_per_hour = 1
    cast.care.save(), cast.press.save()
    when = sorted(chance.uniform(1000, 4200) for _ in range(220))
    watch = Watch()
    for before, moment in pairwise([1000.0, *when, 4320.0]):
        silence(watch, since=minutes(before), until=minutes(moment))
        stage, at = chance.choice(stages), minutes(moment)
        if at == EVENING:
            return
        if chance.random() < 0.25:
            stage.answers(chance.choice(["Within 2 hours.", "Unfortunately we cannot refund it."]), at=at)
        else:
            read = read_at_random(chance) if stage.contact else None
            text = chance.choice(["Where is my kettle?", "My lawyer will call", "The seal leaks again", "Thanks"])
            stage.says(text, at=at, read=read, now=at + timedelta(seconds=chance.choice([0, 0, 0, 5])))


def as_raised(flags: Any) -> list[tuple[datetime, str, str, list[str]]]:
    rows = flags.order_by("raised_at", "message__occurred_at").values_list(
        "raised_at", "message_id", "held", "counterfactual"
    )
    return list(rows)


def as_foretold(found: Backtest) -> list[tuple[datetime, str, str, list[str]]]:
    return [(one.at, one.message_id, one.held.value, list(one.counterfactual)) for one in found.flags]


@pytest.mark.parametrize("name", RULES)
def test_live_and_replayed_are_identical(cast: Members, name: str) -> None:
    made = rule(name, RULES[name], cooldown_seconds=3600)
    three_days(cast)
    live = as_raised(Flag.objects.all())
    found = backtest(made, days=3, now=EVENING)
    assert len(live) >= 2
    assert as_foretold(found) == live


def test_a_window_that_begins_in_the_middle_sees_what_live_saw(cast: Members) -> None:
    rules = [rule(name, condition, cooldown_seconds=0) for name, condition in RULES.items()]
    three_days(cast)
    since = minutes(2500)
    for made in rules:
        found = backtest(made, days=(EVENING - since) / timedelta(days=1), now=EVENING)
        raised = Flag.objects.filter(rule=made, raised_at__gte=since, message__occurred_at__gte=since)
        live = set(raised.values_list("message_id", flat=True))
        earlier = set(Flag.objects.filter(rule=made, raised_at__lt=since).values_list("conversation_id", flat=True))
        fresh = {flag.message_id for flag in found.flags if flag.conversation_id not in earlier}
        assert fresh == live


def test_counts_messages_conversations_and_days(cast: Members) -> None:
    made = save_rule("frustrated", title="t", purpose="service", condition=FRUSTRATED, now=MORNING)
    people = [Contact.objects.create(name="Somebody", created_at=MORNING) for _ in range(3)]
    for day, person in enumerate(people):
        stage = Stage(person, cast.care)
        stage.says(at=MORNING + timedelta(days=day), read=frustrated())
        stage.says(at=MORNING + timedelta(days=day, minutes=1), read=frustrated())
    Stage(None, cast.care).says(at=minutes(1))
    found = backtest(made, days=3, now=EVENING)
    assert (found.messages, found.conversations, found.held_for, len(found.flags)) == (7, 4, 6, 3)
    assert (found.days, found.flagged_share) == (3.0, 0.75)
    assert found.per_day == {(MORNING + timedelta(days=day)).date(): 1 for day in range(3)}
    first = found.flags[0]
    assert first.reasons == ("Expressed frustration was 0.80 (at least 0.50)",)
    assert first.counterfactual == ("Had expressed frustration been below 0.50 (it was 0.80).",)
    assert (first.contact_id, first.held) == (people[0].pk, Held.NO)
    assert Flag.objects.count() == 0


def test_only_the_days_asked_for_are_looked_at(cast: Members) -> None:
    made = rule(cooldown_seconds=0)
    stage = Stage(Contact.objects.create(name="Somebody", created_at=MORNING), cast.care)
    stage.says(at=minutes(0), read=frustrated())
    Flag.objects.all().delete()
    stage.says(at=minutes(600), read=frustrated())
    found = backtest(made, days=1, now=minutes(600 + 24 * 60 - 1))
    assert [flag.at for flag in found.flags] == [minutes(600)]
    assert found.messages == 1


def test_alerts_of_other_rules_count_against_the_budget(cast: Members) -> None:
    cast.care.alerts_per_hour = 1
    cast.care.save()
    rule("other", is_("reading.valence", "<=", -0.5))
    made = disable_rule(rule(), now=MORNING)
    for number in range(2):
        person = Contact.objects.create(name="Somebody", created_at=MORNING)
        Stage(person, cast.care).says(at=minutes(number * 60), read=frustrated())
    found = backtest(made, days=3, now=EVENING)
    assert (found.held(Held.BUDGET), found.held(Held.NO), found.held(Held.QUIET)) == (2, 0, 0)
    assert len(backtest(Rule.objects.get(name="other"), days=3, now=EVENING).flags) == 2


def test_a_correction_counts_from_the_start(cast: Members) -> None:
    made = rule()
    Stage(Contact.objects.create(name="Somebody", created_at=MORNING), cast.care).says(at=minutes(0), read=frustrated())
    correct_reading(StoredReading.objects.get(), cx="neutral", by=cast.ben, now=minutes(1))
    assert backtest(made, days=3, now=EVENING).flags == ()
    assert StoredReading.objects.get().cx["frustration"] == 0.8


def test_what_an_import_brought_is_judged_as_of_when_it_was_written(cast: Members) -> None:
    made = rule()
    person = Contact.objects.create(name="Somebody", created_at=MORNING)
    imported = MORNING + timedelta(days=30)
    assert Stage(person, cast.care).says(at=minutes(0), read=frustrated(), now=imported) == []
    assert [flag.at for flag in backtest(made, days=60, now=imported).flags] == [minutes(0)]


def test_a_resolved_conversation_was_open_when_its_customer_wrote(cast: Members) -> None:
    made = rule("open", {"all": [FRUSTRATED, is_("conversation.status", "==", "open")]})
    stage = Stage(Contact.objects.create(name="Somebody", created_at=MORNING), cast.care)
    stage.says(at=minutes(0), read=frustrated())
    Conversation.objects.update(status="resolved")
    assert len(backtest(made, days=3, now=EVENING).flags) == 1
    assert Conversation.objects.get().status == "resolved"


def test_memory_is_bounded_by_refusing_what_holds_everywhere(cast: Members, monkeypatch: pytest.MonkeyPatch) -> None:
    made = rule()
    for _ in range(3):
        person = Contact.objects.create(name="Somebody", created_at=MORNING)
        Stage(person, cast.care).says(at=minutes(0), read=frustrated())
    monkeypatch.setattr(module, "MOST_HITS", 2)
    with pytest.raises(TooWideError, match="frustrated holds for more than 2 messages"):
        backtest(made, days=3, now=EVENING)


def test_tells_how_far_it_is(cast: Members) -> None:
    made = rule()
    for _ in range(3):
        Stage(None, cast.care).says(at=minutes(0))
    heard: list[int] = []
    backtest(made, days=3, now=EVENING, progress=heard.append)
    assert heard == [3]


def test_a_rule_need_not_be_saved_but_must_be_one() -> None:
    draft = Rule(name="draft", title="Draft", purpose="service", condition={"x": 1})
    with pytest.raises(ConditionError):
        backtest(draft, days=1, now=EVENING)
    draft.condition = FRUSTRATED
    assert backtest(draft, days=1, now=EVENING).flags == ()
    assert Rule.objects.count() == 0
