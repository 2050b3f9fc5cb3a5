"""The CX vocabulary and readings as EmotionML 1.0 (W3C Recommendation, 22 May 2014), for exchange with other systems.

Categories refer to our own vocabulary, valence and arousal to the W3C's `fsre-dimensions`, whose scale is 0…1: our
valence -1…1 is mapped to (valence + 1) / 2. Definitions and label weights travel in `<info>`, in our own namespace.
"""

import re
from xml.etree import ElementTree as ET

from unspoken.affect.reading import Reading
from unspoken.affect.vocabulary import CX, Category

NAMESPACE = "http://www.w3.org/2009/10/emotionml"
OURS = "urn:unspoken:vocabulary:1"
VOCABULARY = "unspoken-cx"
DIMENSIONS = "http://www.w3.org/TR/emotion-voc/xml#fsre-dimensions"

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

ET.register_namespace("", NAMESPACE)
ET.register_namespace("u", OURS)


def vocabulary_to_emotionml() -> str:
    """Return the 13 CX categories, their definitions and the labels they are made of as an EmotionML document."""
    root = _root()
    _vocabulary(root)
    return _text(root)


def reading_to_emotionml(
    reading: Reading,
    *,
    at: float | None = None,
    reference: str = "",
    through: str = "text",
    vocabulary: str = "",
) -> str:
    """Return one reading as an EmotionML document.

    at: epoch seconds of what was read; reference: URI of it; through: text, voice, face or physiology; vocabulary: URI
    of the published vocabulary without fragment. Without one, the vocabulary is included.
    """
    root = _root()
    if not vocabulary:
        _vocabulary(root)
    emotion = _child(root, "emotion")
    emotion.set("category-set", f"{vocabulary}#{VOCABULARY}")
    emotion.set("dimension-set", DIMENSIONS)
    emotion.set("expressed-through", through)
    if at is not None:
        emotion.set("start", str(max(round(at * 1000), 0)))
    _producer(emotion, reading)
    for name, probability in reading.cx.items():
        _child(emotion, "category", name=name, value=_scale(probability), confidence=_scale(reading.confidence))
    for name, value in (("valence", (reading.valence + 1.0) / 2.0), ("arousal", reading.arousal)):
        _child(emotion, "dimension", name=name, value=_scale(value), confidence=_scale(reading.confidence))
    if reference:
        _child(emotion, "reference", uri=_NOT_XML.sub("", reference), role="expressedBy")
    return _text(root)


def _root() -> ET.Element:
    return ET.Element(f"{{{NAMESPACE}}}emotionml", {"version": "1.0"})


def _child(parent: ET.Element, tag: str, **attributes: str) -> ET.Element:
    return ET.SubElement(parent, f"{{{NAMESPACE}}}{tag}", attributes)


def _vocabulary(root: ET.Element) -> None:
    vocabulary = _child(root, "vocabulary", type="category", id=VOCABULARY)
    for category in CX.values():
        _item(vocabulary, category)


def _item(vocabulary: ET.Element, category: Category) -> None:
    info = _child(_child(vocabulary, "item", name=category.name), "info")
    ET.SubElement(info, f"{{{OURS}}}definition").text = category.definition
    for label, weight in category.weights.items():
        ET.SubElement(info, f"{{{OURS}}}label", {"name": label, "weight": f"{weight:g}"})


def _producer(emotion: ET.Element, reading: Reading) -> None:
    producer = reading.producer
    attributes = {"name": producer.name, "version": producer.version, "sha256": producer.sha256}
    ET.SubElement(_child(emotion, "info"), f"{{{OURS}}}producer", {k: v for k, v in attributes.items() if v})


def _scale(value: float) -> str:
    return f"{min(max(value, 0.0), 1.0):.4f}"


def _text(root: ET.Element) -> str:
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'
