"""What happens between two moments of a call: withdrawals, merges and other connections."""

from collections.abc import Callable

import pytest

from tests.calls.meddling import FULL, EarsAnd, Failing, begins, timeline, turns, windows
from unspoken.calls import exchange as exchanges
from unspoken.calls.exchange import Exchange
from unspoken.calls.happenings import Ended, Pressed, Track
from unspoken.calls.line import Line
from unspoken.calls.models import Call, ToneState
from unspoken.calls.tests.lines import Telephone, began, frames, permits, spoken
from unspoken.conversations.models import Conversation
from unspoken.flags.models import Flag
from unspoken.intake.tests.fake import OTTO, START
from unspoken.people.actions import merge_contacts
from unspoken.people.models import Contact
from unspoken.perception.voice.ears import EarsHere
from unspoken.privacy.models import ConsentDecision, Decision
from unspoken.readings.models import ToneReading

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("intake")]


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


def test_a_call_that_was_killed_before_it_was_noted_goes_on_where_it_is(
    mina: Contact, monkeypatch: pytest.MonkeyPatch
) -> None:
    permits(mina)
    monkeypatch.setattr(exchanges, "NOTED", 60.0)
    killed = Telephone()
    line = killed.dials()
    killed.exchange.turn(killed.moment(0.0))  # noted before anything was heard, and not again before it is killed
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


def test_a_call_that_was_killed_before_anything_was_heard_says_what_is_missing(mina: Contact) -> None:
    permits(mina)
    killed = Telephone()
    killed.dials()
    killed.exchange.turn(killed.moment(0.0))
    other = Telephone()
    again = other.dials(after=9.0)
    other.sends(again, *frames(Track.CUSTOMER, spoken(5.0, seed=2)))
    again.take(Ended())
    other.exchange.turn(other.moment(14.5))
    assert ToneReading.objects.filter(reason="interrupted").values_list("begins", "ends").get() == (0.0, 9.0)
    assert begins() == [9.0, 10.0, 11.0]
    assert timeline()[1:-1] == [
        "The tone of the customer's voice is read from here on, as they permit.",
        "From 0:00 to 0:09 nothing was heard: the line was interrupted.",
    ]  # fmt: skip


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
