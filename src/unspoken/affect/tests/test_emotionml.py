from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from unspoken.affect.emotionml import (
    DIMENSIONS,
    NAMESPACE,
    OURS,
    Document,
    Expressed,
    reading_to_emotionml,
    vocabulary_to_emotionml,
)
from unspoken.affect.reading import Producer
from unspoken.affect.tests.readings import reading
from unspoken.affect.vocabulary import CX, TONES

EMOTION, U = f"{{{NAMESPACE}}}", f"{{{OURS}}}"


def test_publishes_every_category_with_its_definition_and_labels() -> None:
    root = ET.fromstring(vocabulary_to_emotionml())
    assert (root.tag, root.get("version")) == (f"{EMOTION}emotionml", "1.0")
    vocabulary, voice = root
    assert (vocabulary.get("type"), vocabulary.get("id")) == ("category", "unspoken-cx")
    assert [item.get("name") for item in vocabulary] == list(CX)
    for item in vocabulary:
        category = CX[item.get("name") or ""]
        assert item.findtext(f"{EMOTION}info/{U}definition") == category.definition
        labels = {label.get("name"): float(label.get("weight") or "nan") for label in item.iter(f"{U}label")}
        assert labels == category.weights
    assert (voice.get("type"), voice.get("id")) == ("category", "unspoken-voice")
    assert [item.get("name") for item in voice] == list(TONES)
    assert all(item.findtext(f"{EMOTION}info/{U}definition") for item in voice)


def test_writes_a_reading_on_the_scales_of_the_standard() -> None:
    text = reading_to_emotionml(
        reading(-0.5, frustration=0.75, confidence=0.5), at=1.5, reference="urn:m?a=1&b=<\x002>", vocabulary="urn:v"
    )
    (emotion,) = ET.fromstring(text)
    assert emotion.attrib == {
        "category-set": "urn:v#unspoken-cx",
        "dimension-set": "http://www.w3.org/TR/emotion-voc/xml#fsre-dimensions",
        "expressed-through": "text",
        "start": "1500",
    }
    values = {element.get("name"): element.get("value") for element in emotion if element.get("name")}
    assert (values["valence"], values["arousal"], values["frustration"]) == ("0.2500", "0.0000", "0.7500")
    assert {element.get("confidence") for element in emotion.iter(f"{EMOTION}category")} == {"0.5000"}
    reference = emotion.find(f"{EMOTION}reference")
    assert reference is not None
    assert reference.attrib == {"uri": "urn:m?a=1&b=<2>", "role": "expressedBy"}


def test_includes_the_vocabulary_when_it_is_not_published_elsewhere() -> None:
    root = ET.fromstring(reading_to_emotionml(reading()))
    assert [element.tag for element in root] == [f"{EMOTION}vocabulary", f"{EMOTION}emotion"]
    assert root[1].get("category-set") == f"#{root[0].get('id')}"


@pytest.mark.parametrize("at", [-5.0, 0.0])
def test_never_writes_a_negative_time(at: float) -> None:
    assert ET.fromstring(reading_to_emotionml(reading(), at=at, vocabulary="v"))[0].get("start") == "0"


def test_writes_several_readings_and_windows_in_one_document_with_the_vocabularies_they_use() -> None:
    document = Document(about={"conversation": "cv_1", "empty": ""})
    document.add_reading(reading(0.2, delight=0.7), Expressed(at=10.0, until=12.5, id="rd_1"))
    scales = {"arousal": 0.8, "stress": 0.7, "anger": 0.1, "sadness": 0.0, "pleasure": 0.3}
    heard = Expressed(through="voice", begins=1.5, ends=4.25, medium="urn:c")
    document.add_tone(scales, Producer("ear", "3", "ab"), heard)
    text = document.text()
    assert text == document.text()
    info, words, voices, first, second = ET.fromstring(text)
    about = info.find(f"{U}about")
    assert about is not None and about.attrib == {"conversation": "cv_1"}
    assert [words.get("id"), voices.get("id")] == ["unspoken-cx", "unspoken-voice"]
    assert [first.get(name) for name in ("id", "start", "end")] == ["rd_1", "10000", "12500"]
    assert second.attrib == {
        "category-set": "#unspoken-voice", "dimension-set": DIMENSIONS, "expressed-through": "voice",
        "time-ref-uri": "urn:c", "offset-to-start": "1500", "duration": "2750",
    }  # fmt: skip
    told = [(one.tag.rpartition("}")[2], one.get("name"), one.get("value")) for one in second if one.get("name")]
    assert told == [
        ("category", "stress", "0.7000"), ("category", "anger", "0.1000"), ("category", "sadness", "0.0000"),
        ("dimension", "arousal", "0.8000"),
    ]  # fmt: skip
    assert [one.get("uri") for one in second.iter(f"{EMOTION}reference")] == ["urn:c#t=1.50,4.25"]


def test_what_a_person_said_stands_alone_and_names_what_it_replaces() -> None:
    said = replace(reading(-0.6, anger=1.0), producer=Producer("human", "1"))
    document = Document(vocabulary="urn:v")
    document.add_reading(said, Expressed(), instead_of=Producer("model", "4"))
    (emotion,) = ET.fromstring(document.text())
    named = [(one.tag.rpartition("}")[2], one.attrib) for one in emotion if one.get("name")]
    assert named == [("category", {"name": "anger", "value": "1.0000", "confidence": "1.0000"})]
    producers = [dict(one.attrib) for one in emotion.findall(f"{EMOTION}info/*")]
    assert producers == [{"name": "human", "version": "1"}, {"name": "model", "version": "4"}]
