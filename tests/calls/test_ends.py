"""Calls whose database, timeline, rules or ears give way: nothing is lost, nothing twice, and nobody is held up."""

import logging
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import pytest
from django.db import IntegrityError

from tests.calls.meddling import FULL, Broken, Failing, begins, timeline, turns, windows
from unspoken.calls import exchange as exchanges
from unspoken.calls.happenings import Ended, Track
from unspoken.calls.line import Line
from unspoken.calls.models import Call
from unspoken.calls.opening import end_lost_calls
from unspoken.calls.tests.lines import Telephone, began, frames, permits, spoken
from unspoken.intake import batcher
from unspoken.intake.tests.fake import OTTO
from unspoken.journal.models import Entry
from unspoken.people.models import Contact
from unspoken.privacy.models import Purpose
from unspoken.readings.actions import usual_voice

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("intake")]


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


def test_a_process_that_cannot_even_be_started_is_told_as_a_gap(mina: Contact) -> None:
    permits(mina)
    phone = Telephone()
    line = phone.dials()
    phone.sends(line, *frames(Track.CUSTOMER, spoken(6.0)))
    ears, phone.exchange._ears = phone.exchange._ears, Broken()
    for one in frames(Track.CUSTOMER, spoken(2.0, seed=2), at=6.0):
        line.take(one)
    turns(phone, 1, at=8.0)
    phone.exchange._ears = ears
    phone.sends(line, *frames(Track.CUSTOMER, spoken(4.0, seed=3), at=8.0))
    assert [begin for begin, reason in windows() if reason == "interrupted"] == [5.0]
    assert begins()[-1] >= 8.0


def test_what_the_ears_lost_at_the_very_end_is_told_as_a_gap(mina: Contact) -> None:
    permits(mina)
    phone = Telephone()
    line = phone.dials()
    phone.sends(line, *frames(Track.CUSTOMER, spoken(6.0)))
    for one in frames(Track.CUSTOMER, spoken(2.0, seed=2), at=6.0):
        line.take(one)
    phone.exchange._ears = Broken()
    line.take(Ended())
    turns(phone, 2, at=8.0)
    assert windows()[-1] == (5.0, "interrupted")
    assert (phone.exchange.lines, Call.objects.get().heard_until) == ([], pytest.approx(8.0))
