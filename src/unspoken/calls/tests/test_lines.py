"""A call from its first frame to its end: who is heard, what is kept, and what the timeline says of it."""

from collections.abc import Iterator

import pytest
from django.db import DatabaseError, OperationalError, transaction

from unspoken.calls.happenings import Ended, Paused, Pressed, Resumed, Sounded, Track
from unspoken.calls.models import Call, ToneState
from unspoken.calls.opening import end_lost_calls
from unspoken.calls.tests.lines import Telephone, began, frames, intake_is_here, permits, spoken
from unspoken.conversations.models import Message
from unspoken.intake.tests.fake import START
from unspoken.journal.deliveries import work_off
from unspoken.journal.models import Entry
from unspoken.people.models import Contact
from unspoken.perception.artifacts import ModelUnavailable
from unspoken.perception.voice.ears import EarsApart, EarsHere, Orders
from unspoken.privacy.models import ConsentDecision, Decision, Purpose
from unspoken.readings.actions import usual_voice
from unspoken.readings.models import ToneReading, VoiceBaseline

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def intake() -> Iterator[None]:
    with intake_is_here():
        yield


def timeline() -> list[str]:
    return list(Message.objects.filter(source="pcm:phone").order_by("occurred_at", "id").values_list("text", flat=True))


def test_a_permitted_voice_is_read_window_by_window(mina: Contact) -> None:
    permits(mina)
    phone = Telephone()
    line = phone.dials()
    phone.sends(line, *frames(Track.CUSTOMER, spoken(8.0)), *frames(Track.AGENT, b"\xff" * 64_000))
    line.take(Ended())
    phone.exchange.turn(phone.moment(8.5))
    rows = list(ToneReading.objects.order_by("begins"))
    assert [(row.begins, row.ends) for row in rows] == [(float(n), n + 3.0) for n in range(6)]
    assert [row.reason for row in rows] == ["too_short", "too_short", "", "", "", ""]
    assert {row.contact_id for row in rows} == {mina.id}
    call = Call.objects.get()
    assert (call.tone, call.ended_at is not None, round(call.heard_until, 1)) == (ToneState.READ, True, 8.0)
    assert call.usual is None
    assert timeline()[0].startswith("The call began. What those on the line were told: Notice 4 was played.")
    assert timeline()[1] == "The tone of the customer's voice is read from here on, as they permit."
    assert timeline()[-1].startswith("The call ended after 0:08.")


def test_a_voice_that_is_not_permitted_is_not_listened_to(mina: Contact) -> None:
    phone = Telephone()
    line = phone.dials()
    phone.sends(line, *frames(Track.CUSTOMER, spoken(6.0)))
    assert not line.is_read
    assert line.talk.seconds == 0
    assert not ToneReading.objects.exists()
    assert "they have not permitted it" in timeline()[1]


def test_a_stranger_is_not_listened_to() -> None:
    phone = Telephone()
    line = phone.dials(began(person=None))
    phone.sends(line, *frames(Track.CUSTOMER, spoken(4.0)))
    assert (line.is_read, ToneReading.objects.count()) == (False, 0)


def test_a_mixed_line_is_never_read(mina: Contact) -> None:
    permits(mina)
    phone = Telephone()
    line = phone.dials(began(tracks=frozenset({Track.MIXED})))
    phone.sends(line, *frames(Track.MIXED, spoken(5.0)))
    assert (line.is_read, line.tone, ToneReading.objects.count()) == (False, ToneState.NOT_SEPARABLE, 0)
    assert timeline()[1] == "The tone of nobody's voice is read: both sides are on one channel."


