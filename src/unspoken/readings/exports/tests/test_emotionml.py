"""A conversation as EmotionML: valid, complete, without anybody's words, and with a person's word before a model's."""

from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest

from unspoken.affect.emotionml import NAMESPACE, OURS, vocabulary_to_emotionml
from unspoken.affect.vocabulary import CX
from unspoken.conversations.models import Conversation
from unspoken.intake.pipeline import Pipeline
from unspoken.intake.tests.fake import START, read, said
from unspoken.people.models import Contact
from unspoken.readings.exports.emotionml import as_emotionml
from unspoken.readings.exports.told import told_of
from unspoken.readings.models import StoredReading, ToneReading

from .emotionml_rules import violations
from .scene import NOW, TURNS, call_of

E, U = f"{{{NAMESPACE}}}", f"{{{OURS}}}"
ADDRESS = "https://crm.example/conversations/cv_1"
MILLIS = int(START.timestamp() * 1000)


def exported(conversation: Conversation) -> str:
    return as_emotionml(told_of(conversation), address=ADDRESS)


def described(emotion: ET.Element) -> dict[str, str]:
    return {one.get("name", ""): one.get("value", "") for one in emotion if one.get("name")}


def test_a_call_is_told_reading_by_reading_and_window_by_window(mina: Contact) -> None:
    scene = call_of(mina)
    text = exported(scene.call)
    assert violations(text) == []
    emotions = ET.fromstring(text).findall(f"{E}emotion")
    readings = list(StoredReading.objects.order_by("occurred_at").values_list("id", flat=True))
    window = ToneReading.objects.get(reason="")
    assert [one.get("id") for one in emotions] == [*readings, f"tone_{window.pk}"]
    first = emotions[0]
    assert (first.get("expressed-through"), first.get("category-set")) == ("text", "#unspoken-cx")
    assert (first.get("start"), first.get("end")) == (str(MILLIS + 2500), str(MILLIS + 6500))
    told = described(first)
    assert list(told) == [*CX, "valence", "arousal"]
    assert (told["frustration"], told["valence"], told["arousal"]) == ("0.9011", "0.1000", "0.5000")
    assert [one.attrib for one in first.iter(f"{E}reference")] == [
        {"uri": f"{ADDRESS}#{scene.customers[0].id}", "role": "expressedBy"},
        {"uri": f"{ADDRESS}#t=2.50,6.50", "role": "expressedBy"},
    ]
    info = {one.tag.removeprefix(U): one.attrib for one in first.findall(f"{E}info/*")}
    assert info["producer"] == {"name": "fake", "version": "1", "sha256": "0" * 64}
    assert info["evidence"] == {"start": "0", "end": "3", "label": "annoyance", "weight": "0.5"}


def test_the_voice_is_told_in_its_own_vocabulary(mina: Contact) -> None:
    voice = ET.fromstring(exported(call_of(mina).call)).findall(f"{E}emotion")[-1]
    assert (voice.get("expressed-through"), voice.get("category-set")) == ("voice", "#unspoken-voice")
    assert (voice.get("start"), voice.get("end")) == (str(MILLIS + 3000), str(MILLIS + 6000))
    assert described(voice) == {"stress": "0.8000", "anger": "0.2000", "sadness": "0.1000", "arousal": "0.7000"}
    producer = voice.find(f"{E}info/{U}producer")
    assert producer is not None and producer.attrib == {"name": "unspoken-voice", "version": "1", "sha256": "ab"}


def test_a_persons_correction_wins_and_is_marked_human(mina: Contact) -> None:
    corrected = ET.fromstring(exported(call_of(mina).call)).findall(f"{E}emotion")[2]
    assert described(corrected) == {"worry": "1.0000"}
    info = {one.tag.removeprefix(U): one.attrib for one in corrected.findall(f"{E}info/*")}
    assert info == {
        "producer": {"name": "human", "version": "1"},
        "instead-of": {"name": "fake", "version": "1", "sha256": "0" * 64},
    }


