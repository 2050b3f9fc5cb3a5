"""The rules of EmotionML 1.0 that can be checked in a document by itself, after its schema and its assertions."""

import re
from collections.abc import Iterator
from xml.etree import ElementTree as ET

NAMESPACE = "{http://www.w3.org/2009/10/emotionml}"
KINDS = ("category", "dimension", "appraisal", "action-tendency")
SETS = tuple(f"{kind}-set" for kind in KINDS)
KNOWN = {
    "http://www.w3.org/TR/emotion-voc/xml#fsre-dimensions": (
        "dimension", {"valence", "potency", "arousal", "unpredictability"},
    ),
}  # fmt: skip
ROLES = {"expressedBy", "experiencedBy", "triggeredBy", "targetedAt"}
THROUGH = {
    "gaze", "face", "head", "torso", "gesture", "leg", "voice", "text", "locomotion", "posture", "physiology",
}  # fmt: skip
TIMES = ("start", "end", "duration", "offset-to-start")
OF_AN_EMOTION = {"id", "version", "expressed-through", "time-ref-uri", "time-ref-anchor-point", *TIMES, *SETS}
NAME = re.compile(r"[A-Za-z_][\w.-]*")
Vocabularies = dict[str, tuple[str, set[str]]]


def violations(text: str) -> list[str]:
    """Return what breaks the rules in a document; raises ParseError where it is not even XML."""
    root = ET.fromstring(text)
    if root.tag != f"{NAMESPACE}emotionml":
        return ["the root is not emotionml in its namespace"]
    found = [] if root.get("version") == "1.0" else ["version is not 1.0"]
    found += [f"emotionml has {name}" for name in root.attrib if name not in {"version", *SETS}]
    vocabularies = dict(KNOWN)
    for vocabulary in root.iter(f"{NAMESPACE}vocabulary"):
        found += _of_vocabulary(vocabulary, vocabularies)
    found += _of_order([_tag(child) for child in root], "info", {"emotion", "vocabulary"})
    ids = [element.get("id", "") for element in root.iter() if element.get("id") is not None]
    wrong = [one for one in ids if not NAME.fullmatch(one) or ids.count(one) > 1]
    found += [f"id {one!r} is none, or not the only one" for one in wrong]
    for emotion in root.iter(f"{NAMESPACE}emotion"):
        sets = {name: emotion.get(name, root.get(name)) for name in SETS}
        found += [*_of_emotion(emotion), *_of_descriptions(emotion, sets, vocabularies), *_of_times(emotion)]
        found += _of_references(emotion)
    for info in root.iter(f"{NAMESPACE}info"):
        found += [f"info holds {_tag(child)}" for child in info if child.tag.startswith(NAMESPACE)]
    return found


def _tag(element: ET.Element) -> str:
    return element.tag.removeprefix(NAMESPACE)


def _of_order(tags: list[str], first: str, rest: set[str]) -> Iterator[str]:
    yield from (f"{tag} stands where it may not" for tag in tags[1:] if tag == first)
    yield from (f"{tag} is no element here" for tag in tags if tag not in {first, *rest})


def _of_vocabulary(vocabulary: ET.Element, known: Vocabularies) -> Iterator[str]:
    items = [item.get("name", "") for item in vocabulary.findall(f"{NAMESPACE}item")]
    kind, name = vocabulary.get("type", ""), vocabulary.get("id", "")
    known[f"#{name}"] = kind, set(items)
    if kind not in KINDS or not name or set(vocabulary.attrib) != {"type", "id"}:
        yield f"vocabulary {name!r} has no id or type"
    if not items or len(items) != len(set(items)) or not all(re.fullmatch(r"[\w.:-]+", item) for item in items):
        yield f"vocabulary {name} has no items, one twice, or one without a name"
    yield from _of_order([_tag(child) for child in vocabulary], "info", {"item"})


def _of_emotion(emotion: ET.Element) -> Iterator[str]:
    tags = [_tag(child) for child in emotion]
    yield from (f"emotion has {name}" for name in emotion.attrib if name not in OF_AN_EMOTION)
    yield from _of_order(tags, "info", {*KINDS, "reference"})
    if not set(tags) & set(KINDS):
        yield "emotion describes nothing"
    if "reference" in tags and set(tags[tags.index("reference") :]) != {"reference"}:
        yield "reference stands before a description"
    if not set(emotion.get("expressed-through", "text").split()) <= THROUGH:
        yield "expressed through something else"


def _of_descriptions(emotion: ET.Element, sets: dict[str, str | None], known: Vocabularies) -> Iterator[str]:
    for kind in KINDS:
        described = emotion.findall(f"{NAMESPACE}{kind}")
        names = [one.get("name", "") for one in described]
        uri = sets[f"{kind}-set"]
        if described and (uri not in known or known[uri][0] != kind):
            yield f"{kind} of a vocabulary that is not declared: {uri}"
        elif described and uri is not None and not set(names) <= known[uri][1]:
            yield f"{kind} with a name that is not in {uri}"
        if len(names) != len(set(names)):
            yield f"{kind} named twice"
        for one in described:
            needed = {"name", "value"} if kind == "dimension" else {"name"}
            if not needed <= set(one.attrib) <= {"name", "value", "confidence"}:
                yield f"{kind} has other attributes than it should"
            yield from (
                f"{kind} has the {name} {one.attrib[name]}"
                for name in ("value", "confidence")
                if name in one.attrib and not _is_share(one.attrib[name])
            )


def _is_share(value: str) -> bool:
    try:
        return 0.0 <= float(value) <= 1.0
    except ValueError:
        return False


def _of_times(emotion: ET.Element) -> Iterator[str]:
    times = {name: emotion.get(name, "0") for name in TIMES}
    if wrong := [name for name, value in times.items() if not re.fullmatch(r"\d+", value)]:
        yield f"{wrong} are no whole milliseconds"
        return
    if "end" in emotion.attrib and int(times["start"]) > int(times["end"]):
        yield "it ends before it starts"
    if "offset-to-start" in emotion.attrib and not emotion.get("time-ref-uri"):
        yield "an offset from nothing"
    if emotion.get("time-ref-anchor-point", "start") not in {"start", "end"}:
        yield "anchored neither at start nor at end"


def _of_references(emotion: ET.Element) -> Iterator[str]:
    for one in emotion.findall(f"{NAMESPACE}reference"):
        if not re.fullmatch(r"[a-z][\w+.-]*:[^\s<>\"]+", one.get("uri", "")):
            yield f"reference to {one.get('uri')!r}"
        if one.get("role", "expressedBy") not in ROLES or not set(one.attrib) <= {"uri", "role", "media-type"}:
            yield "reference in no known role"