def test_a_withdrawal_in_the_midst_stops_at_once(mina: Contact) -> None:
    permits(mina)
    phone = Telephone()
    line = phone.dials()
    first, rest = frames(Track.CUSTOMER, spoken(5.0)), frames(Track.CUSTOMER, spoken(5.0, seed=2), at=5.0)
    phone.sends(line, *first)
    before = ToneReading.objects.count()
    for one in rest[:100]:
        line.take(one)  # in flight
    permits(mina, decision=Decision.WITHDRAWN)
    phone.sends(line, *rest[100:])
    assert (before, ToneReading.objects.count()) == (2, 2)
    assert (line.is_read, line.tone, line.told) == (False, ToneState.WITHDRAWN, [])
    assert phone.quieted == ["The customer withdrew their permission: the tone of their voice is not read from here on"]
    assert timeline()[-1] == f"{phone.quieted[0]}."
    line.take(Ended())
    phone.exchange.turn(phone.moment(10.5))
    assert Call.objects.get().usual is None


def test_a_key_of_the_telephone_withdraws(mina: Contact) -> None:
    permits(mina)
    phone = Telephone()
    line = phone.dials()
    line._withdraw_key = "9"
    phone.sends(line, *frames(Track.CUSTOMER, spoken(4.0)))
    line.take(Pressed("8"))
    phone.exchange.turn(phone.moment(4.2))
    assert line.is_read
    line.take(Pressed("9", Track.CUSTOMER))
    phone.exchange.turn(phone.moment(4.4))
    assert not line.is_read
    newest = ConsentDecision.objects.latest("id")
    assert (newest.decision, newest.source) == ("withdrawn", "pressed 9 on the telephone during the call")


def test_permission_given_in_the_midst_counts_from_there_on(mina: Contact) -> None:
    phone = Telephone()
    line = phone.dials()
    phone.sends(line, *frames(Track.CUSTOMER, spoken(4.0)))
    permits(mina)
    phone.sends(line, *frames(Track.CUSTOMER, spoken(5.1), at=4.0))
    assert [row.begins for row in ToneReading.objects.order_by("begins")] == [5.0]


def test_what_the_caller_says_on_the_line_is_recorded_as_their_decision(mina: Contact) -> None:
    Telephone().dials(began(consent="given", said_by="keypad"))
    decision = ConsentDecision.objects.latest("id")
    assert (decision.contact_id, decision.modality, decision.purpose, decision.decision) == (
        mina.id, "voice", "service", "given"
    )  # fmt: skip
    assert (decision.source, decision.notice) == ("Phone: on the line (keypad)", "Notice 4 was played")


def test_nothing_is_heard_while_listening_is_paused(mina: Contact) -> None:
    permits(mina)
    phone = Telephone()
    line = phone.dials()
    phone.sends(line, *frames(Track.CUSTOMER, spoken(4.0)))
    line.take(Paused(4.0, "a card number is read out"))
    for one in frames(Track.CUSTOMER, spoken(3.0), at=4.0):
        line.take(one)
    phone.exchange.turn(phone.moment(7.0))
    assert Call.objects.get().tone in {ToneState.READ, ToneState.PAUSED}
    line.take(Resumed(7.0))
    phone.sends(line, *frames(Track.CUSTOMER, spoken(4.0, seed=3), at=7.0))
    rows = ToneReading.objects.order_by("begins").values_list("begins", "ends", "reason")
    assert (4.0, 7.0, "interrupted") in set(rows)
    assert [begins for begins, _, reason in rows if reason != "interrupted"] == [0.0, 1.0, 7.0]
    assert "Listening was paused (a card number is read out)." in timeline()


def test_a_call_goes_on_after_its_line_was_lost(mina: Contact) -> None:
    permits(mina)
    phone = Telephone()
    line = phone.dials()
    phone.sends(line, *frames(Track.CUSTOMER, spoken(6.0)))
    line.take(Ended(over=False))
    phone.exchange.turn(phone.moment(6.2))
    call = Call.objects.get()
    assert (call.ended_at, call.usual is not None, phone.exchange.lines) == (None, True, [])
    again = phone.dials(after=10.0)
    assert (again.conversation_id, again.position) == (line.conversation_id, 10.0)
    phone.sends(again, *frames(Track.CUSTOMER, spoken(5.0, seed=4)))
    rows = ToneReading.objects.order_by("begins").values_list("begins", "reason")
    assert [begins for begins, reason in rows if reason != "interrupted"] == [0.0, 1.0, 2.0, 3.0, 10.0, 11.0]
    assert [round(begins) for begins, reason in rows if reason == "interrupted"] == [6]
    assert "From 0:06 to 0:10 nothing was heard: the line was interrupted." in timeline()
    assert Message.objects.filter(external_id="call-1#began").count() == 1


