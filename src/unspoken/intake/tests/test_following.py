"""What follows from readings, over turns and over conversations."""

from collections.abc import Sequence
from datetime import timedelta

import numpy as np

from unspoken.affect.reading import Outcome, Reading
from unspoken.conversations.models import Author, Conversation, Kind
from unspoken.intake.pipeline import Pipeline
from unspoken.intake.tests.fake import START, consents, read, said
from unspoken.people.models import Channel, Contact
from unspoken.readings.actions import Words, refollow
from unspoken.readings.models import ContactState, ConversationTrajectory
from unspoken.readings.queries import contact_sentence, same_thing_before, turns_of
from unspoken.readings.turns import NEWEST

NOW = START + timedelta(days=20)


def known() -> None:
    Pipeline(read).receive([said("hi", "first", conversation_id="first")], now=NOW)
    consents(Contact.objects.get())


def test_turns_are_the_newest_public_words(db: None) -> None:
    known()
    events = [said(f"word {n}", n, minutes=n) for n in range(NEWEST + 5)]
    Pipeline(read).receive([*events, said("between us", "p", minutes=90, private=True, author=Author.AGENT)], now=NOW)
    turns = turns_of(Conversation.objects.get(external_id="c1"))
    assert len(turns) == NEWEST
    assert turns[0].at == (START + timedelta(minutes=5)).timestamp()
    assert {turn.author for turn in turns} == {"customer"}
    assert all(turn.reading is not None for turn in turns)


def test_an_automatic_message_is_nobodys_turn(db: None) -> None:
    known()
    Pipeline(read).receive([said("out of office until Monday", 1, automatic=True)], now=NOW)
    [turn] = turns_of(Conversation.objects.get(external_id="c1"))
    assert (turn.author, turn.text_key) == ("system", "")
    assert Conversation.objects.get(external_id="c1").trajectory.numbers["customer_turns"] == 0


def test_conversations_about_the_same_thing_are_found_across_time(db: None) -> None:
    known()
    topics = {"kettle": np.eye(384, dtype=np.float32)[0], "invoice": np.eye(384, dtype=np.float32)[1]}

    def about(texts: Sequence[Words]) -> list[Outcome]:
        readings = []
        for text, reading in zip(texts, read(texts), strict=True):
            assert isinstance(reading, Reading)
            topic = topics["kettle" if "kettle" in text.text else "invoice"]
            readings.append(Reading(reading.labels, reading.cx, reading.valence, 0.5, 0.9, (), reading.producer, topic))
        return list(readings)

    texts = ["my kettle leaks", "the invoice is wrong", "the kettle again", "kettle, third time"]
    for number, text in enumerate(texts):
        event = said(text, number, minutes=1440 * number, conversation_id=f"t{number}")
        Pipeline(about).receive([event], now=NOW)
    found = {one.external_id: one for one in Conversation.objects.all()}
    assert same_thing_before(found["t3"], now=NOW) == (found["t0"].id, found["t2"].id)
    assert same_thing_before(found["t0"], now=NOW) == ()


def test_areas_are_kept_apart(db: None) -> None:
    known()
    review = said(
        "this is terrible", 1, conversation_id="r", kind=Kind.REVIEW, channel=Channel.REVIEW, product="Kettle"
    )
    thanks = said("thanks for the help", 2, minutes=5)
    mention = said("thanks", 3, conversation_id="m", kind=Kind.MENTION, channel=Channel.MENTION)
    Pipeline(read).receive([review, thanks, mention], now=NOW)
    states = {row.area: row.numbers for row in ContactState.objects.all()}
    assert {area: numbers["count"] for area, numbers in states.items()} == {"product": 1, "service": 1, "public": 1}
    assert states["product"]["valence_sum"] < 0 < states["service"]["valence_sum"]
    assert contact_sentence(Contact.objects.get().id, NOW).clauses


def test_following_anew_changes_nothing_when_nothing_happened(db: None) -> None:
    known()
    Pipeline(read).receive([said("this is terrible", 1), said("terrible", 2, minutes=1)], now=NOW)
    conversation = Conversation.objects.get(external_id="c1")
    before = conversation.trajectory.numbers
    refollow([conversation.id], now=NOW)
    assert ConversationTrajectory.objects.get(conversation=conversation).numbers == before
