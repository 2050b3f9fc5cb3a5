"""What happens between two moments of a call: withdrawals, merges, other connections, and databases that give way."""

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError

from unspoken.calls import exchange as exchanges
from unspoken.calls.exchange import Exchange
from unspoken.calls.happenings import Ended, Pressed, Track
from unspoken.calls.line import Line
from unspoken.calls.models import Call, ToneState
from unspoken.calls.opening import end_lost_calls
from unspoken.calls.tests.conftest import mina
from unspoken.calls.tests.lines import Telephone, began, frames, intake_is_here, permits, spoken
from unspoken.conversations.models import Conversation, Message
from unspoken.flags.models import Flag
from unspoken.intake import batcher
from unspoken.intake.tests.fake import OTTO, START
from unspoken.journal.models import Entry
from unspoken.people.actions import merge_contacts
from unspoken.people.actions.resolve import Known, resolve_contacts
from unspoken.people.models import Contact
from unspoken.perception.voice.ears import Answer, EarsHere, Orders
from unspoken.privacy.models import ConsentDecision, Decision, Purpose
from unspoken.readings.actions import usual_voice
from unspoken.readings.models import ToneReading

__all__ = ["mina"]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def intake() -> Iterator[None]:
    with intake_is_here():
        yield


@pytest.fixture
def otto(db: None) -> Contact:
    """Otto, whom nobody has asked yet."""
    [contact_id] = resolve_contacts([Known((("email", "otto@example.org"),), "Otto")], now=START)
    return Contact.objects.get(id=contact_id)


class EarsAnd(EarsHere):
    """Ears in whose midst something happens, once they have heard."""

    def __init__(self, then: Callable[[], object]) -> None:
        super().__init__()
        self.then = then

    def listen(self, orders: Sequence[Orders]) -> list[Answer]:
        answers = super().listen(orders)
        self.then()
        return answers


class Failing:
    """Fails so many times, then does what it stands for; counts how often it was asked."""

    def __init__(self, error: Exception, times: int, instead: Callable[..., Any]) -> None:
        self.error, self.times, self.instead, self.asked = error, times, instead, 0

    def __call__(self, *given: Any, **named: Any) -> Any:
        self.asked += 1
        if self.asked <= self.times:
            raise self.error
        return self.instead(*given, **named)


FULL = OperationalError("database or disk is full")


def timeline(call_id: str = "call-1") -> list[str]:
    rows = Message.objects.filter(conversation__external_id=call_id, author_kind="system")
    return list(rows.order_by("occurred_at", "id").values_list("text", flat=True))


def windows(call_id: str = "call-1") -> list[tuple[float, str]]:
    rows = ToneReading.objects.filter(conversation__external_id=call_id).order_by("begins")
    return [(row.begins, row.reason and str(row.reason)) for row in rows]


def begins(call_id: str = "call-1") -> list[float]:
    return [begin for begin, reason in windows(call_id) if reason != "interrupted"]


def turns(phone: Telephone, count: int, *, at: float) -> None:
    """Let the exchange go on as its thread does, whatever it raises."""
    for number in range(count):
        try:
            phone.exchange.turn(phone.moment(at + number / 4))
        except OperationalError:
            continue


# Withdrawals


def test_a_withdrawal_between_listening_and_storing_keeps_everything_out(mina: Contact) -> None:
    permits(mina)
    phone = Telephone()
    line = phone.dials()
    first, rest = frames(Track.CUSTOMER, spoken(5.0)), frames(Track.CUSTOMER, spoken(4.0, seed=2), at=5.0)
    phone.sends(line, *first)
    before = windows()
    ears = phone.exchange._ears
    assert isinstance(ears, EarsHere)
    meddling = EarsAnd(lambda: permits(mina, decision=Decision.WITHDRAWN))
    meddling._ears, phone.exchange._ears = ears._ears, meddling
    for one in rest:
        line.take(one)
    phone.exchange.turn(phone.moment(9.0))
    meddling.then = lambda: None
    assert (windows(), Flag.objects.count()) == (before, 0)
    phone.exchange.turn(phone.moment(9.25))
    assert (line.is_read, line.tone, line.told, len(phone.quieted)) == (False, ToneState.WITHDRAWN, [], 1)
    assert len(line.windows) == len(before)
    phone.sends(line, *frames(Track.CUSTOMER, spoken(4.0, seed=3), at=9.0))
    assert windows() == before


