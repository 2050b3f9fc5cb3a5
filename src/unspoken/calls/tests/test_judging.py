"""Flags of calls under way: the shipped rules, on rows that are really there, each once and with what it rests on."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.core.exceptions import ValidationError

from unspoken.affect.reading import Producer, Reason
from unspoken.calls.happenings import Ended, Sounded, Track
from unspoken.calls.line import Line
from unspoken.calls.models import Call
from unspoken.calls.tests.lines import Telephone, began, intake_is_here, permits, phone
from unspoken.conversations.models import Kind
from unspoken.flags.actions import decide_flag, save_rule
from unspoken.flags.conditions import leaves, parse
from unspoken.flags.context import FIELDS
from unspoken.flags.defaults import install_default_rules
from unspoken.flags.models import Flag
from unspoken.flags.purposes import PurposeError, check_purpose
from unspoken.intake.pipeline import Pipeline
from unspoken.intake.tests.fake import START, consents, read, said
from unspoken.journal.models import Entry
from unspoken.people.models import Channel, Contact
from unspoken.perception.voice.activity import Activity
from unspoken.perception.voice.cues import Cues
from unspoken.perception.voice.ear import Portion
from unspoken.perception.voice.ears import Answer, Orders
from unspoken.perception.voice.listener import Heard
from unspoken.privacy.models import Decision
from unspoken.readings.models import ToneReading
from unspoken.staff.tests.cast import members

pytestmark = pytest.mark.django_db

PRODUCER = Producer("made", "1", "0" * 64)
NO_CUES = Cues(*[float("nan")] * 5)
SECOND = b"\xff" * 8_000
Voice = Callable[[float], float | None]
"""The chance of stress in the window that ends with a second of the call; None: nobody speaks then."""


class Scripted:
    """Ears that hear in each second what the script says, whatever its sound is."""

    def __init__(self, voice: Voice) -> None:
        self._voice, self._heard, self._told = voice, dict[str, float](), dict[str, float]()

    def listen(self, orders: Sequence[Orders]) -> list[Answer]:
        return [self._one(each) for each in orders]

    def _one(self, orders: Orders) -> Answer:
        if orders.opening:
            self._heard[orders.call] = self._told[orders.call] = float(orders.opening["begins"])
        for name, given in orders.steps:
            self._heard[orders.call] += len(given[0]) / len(SECOND) if name == "take" else 0.0
        portion = Portion()
        while self._heard[orders.call] - self._told[orders.call] >= 1.0:
            self._told[orders.call] += 1.0
            portion.add(self._second(self._told[orders.call]))
        return Answer(portion, producer=PRODUCER)

    def _second(self, ends: float) -> Portion:
        stress, nobody = self._voice(ends), np.zeros(50, np.bool_)
        activity = Activity(ends - 1.0, ends, nobody if stress is None else ~nobody, nobody)
        scales = {} if stress is None else {"arousal": stress, "stress": stress}
        reason = Reason.TOO_SHORT if stress is None else None
        window = Heard(ends - 3.0, ends, 0.0, reason, scales, scales, {}, NO_CUES, (), activity)
        return Portion([window] if ends >= 3.0 else [], [activity])


@pytest.fixture(autouse=True)
def intake(db: None) -> Iterator[None]:
    install_default_rules(START)
    with intake_is_here():
        yield


def calls(voice: Voice, *, call_id: str = "call-1", after: float = 0.0) -> tuple[Telephone, Line]:
    """Let Mina call so many seconds after the start."""
    telephone = Telephone(start=START + timedelta(seconds=after))
    telephone.exchange._ears = Scripted(voice)
    return telephone, telephone.dials(began(call_id))


def goes_on(telephone: Telephone, line: Line, *, until: int) -> None:
    """Let the call go on up to a second of it, listened to every second; its last 0.2 seconds are waited for longer."""
    for second in range(round(line.heard_until), until):
        for track in (Track.CUSTOMER, Track.AGENT):
            line.take(Sounded(track=track, at=float(second), payload=SECOND))
        telephone.exchange.turn(telephone.moment(second + 1.0))


def says(text: str, begins: float, ends: float, *, call_id: str = "call-1", after: float = 0.0) -> None:
    """Let what Mina said in a call come in, and be read."""
    line = said(
        text, f"{call_id}#said-{begins}", minutes=(after + begins) / 60, source="pcm:phone", conversation_id=call_id,
        channel=Channel.CALL, kind=Kind.SEGMENT, inbox=phone().name, metadata={"begins": begins, "ends": ends},
    )  # fmt: skip
    Pipeline(read).receive([line], now=START + timedelta(seconds=after + ends))


def raised() -> list[str]:
    return list(Flag.objects.order_by("raised_at", "id").values_list("rule__name", flat=True))


def seen(flag: Flag) -> dict[str, Any]:
    """Return by field what a flag's rule saw."""
    return {leaf["field"]: leaf["seen"] for leaf in flag.evidence["leaves"]}


