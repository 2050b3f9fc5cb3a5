"""What a customer says on a call is written down only as they permit, and never what anybody else says."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from unspoken.affect.reading import Producer
from unspoken.calls import scribe as writing
from unspoken.calls.happenings import Ended, Track
from unspoken.calls.scribe import Scribe, Spoken, write_down
from unspoken.calls.tests.lines import Telephone, began, frames, intake_is_here, permits, spoken
from unspoken.conversations.models import Message
from unspoken.conversations.queries import spoken_at
from unspoken.intake.tests.fake import consents
from unspoken.people.models import Contact
from unspoken.perception.artifacts import ModelUnavailable
from unspoken.perception.speech.transcriber import Segment, Transcript, Word
from unspoken.perception.voice.ears import Answer
from unspoken.privacy.models import Decision
from unspoken.readings.actions import PerceptionUnavailableError
from unspoken.readings.models import StoredReading

pytestmark = pytest.mark.django_db
SILENCE = b"\xff" * 8_000


class AtOnce(Scribe):
    """Writes down at once, in the thread of the test."""

    def add(self, spoken: Spoken) -> None:
        write_down(spoken)


class Deaf:
    """Ears that cannot be made."""

    def __init__(self, why: str) -> None:
        self._why = why

    def listen(self, orders: Sequence[Any]) -> list[Answer]:
        return [Answer(why=self._why) for _ in orders]


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[None]:
    settings.UNSPOKEN = replace(settings.UNSPOKEN, speech_model="tiny")
    monkeypatch.setattr("unspoken.calls.line.scribe", AtOnce())
    monkeypatch.setattr(writing, "written_down", heard)
    with intake_is_here():
        yield


def heard(samples: Any, *, language: str = "") -> Transcript:
    """Hear "terrible" in every utterance."""
    length = len(samples) / 16_000
    word = Word("terrible", 0.2, length - 0.2, 0.9)
    return Transcript((Segment(0.2, length - 0.2, "terrible", (word,), 0.9),), "en", 0.99, Producer("fake", "1"))


def says(phone: Telephone, **changes: object) -> Any:
    """Let the customer say something for three seconds, and then nothing for two; the agent speaks all the while."""
    line = phone.dials(began(**changes))
    customer = next(iter(line.began.tracks - {Track.AGENT}))
    sounds = [*frames(customer, spoken(3.0)), *frames(customer, SILENCE * 2, at=3.0)]
    if Track.AGENT in line.began.tracks:
        sounds += frames(Track.AGENT, spoken(5.0, pitch=200.0, seed=9))
    phone.sends(line, *sounds)
    return line


def written() -> list[Message]:
    return list(Message.objects.filter(external_id__contains="#said").order_by("occurred_at"))


def test_what_the_customer_says_is_written_down_with_its_times_and_read(mina: Contact) -> None:
    consents(mina)
    line = says(Telephone())
    [message] = written()
    assert (message.text, message.author_kind, message.kind, message.reading_state) == (
        "terrible", "customer", "segment", "read"
    )  # fmt: skip
    assert message.metadata["words"] == [["terrible", message.metadata["begins"], message.metadata["ends"], 0.9]]
    begins, ends = spoken_at(line.call.conversation)[message.id]
    assert (0.0 <= begins < 1.0, 2.0 < ends < 4.0) == (True, True)
    assert StoredReading.objects.get().contact_id == mina.id
    assert line.talk.customer > 1.0  # who speaks is noted also where no tone is read
    assert not line.is_read


def test_nothing_is_written_down_without_permission(mina: Contact) -> None:
    consents(mina, Decision.REFUSED)
    permits(mina)  # of the voice
    line = says(Telephone())
    assert (written(), line.words.are_written, line.is_read) == ([], False, True)


def test_a_withdrawal_drops_what_is_in_flight(mina: Contact, monkeypatch: pytest.MonkeyPatch) -> None:
    consents(mina)

    def withdrawn_meanwhile(samples: Any, *, language: str = "") -> Transcript:
        consents(mina, Decision.WITHDRAWN)
        phone.exchange.turn(phone.moment(5.0))
        return heard(samples)

    monkeypatch.setattr(writing, "written_down", withdrawn_meanwhile)
    phone = Telephone()
    line = says(phone)
    assert (written(), line.words.are_written) == ([], False)
    assert "What the customer says is no longer written down" in Message.objects.latest("occurred_at").text


def test_a_renewed_permission_goes_on_and_tells_of_no_withdrawal(mina: Contact) -> None:
    consents(mina)
    phone = Telephone()
    line = phone.dials()
    phone.sends(line, *frames(Track.CUSTOMER, spoken(1.0)), *frames(Track.AGENT, SILENCE))
    consents(mina)
    sounds = [*frames(Track.CUSTOMER, spoken(3.0), at=1.0), *frames(Track.CUSTOMER, SILENCE * 2, at=4.0)]
    phone.sends(line, *sounds, *frames(Track.AGENT, SILENCE * 5, at=1.0))
    assert [message.text for message in written()] == ["terrible"]
    assert line.words.are_written
    assert not Message.objects.filter(text__contains="no longer written down").exists()


def test_listening_that_cannot_be_is_told_once_and_given_up(mina: Contact, monkeypatch: pytest.MonkeyPatch) -> None:
    consents(mina)
    phone = Telephone()
    monkeypatch.setattr(phone.exchange, "_ears", Deaf("The voice model is damaged."))
    line = phone.dials()
    for second in range(3):
        phone.sends(line, *frames(Track.CUSTOMER, spoken(1.0), at=second))
    assert (line.words.are_written, written()) == (False, [])
    told = Message.objects.filter(text__startswith="What the customer says is not written down from here on")
    assert [message.text for message in told] == [
        "What the customer says is not written down from here on (The voice model is damaged)."
    ]


def test_a_mixed_line_is_written_down_as_nobodys_words_and_never_read(mina: Contact) -> None:
    consents(mina)
    says(Telephone(), tracks=frozenset({Track.MIXED}))
    [message] = written()
    assert (message.author_kind, message.reading_state) == ("system", "skipped")
    assert not StoredReading.objects.exists()


def test_the_last_words_before_the_end_are_written_down(mina: Contact) -> None:
    consents(mina)
    phone = Telephone()
    line = phone.dials()
    phone.sends(line, *frames(Track.CUSTOMER, spoken(3.4)), *frames(Track.AGENT, SILENCE * 4))
    assert written() == []
    line.take(Ended())
    phone.exchange.turn(phone.moment(3.6))
    assert [message.text for message in written()] == ["terrible"]


def test_what_cannot_be_written_down_is_told(mina: Contact, monkeypatch: pytest.MonkeyPatch) -> None:
    consents(mina)

    def missing(samples: Any, *, language: str = "") -> Transcript:
        raise PerceptionUnavailableError(str(ModelUnavailable("there is no model")))

    monkeypatch.setattr(writing, "written_down", missing)
    phone = Telephone()
    says(phone)
    phone.exchange.turn(phone.moment(5.5))
    told = " ".join(Message.objects.values_list("text", flat=True))
    assert "What was said at 0:0" in told
    assert "could not be written down (there is no model)" in told