def test_a_key_that_was_pressed_while_nothing_can_be_written_still_withdraws(
    mina: Contact, monkeypatch: pytest.MonkeyPatch
) -> None:
    permits(mina)
    phone = Telephone()
    line = phone.dials()
    line._withdraw_key = "9"
    phone.sends(line, *frames(Track.CUSTOMER, spoken(4.0)))
    failing = Failing(FULL, 2, exchanges.record_consent)
    monkeypatch.setattr(exchanges, "record_consent", failing)
    line.take(Pressed("9", Track.CUSTOMER))
    for one in frames(Track.CUSTOMER, spoken(4.0, seed=2), at=4.0):
        line.take(one)
    before = windows()
    turns(phone, 3, at=8.0)
    assert ConsentDecision.objects.latest("id").decision == "withdrawn"
    assert (failing.asked, line.is_read, windows()) == (3, False, before)


def test_a_permission_that_is_given_anew_is_no_withdrawal(mina: Contact) -> None:
    permits(mina)
    phone = Telephone()
    line = phone.dials()
    phone.sends(line, *frames(Track.CUSTOMER, spoken(6.0)))
    newest = permits(mina)
    phone.sends(line, *frames(Track.CUSTOMER, spoken(6.0, seed=2), at=6.0))
    assert (line.is_read, line.tone, phone.quieted) == (True, ToneState.READ, [])
    assert not any("withdrew" in said for said in timeline())
    assert ToneReading.objects.filter(begins__gte=6).exclude(consent_id=newest).count() == 0
    assert ToneReading.objects.latest("begins").begins >= 8.0


# Merges


def test_a_call_is_read_on_when_its_contact_is_merged_into_another(mina: Contact, otto: Contact) -> None:
    permits(mina)
    phone = Telephone()
    line = phone.dials()
    phone.sends(line, *frames(Track.CUSTOMER, spoken(6.0)))
    merge_contacts(otto, mina, now=START)
    phone.sends(line, *frames(Track.CUSTOMER, spoken(6.0, seed=2), at=6.0))
    line.take(Ended())
    phone.exchange.turn(phone.moment(12.5))
    assert begins() == [float(second) for second in range(10)]
    assert {row.contact_id for row in ToneReading.objects.all()} == {otto.id}
    assert (phone.quieted, [said for said in timeline() if "withdrew" in said]) == ([], [])


def test_a_merge_between_listening_and_storing_loses_nothing(mina: Contact, otto: Contact) -> None:
    permits(mina)
    phone = Telephone()
    merging: list[Callable[[], object]] = [lambda: merge_contacts(otto, mina, now=START)]
    phone.exchange._ears = EarsAnd(lambda: merging.pop()() if line.heard_until > 6 and merging else None)
    line = phone.dials()
    phone.sends(line, *frames(Track.CUSTOMER, spoken(10.0)))
    line.take(Ended())
    turns(phone, 2, at=10.5)
    assert (merging, line.tone, phone.quieted) == ([], ToneState.READ, [])
    assert begins() == [float(second) for second in range(8)]


def test_a_call_is_not_read_on_when_it_turns_out_to_be_of_somebody_who_refused(mina: Contact, otto: Contact) -> None:
    permits(mina)
    phone = Telephone()
    line = phone.dials()
    phone.sends(line, *frames(Track.CUSTOMER, spoken(6.0)))
    permits(otto, decision=Decision.REFUSED)
    merge_contacts(otto, mina, now=START)
    before = windows()
    phone.sends(line, *frames(Track.CUSTOMER, spoken(6.0, seed=2), at=6.0))
    assert (windows(), line.is_read, len(phone.quieted)) == (before, False, 1)


def test_a_call_is_read_on_under_the_decision_of_the_contact_that_is_left(mina: Contact, otto: Contact) -> None:
    permits(mina)
    theirs = permits(otto)
    phone = Telephone()
    line = phone.dials()
    phone.sends(line, *frames(Track.CUSTOMER, spoken(6.0)))
    merge_contacts(otto, mina, now=START)
    phone.sends(line, *frames(Track.CUSTOMER, spoken(6.0, seed=2), at=6.0))
    assert (line.is_read, phone.quieted) == (True, [])
    assert ToneReading.objects.latest("begins").consent_id == theirs