def tense_after(second: float) -> Voice:
    return lambda ends: 0.8 if ends > second else 0.2


def test_stress_that_rises_is_flagged_once_with_what_was_heard(mina: Contact) -> None:
    permits(mina)
    telephone, line = calls(tense_after(12))
    goes_on(telephone, line, until=16)
    assert raised() == []  # tense for three seconds only
    goes_on(telephone, line, until=60)
    [flag] = Flag.objects.all()
    assert (flag.rule.name, flag.contact, flag.held, flag.raised_at) == (
        "rising-stress", mina, "", telephone.moment(17.0)
    )  # fmt: skip
    assert seen(flag) == {"voice.tense_for": 4.0, "voice.rise": pytest.approx(0.6)}
    assert flag.evidence["call"]["tense_for"] == 4.0
    assert flag.evidence["call"]["rise"] == pytest.approx(0.6)
    assert flag.evidence["call"]["stress"] == 0.8
    assert ToneReading.objects.filter(ends=16.0).get().scales["stress"] == 0.8
    assert Entry.objects.filter(kind="flag.raised").count() == 1


def test_a_voice_that_was_always_so_raises_nothing(mina: Contact) -> None:
    permits(mina)
    telephone, line = calls(lambda ends: 0.8)
    goes_on(telephone, line, until=60)
    assert raised() == []


def test_a_flag_that_was_settled_does_not_come_again_before_its_time(mina: Contact) -> None:
    permits(mina)
    ada = members().ada
    cooldown = 3600
    for number, (after, expected) in enumerate([(0.0, 1), (600.0, 1), (cooldown + 120.0, 2)]):
        telephone, line = calls(tense_after(12), call_id=f"call-{number}", after=after)
        goes_on(telephone, line, until=30)
        line.take(Ended())
        telephone.exchange.turn(telephone.moment(30.5))
        flags = Flag.objects.filter(rule__name="rising-stress")
        assert flags.count() == expected
        for flag in flags.filter(status="open"):
            decide_flag(flag, status="resolved", by=ada, now=telephone.moment(40.0))


def test_calm_words_in_a_tense_voice_are_flagged_as_they_are_said(mina: Contact) -> None:
    permits(mina)
    consents(mina)
    telephone, line = calls(tense_after(12))
    goes_on(telephone, line, until=14)
    says("that is fine, thanks", 12.0, 14.0)
    goes_on(telephone, line, until=17)
    flag = Flag.objects.get(rule__name="voice-and-words-part")
    assert (flag.message.text, flag.message.metadata["begins"]) == ("that is fine, thanks", 12.0)
    assert flag.evidence["call"]["parting"] == "voice_tense"
    assert flag.evidence["reading_id"] is not None
    assert flag.raised_at == telephone.moment(16.0)  # tense for three seconds
    goes_on(telephone, line, until=30)
    assert raised().count("voice-and-words-part") == 1


@pytest.mark.parametrize(
    ("voice", "text"), [(tense_after(12), "this is terrible"), (lambda ends: 0.2, "that is fine, thanks")]
)
def test_words_and_voice_that_agree_do_not_part(mina: Contact, voice: Voice, text: str) -> None:
    permits(mina)
    consents(mina)
    telephone, line = calls(voice)
    goes_on(telephone, line, until=14)
    says(text, 12.0, 14.0)
    goes_on(telephone, line, until=40)
    assert "voice-and-words-part" not in raised()


def test_what_was_said_long_ago_says_nothing_of_a_voice_that_is_tense_now(mina: Contact) -> None:
    permits(mina)
    consents(mina)
    telephone, line = calls(lambda ends: 0.8 if 12 < ends <= 14 or ends > 40 else 0.2)
    goes_on(telephone, line, until=14)
    says("that is fine, thanks", 12.0, 14.0)
    goes_on(telephone, line, until=60)
    assert "voice-and-words-part" not in raised()


def on_hold_from(second: float) -> Voice:
    return lambda ends: None if ends > second else 0.2