def test_nobodys_words_and_no_agents_reading_leave(mina: Contact) -> None:
    text = exported(call_of(mina).call)
    assert not any(words.split()[-1] in text for _, words, _, _ in TURNS)
    assert "hurry" not in text and "Mina" not in text
    about = ET.fromstring(text).find(f"{E}info/{U}about")
    assert about is not None
    assert {name: about.get(name) for name in about.attrib if name != "conversation"} == {
        "channel": "call", "messages": "5", "readings": "3", "corrected": "1", "windows": "2", "windows-told": "1",
    }  # fmt: skip


def test_where_the_source_told_no_time_only_places_in_the_call_are_told(mina: Contact) -> None:
    text = exported(call_of(mina, time="not in the file").call)
    assert violations(text) == []
    first, *_, voice = ET.fromstring(text).findall(f"{E}emotion")
    for emotion, offset, duration in ((first, "2500", "4000"), (voice, "3000", "3000")):
        times = {name: emotion.get(name) for name in ("start", "end", "time-ref-uri", "offset-to-start", "duration")}
        assert times == {
            "start": None, "end": None, "time-ref-uri": ADDRESS, "offset-to-start": offset, "duration": duration,
        }  # fmt: skip


def test_a_chat_has_moments_and_no_places(mina: Contact) -> None:
    Pipeline(read).receive([said("this is terrible", 1), said("thanks", 2, minutes=2)], now=NOW)
    text = exported(Conversation.objects.get())
    assert violations(text) == []
    first, second = ET.fromstring(text).findall(f"{E}emotion")
    assert (first.get("start"), first.get("end"), second.get("start")) == (str(MILLIS), None, str(MILLIS + 120_000))
    assert len(list(first.iter(f"{E}reference"))) == 1
    assert ET.fromstring(text).find(f"{E}vocabulary[@id='unspoken-voice']") is None


def test_a_conversation_of_which_nothing_was_read_is_a_valid_document_without_emotions(mina: Contact) -> None:
    Pipeline(read).receive([said("this is terrible", 1, person=None)], now=NOW + timedelta(days=1))
    text = exported(Conversation.objects.get())
    assert violations(text) == []
    assert ET.fromstring(text).find(f"{E}emotion") is None


def test_the_published_vocabularies_keep_the_rules() -> None:
    assert violations(vocabulary_to_emotionml()) == []


@pytest.mark.parametrize(
    ("written", "instead", "why"),
    [
        ('version="1.0"', 'version="1.1"', "version is not 1.0"),
        ("2009/10/emotionml", "2009/10/other", "the root is not emotionml in its namespace"),
        ('<category name="anger"', '<category name="fury"', "category with a name that is not in #unspoken-cx"),
        ('category-set="#unspoken-cx"', 'category-set="#cx"', "category of a vocabulary that is not declared: #cx"),
        ('category-set="#unspoken-cx"', 'category-set="#unspoken-voice"', "category with a name that is not in"),
        ("#fsre-dimensions", "#pad-dimensions", "dimension of a vocabulary that is not declared"),
        ('<dimension name="arousal" value="0.5000"', '<dimension name="arousal"', "dimension has other attributes"),
        ('value="0.9011"', 'value="1.9011"', "category has the value 1.9011"),
        ('confidence="0.9000"', 'confidence="high"', "category has the confidence high"),
        ('end="', 'end="-', "['end'] are no whole milliseconds"),
        ('end="', 'end="1" was="', "it ends before it starts"),
        ('role="expressedBy"', 'role="saidBy"', "reference in no known role"),
        ('uri="https://', 'uri="', "reference to "),
        ('expressed-through="voice"', 'expressed-through="air"', "expressed through something else"),
        ('<category name="anger"', '<category name="worry"', "category named twice"),
        ('id="unspoken-voice"', 'id="unspoken-cx"', "id 'unspoken-cx' is none, or not the only one"),
        ('<item name="sadness">', '<item name="anger">', "has no items, one twice"),
        ("<u:about", "<reference/><u:about", "info holds reference"),
    ],
)  # fmt: skip
def test_the_rules_find_what_breaks_them(mina: Contact, written: str, instead: str, why: str) -> None:
    text = exported(call_of(mina).call)
    assert written in text
    assert any(why in one for one in violations(text.replace(written, instead)))