def test_a_caller_who_becomes_known_is_read_from_there_on(mina: Contact) -> None:
    permits(mina)
    phone = Telephone()
    line = phone.dials(began(person=None))
    phone.sends(line, *frames(Track.CUSTOMER, spoken(4.0)))
    Conversation.objects.update(contact=mina)
    phone.sends(line, *frames(Track.CUSTOMER, spoken(5.1), at=4.0))
    assert begins() == [5.0]


def test_a_call_that_was_erased_is_not_made_anew_and_holds_nobody_up(mina: Contact, otto: Contact) -> None:
    permits(mina)
    permits(otto)
    phone = Telephone()
    erased, other = phone.dials(), phone.dials(began("call-2", person=OTTO))
    phone.sends(erased, *frames(Track.CUSTOMER, spoken(4.0)))
    Conversation.objects.filter(external_id="call-1").delete()
    for one in frames(Track.CUSTOMER, spoken(4.0, seed=2), at=4.0):
        erased.take(one)
    phone.sends(other, *frames(Track.CUSTOMER, spoken(5.0)))
    erased.take(Ended())
    turns(phone, 3, at=9.0)
    assert list(Conversation.objects.values_list("external_id", flat=True)) == ["call-2"]
    assert (phone.exchange.lines, begins("call-2")) == ([other], [0.0, 1.0])


# Ends


def test_what_a_database_could_not_take_for_several_turns_is_all_there_afterwards(
    mina: Contact, monkeypatch: pytest.MonkeyPatch
) -> None:
    permits(mina)
    phone = Telephone()
    line = phone.dials()
    monkeypatch.setattr(exchanges, "store_tones", Failing(FULL, 5, exchanges.store_tones))
    for second in range(9):
        for one in frames(Track.CUSTOMER, spoken(1.0, seed=second), at=float(second)):
            line.take(one)
        turns(phone, 1, at=second + 1.0)
    assert begins() == [float(second) for second in range(6)]


def test_an_end_that_cannot_be_written_is_tried_again_and_written_once(
    mina: Contact, monkeypatch: pytest.MonkeyPatch
) -> None:
    permits(mina)
    permits(mina, Purpose.BASELINE)
    phone = Telephone()
    line = phone.dials()
    phone.sends(line, *frames(Track.CUSTOMER, spoken(8.0)))
    remember = Failing(FULL, 3, exchanges.remember_usual_voice)
    monkeypatch.setattr(exchanges, "remember_usual_voice", remember)
    line.take(Ended())
    turns(phone, 3, at=8.5)
    assert (Call.objects.get().ended_at, phone.exchange.lines) == (None, [line])
    turns(phone, 2, at=9.5)
    assert (Call.objects.get().ended_at, phone.exchange.lines) == (phone.moment(9.5), [])
    assert usual_voice(mina.id)[0] is not None  # it was not forgotten meanwhile
    assert begins() == [float(second) for second in range(6)]
    assert Entry.objects.filter(kind="call.ended").count() == 1
    assert timeline()[-1].startswith("The call ended after 0:08.")


def test_an_end_whose_timeline_has_no_room_is_written_once(mina: Contact, monkeypatch: pytest.MonkeyPatch) -> None:
    permits(mina)
    phone = Telephone()
    line = phone.dials()
    phone.sends(line, *frames(Track.CUSTOMER, spoken(4.0)))
    busy = Failing(batcher.Busy("full"), 3, batcher.submit)
    monkeypatch.setattr(batcher, "submit", busy)
    line.take(Ended())
    turns(phone, 30, at=4.5)
    assert phone.exchange.lines == []
    assert Entry.objects.filter(kind="call.ended").count() == 1
    assert [said for said in timeline() if said.startswith("The call ended")] == [timeline()[-1]]


def test_a_line_of_the_timeline_that_was_not_stored_is_said_again(
    mina: Contact, monkeypatch: pytest.MonkeyPatch
) -> None:
    from concurrent.futures import Future

    permits(mina)
    phone = Telephone()
    line = phone.dials()
    lost: Future[Any] = Future()
    lost.set_exception(FULL)
    monkeypatch.setattr(batcher, "submit", _first(lost, batcher.submit))
    phone.sends(line, *frames(Track.CUSTOMER, spoken(4.0)))
    line.take(Ended())
    turns(phone, 60, at=4.5)
    assert timeline()[1] == "The tone of the customer's voice is read from here on, as they permit."
    assert (len(timeline()), phone.exchange.lines) == (3, [])