def test_a_long_hold_after_a_complaint_is_flagged_once(mina: Contact) -> None:
    permits(mina)
    consents(mina)
    telephone, line = calls(on_hold_from(20))
    goes_on(telephone, line, until=20)
    says("this is terrible", 16.0, 19.0)
    goes_on(telephone, line, until=65)
    assert raised() == []
    goes_on(telephone, line, until=90)
    [flag] = Flag.objects.all()
    assert (flag.rule.name, flag.raised_at, flag.message.text) == (
        "hold-after-complaint", telephone.moment(66.0), "this is terrible"
    )  # fmt: skip
    assert flag.evidence["call"]["hold_after_complaint"] == pytest.approx(45.8)


def test_a_hold_without_a_complaint_is_no_concern(mina: Contact) -> None:
    permits(mina)
    consents(mina)
    telephone, line = calls(on_hold_from(20))
    goes_on(telephone, line, until=20)
    says("thanks, I can wait", 16.0, 19.0)
    goes_on(telephone, line, until=90)
    assert raised() == []


def test_a_hold_after_a_tense_voice_needs_no_words(mina: Contact) -> None:
    permits(mina)
    telephone, line = calls(lambda ends: None if ends > 20 else 0.8)
    goes_on(telephone, line, until=90)
    assert raised() == ["hold-after-complaint"]


def test_the_third_call_within_a_week_is_flagged_once(mina: Contact) -> None:
    permits(mina)
    day = 86_400.0
    for number, (after, expected) in enumerate([(0.0, 0), (2 * day, 0), (4 * day, 1), (4.1 * day, 1)]):
        telephone, line = calls(lambda ends: 0.2, call_id=f"call-{number}", after=after)
        goes_on(telephone, line, until=40)
        line.take(Ended())
        telephone.exchange.turn(telephone.moment(41.0))
        assert raised() == ["repeated-call"] * expected
    [flag] = Flag.objects.all()
    assert flag.evidence["call"]["recent_calls"] == 2
    assert flag.conversation == Call.objects.get(conversation__external_id="call-2").conversation


def test_the_third_call_is_flagged_also_where_no_voice_may_be_read(mina: Contact) -> None:
    for number in range(3):
        telephone, line = calls(lambda ends: 0.9, call_id=f"call-{number}", after=number * 86_400.0)
        goes_on(telephone, line, until=40)
        assert not line.is_read
        line.take(Ended())
        telephone.exchange.turn(telephone.moment(41.0))
    assert raised() == ["repeated-call"]
    [flag] = Flag.objects.all()
    assert flag.evidence["call"]["recent_calls"] == 2
    assert flag.evidence["call"]["silence"] is None


def test_calls_of_more_than_a_week_ago_do_not_count(mina: Contact) -> None:
    permits(mina)
    for number, after in enumerate([0.0, 6 * 86_400.0, 7.1 * 86_400.0]):
        telephone, line = calls(lambda ends: 0.2, call_id=f"call-{number}", after=after)
        goes_on(telephone, line, until=40)
        line.take(Ended())
        telephone.exchange.turn(telephone.moment(41.0))
    assert raised() == []


def test_what_is_no_longer_permitted_raises_nothing(mina: Contact) -> None:
    permits(mina)
    telephone, line = calls(tense_after(12))
    goes_on(telephone, line, until=15)
    permits(mina, decision=Decision.WITHDRAWN)
    goes_on(telephone, line, until=60)
    assert (raised(), ToneReading.objects.count()) == ([], 12)


ASKED: dict[str, tuple[str, Any]] = {
    "voice.stress": (">=", 0.5), "voice.rise": (">=", 0.2), "voice.tense_for": (">", 3), "voice.parting": ("==",
    "voice_tense"), "call.silence": (">=", 30), "call.hold_after_complaint": (">=", 30), "call.recent": (">=", 2),
    "call.distress": (">=", 0.5),
}  # fmt: skip


def test_every_field_of_a_call_is_tried_below() -> None:
    assert {name for name in FIELDS if name.startswith(("voice.", "call."))} == set(ASKED)


@pytest.mark.parametrize("field", sorted(ASKED))
@pytest.mark.parametrize("purpose", ["marketing", "gratitude"])
def test_what_a_voice_or_a_line_tells_may_not_sell(field: str, purpose: str) -> None:
    op, value = ASKED[field]
    condition = {"field": field, "op": op, "value": value}
    with pytest.raises(PurposeError, match=f"A rule for {purpose} may not ask for negative emotion"):
        check_purpose(purpose, parse(condition))
    with pytest.raises(ValidationError):
        save_rule("sells", title="Sells", purpose=purpose, condition=condition, now=START)
    check_purpose("service", parse(condition))
    assert [leaf.field for leaf in leaves(parse(condition))] == [field]
