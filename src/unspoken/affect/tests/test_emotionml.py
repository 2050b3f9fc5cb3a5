from xml.etree import ElementTree as ET

import pytest

from unspoken.affect.emotionml import NAMESPACE, OURS, reading_to_emotionml, vocabulary_to_emotionml
from unspoken.affect.tests.readings import reading
from unspoken.affect.vocabulary import CX

EMOTION, U = f"{{{NAMESPACE}}}", f"{{{OURS}}}"


def test_publishes_every_category_with_its_definition_and_labels() -> None:
    root = ET.fromstring(vocabulary_to_emotionml())
    assert (root.tag, root.get("version")) == (f"{EMOTION}emotionml", "1.0")
    (vocabulary,) = root
    assert (vocabulary.get("type"), vocabulary.get("id")) == ("category", "unspoken-cx")
    assert [item.get("name") for item in vocabulary] == list(CX)
    for item in vocabulary:
        category = CX[item.get("name") or ""]
        assert item.findtext(f"{EMOTION}info/{U}definition") == category.definition
        labels = {label.get("name"): float(label.get("weight") or "nan") for label in item.iter(f"{U}label")}
        assert labels == category.weights


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