def test_another_process_goes_on_where_a_killed_one_stopped(mina: Contact) -> None:
    permits(mina)
    killed = Telephone()
    line = killed.dials()
    killed.sends(line, *frames(Track.CUSTOMER, spoken(9.0)))
    kept = set(ToneReading.objects.values_list("begins", flat=True))
    other = Telephone()  # nothing of the first exchange is left but what is in the database
    again = other.dials(began(position=0.0))
    assert again.heard_until >= 8.0
    other.sends(again, *frames(Track.CUSTOMER, spoken(9.0)), *frames(Track.CUSTOMER, spoken(3.0, seed=5), at=9.0))
    again.take(Ended())
    other.exchange.turn(other.moment(12.5))
    begins = list(ToneReading.objects.order_by("begins").values_list("begins", flat=True))
    assert len(begins) == len(set(begins))
    assert kept < set(begins)
    assert max(begins) == 9.0


def test_frames_late_twice_or_in_the_wrong_order_change_nothing(mina: Contact) -> None:
    permits(mina)
    sound = frames(Track.CUSTOMER, spoken(8.0))
    told = []
    for call_id, mixed in (("straight", sound), ("mixed", [*sound[:1], *_muddled(sound[1:])])):
        phone = Telephone()
        line = phone.dials(began(call_id))
        for count, one in enumerate(mixed):
            line.take(one)
            if count % 50 == 49:
                phone.exchange.turn(phone.moment(one.at))
        line.take(Ended())
        phone.exchange.turn(phone.moment(8.5))
        rows = ToneReading.objects.filter(conversation=line.conversation_id).order_by("begins")
        told.append([(row.begins, row.reason, row.scales) for row in rows])
    assert told[0] == told[1]
    assert len(told[0]) == 6


def _muddled(sound: list[Sounded]) -> list[Sounded]:
    """Return frames with neighbours changed and every third sent twice."""
    mixed = []
    for place in range(0, len(sound), 4):
        four = sound[place : place + 4][::-1]
        mixed += [*four, *four[::3]]
    return mixed


def test_a_lost_frame_is_silence_and_no_gap(mina: Contact) -> None:
    permits(mina)
    phone = Telephone()
    line = phone.dials()
    phone.sends(line, *(one for one in frames(Track.CUSTOMER, spoken(6.0)) if round(one.at, 2) not in {2.0, 2.02, 3.5}))
    line.take(Ended())
    phone.exchange.turn(phone.moment(6.2))
    assert ToneReading.objects.filter(reason="interrupted").count() == 0
    assert ToneReading.objects.count() == 4


def test_a_calm_voice_is_remembered_only_where_that_is_permitted(mina: Contact) -> None:
    permits(mina)
    for permitted in (False, True):
        if permitted:
            permits(mina, Purpose.BASELINE)
        phone = Telephone()
        line = phone.dials(began(f"call-{permitted}"))
        phone.sends(line, *frames(Track.CUSTOMER, spoken(8.0)))
        line.take(Ended())
        phone.exchange.turn(phone.moment(8.5))
        assert VoiceBaseline.objects.filter(contact=mina).exists() is permitted
    kept = VoiceBaseline.objects.get()
    assert usual_voice(mina.id) == ((kept.arousal, kept.stress, kept.seconds), kept.model)
    permits(mina, Purpose.BASELINE, Decision.WITHDRAWN)
    assert usual_voice(mina.id) == (None, "")
    work_off(now=START)
    assert not VoiceBaseline.objects.exists()


