"""Our vocabularies and readings as EmotionML 1.0 (W3C Recommendation, 22 May 2014), for exchange with other systems.

Categories refer to our own vocabularies: `unspoken-cx` for words, `unspoken-voice` for the tone of a voice. Valence,
arousal and potency refer to the W3C's `fsre-dimensions`, whose scale is 0…1: our valence -1…1 is mapped to
(valence + 1) / 2, our dominance is its potency. What a person said stands alone: one category, and no dimensions,
which nobody said. Definitions, label weights, evidence and producers travel in `<info>`, in our own namespace.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from unspoken.affect.reading import Producer, Reading
from unspoken.affect.vocabulary import CX, TONES

NAMESPACE = "http://www.w3.org/2009/10/emotionml"
OURS = "urn:unspoken:vocabulary:1"
VOCABULARY, VOICE = "unspoken-cx", "unspoken-voice"
DIMENSIONS = "http://www.w3.org/TR/emotion-voc/xml#fsre-dimensions"
HUMAN = "human"
"""Name of the producer of what a person said."""

_TONES = {
    "stress": "Tension in a voice that is not pleasant, of whatever kind.",
    "anger": "A voice that sounds hostile or indignant.",
    "sadness": "A voice that sounds sad or hurt.",
}
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

ET.register_namespace("", NAMESPACE)
ET.register_namespace("u", OURS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expressed:
    """Where and when something was expressed; what is not known stays None or ''.

    through: text, voice, face or physiology; at, until: epoch seconds; begins, ends: seconds from the beginning of
    `medium` (the URI of a call or recording); reference: URI of what expressed it; id: of the emotion in the document.
    """

    through: str = "text"
    at: float | None = None
    until: float | None = None
    begins: float | None = None
    ends: float | None = None
    medium: str = ""
    reference: str = ""
    id: str = ""


class Document:
    """An EmotionML document under way. vocabulary: URI of the published vocabularies without fragment; without one,
    those that are used are included. about: what is said of the whole, in our namespace."""

    def __init__(self, *, vocabulary: str = "", about: Mapping[str, str] | None = None) -> None:
        self._vocabulary, self._about = vocabulary, about
        self._used: dict[str, None] = {}
        self._emotions: list[ET.Element] = []

    def add_reading(self, reading: Reading, how: Expressed, *, instead_of: Producer | None = None) -> None:
        """Add what one signal expresses; instead_of: whose reading a person put this in the place of."""
        emotion = self._emotion(VOCABULARY, how)
        info = _producer(emotion, reading.producer)
        if instead_of:
            _ours(info, "instead-of", _names(instead_of))
        for span in reading.spans:
            place = {"start": str(span.start), "end": str(span.end)}
            _ours(info, "evidence", place | {"label": span.label, "weight": f"{span.weight:g}"})
        human = reading.producer.name == HUMAN
        said = {reading.top: reading.cx[reading.top]} if human else reading.cx
        for name, probability in said.items():
            _child(emotion, "category", name=name, value=_scale(probability), confidence=_scale(reading.confidence))
        valence = (reading.valence + 1.0) / 2.0
        dimensions = {"valence": valence, "arousal": reading.arousal, "potency": reading.dominance}
        for name, value in dimensions.items() if not human else ():
            if value is not None:
                _child(emotion, "dimension", name=name, value=_scale(value), confidence=_scale(reading.confidence))
        _references(emotion, how)

    def add_tone(self, scales: Mapping[str, float], producer: Producer, how: Expressed) -> None:
        """Add what a voice expresses in one window; scales: chances (0…1) of arousal and of `vocabulary.TONES`."""
        emotion = self._emotion(VOICE, how)
        _producer(emotion, producer)
        for name in TONES:
            if name in scales:
                _child(emotion, "category", name=name, value=_scale(scales[name]))
        if "arousal" in scales:
            _child(emotion, "dimension", name="arousal", value=_scale(scales["arousal"]))
        _references(emotion, how)

    def text(self) -> str:
        """Return the document as XML."""
        root = _root()
        if self._about:
            _ours(_child(root, "info"), "about", self._about)
        for name in self._used if not self._vocabulary else ():
            _VOCABULARIES[name](root)
        root.extend(self._emotions)
        return _text(root)

    def _emotion(self, vocabulary: str, how: Expressed) -> ET.Element:
        self._used[vocabulary] = None
        emotion = ET.Element(f"{{{NAMESPACE}}}emotion")
        emotion.set("category-set", f"{self._vocabulary}#{vocabulary}")
        emotion.set("dimension-set", DIMENSIONS)
        emotion.set("expressed-through", how.through)
        if how.id:
            emotion.set("id", how.id)
        _when(emotion, how)
        self._emotions.append(emotion)
        return emotion


def vocabulary_to_emotionml() -> str:
    """Return our vocabularies as an EmotionML document: the 13 CX categories with their definitions and the labels they
    are made of, and what a tone of voice expresses."""
    root = _root()
    for write in _VOCABULARIES.values():
        write(root)
    return _text(root)


def reading_to_emotionml(
    reading: Reading, *, at: float | None = None, reference: str = "", through: str = "text", vocabulary: str = ""
) -> str:
    """Return one reading as an EmotionML document.

    at: epoch seconds of what was read; reference: URI of it; through: text, voice, face or physiology; vocabulary: URI
    of the published vocabulary without fragment. Without one, the vocabulary is included.
    """
    document = Document(vocabulary=vocabulary)
    document.add_reading(reading, Expressed(through=through, at=at, reference=reference))
    return document.text()


def _root() -> ET.Element:
    return ET.Element(f"{{{NAMESPACE}}}emotionml", {"version": "1.0"})


def _child(parent: ET.Element, tag: str, **attributes: str) -> ET.Element:
    return ET.SubElement(parent, f"{{{NAMESPACE}}}{tag}", attributes)


def _ours(parent: ET.Element, tag: str, attributes: Mapping[str, str]) -> ET.Element:
    kept = {name: _NOT_XML.sub("", value) for name, value in attributes.items() if value}
    return ET.SubElement(parent, f"{{{OURS}}}{tag}", kept)


def _cx_vocabulary(root: ET.Element) -> None:
    vocabulary = _child(root, "vocabulary", type="category", id=VOCABULARY)
    for category in CX.values():
        info = _item(vocabulary, category.name, category.definition)
        for label, weight in category.weights.items():
            _ours(info, "label", {"name": label, "weight": f"{weight:g}"})


def _voice_vocabulary(root: ET.Element) -> None:
    vocabulary = _child(root, "vocabulary", type="category", id=VOICE)
    for name in TONES:
        _item(vocabulary, name, _TONES[name])


_VOCABULARIES = {VOCABULARY: _cx_vocabulary, VOICE: _voice_vocabulary}


def _item(vocabulary: ET.Element, name: str, definition: str) -> ET.Element:
    info = _child(_child(vocabulary, "item", name=name), "info")
    ET.SubElement(info, f"{{{OURS}}}definition").text = definition
    return info


def _producer(emotion: ET.Element, producer: Producer) -> ET.Element:
    info = _child(emotion, "info")
    _ours(info, "producer", _names(producer))
    return info


def _names(producer: Producer) -> dict[str, str]:
    return {"name": producer.name, "version": producer.version, "sha256": producer.sha256}


def _when(emotion: ET.Element, how: Expressed) -> None:
    """Write the moment, or, where only the place in a call is known, that."""
    if how.at is not None:
        emotion.set("start", str(_millis(how.at)))
        if how.until is not None:
            emotion.set("end", str(max(_millis(how.until), _millis(how.at))))
    elif how.begins is not None and how.medium:
        emotion.set("time-ref-uri", _NOT_XML.sub("", how.medium))
        emotion.set("offset-to-start", str(_millis(how.begins)))
        if how.ends is not None:
            emotion.set("duration", str(max(_millis(how.ends) - _millis(how.begins), 0)))


def _references(emotion: ET.Element, how: Expressed) -> None:
    """Write what expressed it, and the seconds of the call (a media fragment) in which it did."""
    uris = [how.reference] if how.reference else []
    if how.begins is not None and how.medium:
        until = "" if how.ends is None else f",{max(how.ends, how.begins):.2f}"
        uris.append(f"{how.medium}#t={how.begins:.2f}{until}")
    for uri in uris:
        _child(emotion, "reference", uri=_NOT_XML.sub("", uri), role="expressedBy")


def _millis(seconds: float) -> int:
    return max(round(seconds * 1000), 0)


def _scale(value: float) -> str:
    return f"{min(max(value, 0.0), 1.0):.4f}"


def _text(root: ET.Element) -> str:
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'