def _first(answer: object, then: Callable[..., Any]) -> Callable[..., Any]:
    answers = [answer]
    return lambda *given, **named: answers.pop() if answers else then(*given, **named)


def test_an_end_that_can_never_be_written_is_given_up_and_holds_nobody_up(
    mina: Contact, otto: Contact, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    permits(mina)
    permits(otto)
    phone = Telephone()
    ending, other = phone.dials(), phone.dials(began("call-2", person=OTTO))
    phone.sends(ending, *frames(Track.CUSTOMER, spoken(4.0)))
    standing = Line.standing

    def broken(self: Line, now: Any) -> Call:
        if self is ending:
            raise IntegrityError("something is wrong with this one")
        return standing(self, now)

    monkeypatch.setattr(Line, "standing", broken)
    ending.take(Ended())
    with caplog.at_level(logging.ERROR):
        for second in range(1, 100):
            phone.exchange.turn(phone.moment(4.0 + second))
    assert phone.exchange.lines == [other]
    said = [record.getMessage() for record in caplog.records]
    assert [one for one in said if one.startswith("The end of the call")] == [
        f"The end of the call {ending.conversation_id} could not be written and is given up; it is ended without what "
        "was not yet stored of it."
    ]  # fmt: skip
    assert len(said) <= 5  # not at every turn
    assert end_lost_calls(phone.moment(300)) == 2
    assert Call.objects.get(conversation__external_id="call-1").ended_at is not None


def test_rules_that_break_down_keep_nothing_from_being_stored(
    mina: Contact, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    permits(mina)
    phone = Telephone()
    monkeypatch.setattr(exchanges, "judge", Failing(KeyError("mood"), 1_000, exchanges.judge))
    with caplog.at_level(logging.ERROR):
        phone.sends(phone.dials(), *frames(Track.CUSTOMER, spoken(6.0)))
    assert begins() == [0.0, 1.0, 2.0]
    assert len(caplog.records) == 1


def test_one_call_that_the_database_refuses_keeps_no_other_from_being_stored(
    mina: Contact, otto: Contact, monkeypatch: pytest.MonkeyPatch
) -> None:
    permits(mina)
    permits(otto)
    phone = Telephone()
    refused, other = phone.dials(), phone.dials(began("call-2", person=OTTO))
    store = exchanges.store_tones

    def refuses(told: Any, *, now: Any) -> Any:
        if any(one.conversation_id == refused.conversation_id for one in told):
            raise IntegrityError("it is there already")
        return store(told, now=now)

    monkeypatch.setattr(exchanges, "store_tones", refuses)
    for line in (refused, other):
        for one in frames(Track.CUSTOMER, spoken(5.0)):
            line.take(one)
    phone.exchange.turn(phone.moment(5.0))
    assert (begins("call-1"), begins("call-2"), refused.told) == ([], [0.0, 1.0], [])


def test_an_end_that_comes_while_the_others_are_listened_to_loses_nothing(
    mina: Contact, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stream ends just after the exchange has looked which lines are over, and before it asks for their sound."""
    permits(mina)
    permits(mina, Purpose.BASELINE)
    phone = Telephone()
    line = phone.dials()
    phone.sends(line, *frames(Track.CUSTOMER, spoken(8.0)))
    orders = line.orders
    monkeypatch.setattr(line, "orders", lambda **named: (line.take(Ended()), orders(**named))[1])
    turns(phone, 3, at=8.25)
    assert (begins(), phone.exchange.lines) == ([float(second) for second in range(6)], [])
    assert usual_voice(mina.id)[0] is not None
    assert round(Call.objects.get().heard_until, 2) == 8.0


# Lines


def test_another_connection_of_the_same_call_takes_it_over(mina: Contact) -> None:
    permits(mina)
    phone = Telephone()
    line = phone.dials()
    phone.sends(line, *frames(Track.CUSTOMER, spoken(5.0)))
    other = phone.dials(after=5.0)
    assert (line.ended, phone.exchange.lines) == (Ended(over=False), [other])
    phone.sends(other, *frames(Track.CUSTOMER, spoken(5.0, seed=2)))
    assert begins() == [0.0, 1.0, 2.0, 5.0, 6.0]


def test_two_connections_that_open_the_same_call_at_once_do_not_both_listen(mina: Contact) -> None:
    permits(mina)
    phone = Telephone()
    between: list[Line] = []

    class Meddling(Exchange):
        """Lets another connection come in just when the first has found nobody to put away."""

        def release(self, conversation_id: str = "", *, timeout: float = 5.0) -> bool:
            done = super().release(conversation_id, timeout=timeout)
            if not self.is_used:
                self.is_used = True
                between.append(phone.dials())
            return done

        is_used = False

    phone.exchange = Meddling(by_itself=False, ears=EarsHere())
    line = phone.dials()
    assert (phone.exchange.lines, between[0].ended) == ([line], Ended(over=False))
    phone.sends(line, *frames(Track.CUSTOMER, spoken(5.0)))
    assert begins() == [0.0, 1.0]


def test_a_call_that_was_killed_before_it_was_noted_goes_on_where_it_is(mina: Contact) -> None:
    permits(mina)
    killed = Telephone()
    line = killed.dials()
    killed.exchange.turn(killed.moment(0.0))  # noted before anything was heard, and not again for five seconds
    killed.sends(line, *frames(Track.CUSTOMER, spoken(4.5)), *frames(Track.AGENT, b"\xff" * 36_000))
    assert (Call.objects.get().heard_until, begins()) == (0.0, [0.0, 1.0])
    other = Telephone()
    again = other.dials(after=9.0)
    assert again.position == 9.0
    other.sends(again, *frames(Track.CUSTOMER, spoken(5.0, seed=2)))
    again.take(Ended())
    other.exchange.turn(other.moment(14.5))
    assert begins() == [0.0, 1.0, 9.0, 10.0, 11.0]
    assert ToneReading.objects.filter(reason="interrupted").values_list("begins", "ends").get() == (4.0, 9.0)


def test_a_call_that_is_told_to_be_over_twice_says_so_twice(mina: Contact) -> None:
    permits(mina)
    phone = Telephone()
    for after in (0.0, 20.0):
        line = phone.dials(after=after)
        phone.sends(line, *frames(Track.CUSTOMER, spoken(4.0)))
        line.take(Ended())
        phone.exchange.turn(phone.moment(after + 4.5))
    assert [said[:28] for said in timeline() if said.startswith("The call ended")] == [
        "The call ended after 0:04. O", "The call ended after 0:24. O"
    ]  # fmt: skip
    assert Call.objects.get().ended_at == phone.moment(24.5)


def test_a_process_that_cannot_even_be_started_is_told_as_a_gap(mina: Contact) -> None:
    permits(mina)
    phone = Telephone()
    line = phone.dials()
    phone.sends(line, *frames(Track.CUSTOMER, spoken(6.0)))
    ears, phone.exchange._ears = phone.exchange._ears, _Broken()
    for one in frames(Track.CUSTOMER, spoken(2.0, seed=2), at=6.0):
        line.take(one)
    turns(phone, 1, at=8.0)
    phone.exchange._ears = ears
    phone.sends(line, *frames(Track.CUSTOMER, spoken(4.0, seed=3), at=8.0))
    assert [begin for begin, reason in windows() if reason == "interrupted"] == [5.0]
    assert begins()[-1] >= 8.0


class _Broken:
    def listen(self, orders: Sequence[Orders]) -> list[Answer]:
        raise OSError("[Errno 12] Cannot allocate memory")


def test_what_the_ears_lost_at_the_very_end_is_told_as_a_gap(mina: Contact) -> None:
    permits(mina)
    phone = Telephone()
    line = phone.dials()
    phone.sends(line, *frames(Track.CUSTOMER, spoken(6.0)))
    for one in frames(Track.CUSTOMER, spoken(2.0, seed=2), at=6.0):
        line.take(one)
    phone.exchange._ears = _Broken()
    line.take(Ended())
    turns(phone, 2, at=8.0)
    assert windows()[-1] == (5.0, "interrupted")
    assert (phone.exchange.lines, Call.objects.get().heard_until) == ([], pytest.approx(8.0))