def test_a_line_that_does_not_come_back_ends_its_call(mina: Contact) -> None:
    permits(mina)
    phone = Telephone()
    line = phone.dials()
    phone.sends(line, *frames(Track.CUSTOMER, spoken(4.0)))
    line.take(Ended(over=False))
    phone.exchange.turn(phone.moment(4.2))
    assert end_lost_calls(phone.moment(60)) == 0
    assert end_lost_calls(phone.moment(200)) == 1
    assert end_lost_calls(phone.moment(300)) == 0
    call = Call.objects.get()
    assert (call.ended_at, call.usual) == (phone.moment(4.2), None)
    assert "the line was lost and did not come back" in timeline()[-1]
    assert Entry.objects.filter(kind="call.ended").count() == 1


def test_what_could_not_be_stored_is_stored_later(mina: Contact, monkeypatch: pytest.MonkeyPatch) -> None:
    permits(mina)
    phone = Telephone()
    line = phone.dials()

    def full(*_: object, **__: object) -> None:
        raise OperationalError("database or disk is full")

    with monkeypatch.context() as patched:
        patched.setattr("unspoken.calls.exchange.store_tones", full)
        for one in frames(Track.CUSTOMER, spoken(5.0)):
            line.take(one)
        with pytest.raises(OperationalError):
            phone.exchange.turn(phone.moment(5.0))
    assert not ToneReading.objects.exists()
    phone.exchange.turn(phone.moment(5.3))
    assert [row.begins for row in ToneReading.objects.order_by("begins")] == [0.0, 1.0]


def test_without_the_model_the_call_goes_on_unread(mina: Contact, monkeypatch: pytest.MonkeyPatch) -> None:
    permits(mina)

    def missing(**_: object) -> None:
        raise ModelUnavailable("encoder.onnx is missing")

    monkeypatch.setattr("unspoken.perception.voice.ears.Ear", missing)
    phone = Telephone()
    line = phone.dials()
    phone.sends(line, *frames(Track.CUSTOMER, spoken(4.0)))
    assert (line.tone, ToneReading.objects.count()) == (ToneState.UNAVAILABLE, 0)
    assert "the voice model cannot be used (encoder.onnx is missing)" in timeline()[-1]


def test_a_tone_reading_is_immutable(mina: Contact) -> None:
    permits(mina)
    phone = Telephone()
    phone.sends(phone.dials(), *frames(Track.CUSTOMER, spoken(4.0)))
    with pytest.raises(DatabaseError, match="immutable"), transaction.atomic():
        ToneReading.objects.update(scales={})


def test_an_ear_that_is_lost_is_made_anew(mina: Contact) -> None:
    permits(mina)
    phone = Telephone()
    line = phone.dials()
    phone.sends(line, *frames(Track.CUSTOMER, spoken(6.0)))
    phone.exchange._ears = EarsHere()  # as when the process that listens was killed
    phone.sends(line, *frames(Track.CUSTOMER, spoken(8.0, seed=6), at=6.0))
    line.take(Ended())
    phone.exchange.turn(phone.moment(14.5))
    rows = list(ToneReading.objects.order_by("begins").values_list("begins", "reason"))
    assert len(rows) == len({begins for begins, _ in rows})
    assert ("interrupted" in {reason for _, reason in rows}, rows[-1][0]) == (True, 11.0)
    assert line.tone == ToneState.READ


def test_ears_apart_hear_what_ears_here_hear() -> None:
    sound = spoken(5.0)
    told = []
    apart = EarsApart()
    for ears in (apart, EarsHere()):
        orders = Orders("call", {"coding": "mulaw", "rate": 8_000}, [("take", (sound, None)), ("finish", ())], True)
        [answer] = ears.listen([orders])
        told.append([(one.begin, one.end, one.reason, one.scales) for one in answer.portion.heard])
    assert told[0] == told[1]
    assert len(told[0]) == 3
    assert apart.listen([Orders("gone", None, [("finish", ())])])[0].lost
    assert apart._child
    apart._child.kill()
    assert apart.listen([Orders("call", None, [("finish", ())])])[0].lost
    assert not apart.listen([Orders("call", {}, [])])[0].lost
    apart.close()
