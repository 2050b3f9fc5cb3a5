"""A call in the names of Contact Lens: only customers have a sentiment, on the scale that the documentation states."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unspoken.conversations.models import Conversation, Message
from unspoken.importing.tests.bringing import converted, written
from unspoken.intake.pipeline import Pipeline
from unspoken.intake.tests.fake import read, said
from unspoken.people.models import Contact
from unspoken.readings.exports.contact_lens import NotACall, as_contact_lens, score_of, sentiment_of
from unspoken.readings.exports.files import Format, file_of
from unspoken.readings.exports.told import told_of

from .scene import NOW, TURNS, call_of

VALENCE = st.floats(-1.0, 1.0)


def exported(conversation: Conversation) -> dict[str, Any]:
    return as_contact_lens(told_of(conversation))


def test_what_was_said_is_told_turn_by_turn_and_only_customers_have_a_sentiment(mina: Contact) -> None:
    scene = call_of(mina)
    call = exported(scene.call)
    assert (call["Version"], call["Channel"], call["LanguageCode"]) == ("1.1.0", "VOICE", "en")
    assert call["CustomerMetadata"] == {"ContactId": scene.call.id}
    assert call["Participants"] == [
        {"ParticipantId": "AGENT", "ParticipantRole": "AGENT"},
        {"ParticipantId": "CUSTOMER", "ParticipantRole": "CUSTOMER"},
    ]
    assert [
        (one["ParticipantRole"], one["Content"], one["BeginOffsetMillis"], one["EndOffsetMillis"], one.get("Sentiment"))
        for one in call["Transcript"]
    ] == [
        ("AGENT", TURNS[0][1], 0, 2000, None),
        ("CUSTOMER", TURNS[1][1], 2500, 6500, "NEGATIVE"),
        ("AGENT", TURNS[2][1], 10000, 13000, None),
        ("CUSTOMER", TURNS[3][1], 13000, 15000, "POSITIVE"),
        ("CUSTOMER", TURNS[4][1], 18000, 20000, "NEGATIVE"),  # neutral to the model; Ben says that it reads as worry
    ]
    assert call["Transcript"][1]["Id"] == scene.customers[0].id
    assert "hurry" not in json.dumps(call)


def test_scores_are_the_mean_valence_of_the_customers_turns_stretched_to_five(mina: Contact) -> None:
    character = exported(call_of(mina).call)["ConversationCharacteristics"]
    assert character["TotalConversationDurationMillis"] == 20000
    assert character["Sentiment"] == {
        "OverallSentiment": {"CUSTOMER": -1.2},  # 5 x (-0.8 + 0.7 - 0.6) / 3
        "SentimentByPeriod": {
            "QUARTER": {
                "CUSTOMER": [
                    {"BeginOffsetMillis": 0, "EndOffsetMillis": 5000, "Score": -4.0},
                    {"BeginOffsetMillis": 10000, "EndOffsetMillis": 15000, "Score": 3.5},
                    {"BeginOffsetMillis": 15000, "EndOffsetMillis": 20000, "Score": -3.0},
                ]
            }
        },
    }


def test_talk_and_silence_are_told_from_when_turns_begin_and_end(mina: Contact) -> None:
    character = exported(call_of(mina).call)["ConversationCharacteristics"]
    assert character["TalkTime"] == {
        "DetailsByParticipant": {"AGENT": {"TotalTimeMillis": 5000}, "CUSTOMER": {"TotalTimeMillis": 8000}},
        "TotalTimeMillis": 13000,
    }
    assert character["TalkSpeed"]["DetailsByParticipant"] == {
        "AGENT": {"AverageWordsPerMinute": 144}, "CUSTOMER": {"AverageWordsPerMinute": 112},
    }  # fmt: skip
    assert character["NonTalkTime"] == {
        "Instances": [
            {"BeginOffsetMillis": 6500, "EndOffsetMillis": 10000, "DurationMillis": 3500},
            {"BeginOffsetMillis": 15000, "EndOffsetMillis": 18000, "DurationMillis": 3000},
        ],
        "TotalTimeMillis": 6500,
    }


def test_our_own_numbers_lie_apart_with_who_made_them(mina: Contact) -> None:
    ours = exported(call_of(mina).call)["Unspoken"]
    first, _, last = ours["Readings"]
    assert (first["Expresses"], first["Valence"], first["CorrectedByAPersonTo"]) == ("frustration", -0.8, None)
    assert first["Producer"] == {"Name": "fake", "Version": "1", "Sha256": "0" * 64}
    assert first["Evidence"] == [{"BeginOffsetChar": 0, "EndOffsetChar": 3, "Label": "annoyance", "Weight": 0.5}]
    assert (last["Expresses"], last["CorrectedByAPersonTo"]) == ("worry", "worry")
    told, silent = ours["Tone"]
    assert (told["BeginOffsetMillis"], told["Chances"]["stress"], told["Heard"]) == (3000, 0.8, ["louder by 5 dB"])
    assert (told["NotTold"], silent["NotTold"], silent["Chances"]) == (None, "overlap", {})
    assert ours["BeganAt"] == "2026-03-02T09:00:00+00:00"


def test_a_call_of_which_nothing_was_read_has_no_sentiment_at_all(mina: Contact) -> None:
    spoken: dict[str, Any] = {"channel": "call", "kind": "segment", "person": None}
    Pipeline(read).receive([said("this is terrible", 1, **spoken), said("bye", 2, minutes=1, **spoken)], now=NOW)
    call = exported(Conversation.objects.get())
    assert [sorted(one) for one in call["Transcript"]] == [
        ["BeginOffsetMillis", "Content", "EndOffsetMillis", "Id", "ParticipantId", "ParticipantRole"],
    ] * 2  # fmt: skip
    assert [one["BeginOffsetMillis"] for one in call["Transcript"]] == [0, 60000]  # by the clock: no places are known
    assert call["ConversationCharacteristics"] == {"TotalConversationDurationMillis": 60000}


def test_a_line_of_the_timeline_that_nobody_said_is_no_turn(mina: Contact) -> None:
    spoken: dict[str, Any] = {"channel": "call", "kind": "segment"}
    events = [
        said("On hold for 20 seconds.", 1, minutes=0.5, author="system", metadata={"at": 30.0}, **spoken),
        said("this is terrible", 2, minutes=1, **spoken),
    ]
    Pipeline(read).receive(events, now=NOW)
    [turn] = exported(Conversation.objects.get())["Transcript"]
    assert (turn["Content"], turn["BeginOffsetMillis"]) == ("this is terrible", 60000)


def test_a_chat_is_no_call(mina: Contact) -> None:
    Pipeline(read).receive([said("this is terrible", 1)], now=NOW)
    with pytest.raises(NotACall, match="is no call but came by chat"):
        file_of(Conversation.objects.get(), Format.CONTACT_LENS, address="urn:x")


def test_what_left_comes_in_again_turn_by_turn(mina: Contact, tmp_path: Path) -> None:
    scene = call_of(mina)
    file = file_of(scene.call, Format.CONTACT_LENS, address="urn:x")
    assert (file.name, file.content_type) == (f"{scene.call.id}.contact-lens.json", "application/json")
    back = converted(written(tmp_path, "a.json", file.body))
    assert [(one.author, one.text, one.metadata["begins"], one.metadata["ends"]) for one in back] == list(TURNS)
    ids = Message.objects.filter(conversation=scene.call, private=False).order_by("occurred_at")
    assert [one.external_id for one in back] == [f"{scene.call.id}/{row.id}" for row in ids]
    assert back[0].metadata["contact_lens"]["call"]["OverallSentiment"] == {"CUSTOMER": -1.2}


@given(st.lists(VALENCE, min_size=1, max_size=20))
def test_no_score_leaves_its_scale_and_none_is_minus_zero(valences: list[float]) -> None:
    score = score_of(valences)
    assert -5.0 <= score <= 5.0
    assert str(score) != "-0.0"


@given(VALENCE)
def test_a_label_and_its_opposite_mirror_each_other(valence: float) -> None:
    mirrored = {"POSITIVE": "NEGATIVE", "NEGATIVE": "POSITIVE", "NEUTRAL": "NEUTRAL"}
    assert sentiment_of(-valence) == mirrored[sentiment_of(valence)]
