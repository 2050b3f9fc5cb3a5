"""What Contact Lens and Transcribe Call Analytics say of a call and its turns: their labels, in their words and scales.

Nothing here becomes a reading of ours. Only what has the expected shape is kept; the rest of a file is left out.
"""

from collections.abc import Mapping
from typing import Any

from unspoken.intake.validation import cleaned

SENTIMENTS = ("POSITIVE", "NEGATIVE", "NEUTRAL", "MIXED")
SCALE = (-5, 5)
"""Of the vendor's sentiment scores, most negative to most positive."""

_MOST = 1000  # entries of one list that are kept
_LONGEST = 10_000  # characters of one text that are kept
_FARTHEST = 1e15
_DETECTED = ("IssuesDetected", "OutcomesDetected", "ActionItemsDetected")


def number(value: Any) -> float | None:
    """Return a number as it is, None for anything else."""
    told = isinstance(value, int | float) and not isinstance(value, bool)
    return value if told and abs(value) <= _FARTHEST else None


def words(value: Any) -> str:
    """Return a text that can be stored, '' for anything else."""
    return cleaned(value[:_LONGEST]) if isinstance(value, str) else ""


def within(thing: Any, *names: str) -> Any:
    """Return what lies under `names`, one in the other; None where one of them is missing."""
    for name in names:
        thing = thing.get(name) if isinstance(thing, Mapping) else None
    return thing


def turn_labels(turn: Mapping[str, Any]) -> dict[str, Any]:
    """Return the vendor's labels of one turn: sentiment, loudness (one value a second), what it found, what it hid."""
    loudness = turn.get("LoudnessScore", turn.get("LoudnessScores"))
    found: dict[str, Any] = {
        "Sentiment": turn.get("Sentiment") if turn.get("Sentiment") in SENTIMENTS else None,
        "LoudnessScore": [number(value) for value in _list(loudness)],
        "RedactedTimestamps": _windows(_flat(within(turn, "Redaction", "RedactedTimestamps"))),
        "Redaction": [_redacted(one) for one in _list(turn.get("Redaction"))],
    }
    found |= {name: [_detected(one) for one in _list(turn.get(name))] for name in _DETECTED}
    return _told(found)


def call_labels(head: Mapping[str, Any]) -> dict[str, Any]:
    """Return the vendor's labels of a whole call, from a document without its turns. Times are milliseconds of it."""
    character = head.get("ConversationCharacteristics")
    scores = {
        "OverallSentiment": _numbers(within(character, "Sentiment", "OverallSentiment")),
        "SentimentByPeriod": _periods(within(character, "Sentiment", "SentimentByPeriod")),
    }
    found = scores | {
        "SentimentScale": list(SCALE) if any(scores.values()) else None,
        "Interruptions": _interruptions(within(character, "Interruptions")),
        "NonTalkTime": _non_talk(within(character, "NonTalkTime")),
        "TalkTime": _by_participant(within(character, "TalkTime"), "TotalTimeMillis"),
        "TalkSpeed": _by_participant(within(character, "TalkSpeed"), "AverageWordsPerMinute"),
        "TotalConversationDurationMillis": number(within(character, "TotalConversationDurationMillis")),
        "Categories": _categories(head.get("Categories")),
        "Summary": _summary(head, character),
        "Output": words(within(head, "ContentMetadata", "Output")),
        "JobStatus": words(head.get("JobStatus")),
        "SkippedAnalysis": [
            words(within(one, "Feature")) for one in _list(within(head, "JobDetails", "SkippedAnalysis"))
        ],
    }
    return _told(found)


def _told(found: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if value not in (None, "", [], {})}


def _list(value: Any) -> list[Any]:
    return value[:_MOST] if isinstance(value, list) else []


def _flat(value: Any) -> list[Any]:
    """Return windows that may lie in a list of lists."""
    return [one for part in _list(value) for one in (part if isinstance(part, list) else [part])][:_MOST]


def _numbers(value: Any) -> dict[str, float]:
    told = {name: number(one) for name, one in value.items()} if isinstance(value, Mapping) else {}
    return {words(name): one for name, one in told.items() if one is not None}


def _windows(value: Any, *more: str) -> list[dict[str, float]]:
    names = ("BeginOffsetMillis", "EndOffsetMillis", *more)
    found = [{name: number(within(one, name)) for name in names} for one in _list(value)]
    return [{name: told for name, told in one.items() if told is not None} for one in found if _lasts(one)]


def _lasts(window: Mapping[str, float | None]) -> bool:
    return window["BeginOffsetMillis"] is not None and window["EndOffsetMillis"] is not None


def _periods(value: Any) -> dict[str, dict[str, list[dict[str, float]]]]:
    if not isinstance(value, Mapping):
        return {}
    return {
        words(period): {words(role): _windows(scores, "Score") for role, scores in by.items()}
        for period, by in value.items()
        if isinstance(by, Mapping)
    }


def _interruptions(value: Any) -> dict[str, Any]:
    """Return how often somebody was cut off. A window that is listed for both sides is one, by both."""
    by = within(value, "InterruptionsByInterrupter")
    roles: dict[tuple[float, float], list[str]] = {}
    for role, windows in by.items() if isinstance(by, Mapping) else ():
        for one in _windows(windows):
            roles.setdefault((one["BeginOffsetMillis"], one["EndOffsetMillis"]), []).append(words(role))
    told: dict[str, Any] = {name: number(within(value, name)) for name in ("TotalCount", "TotalTimeMillis")}
    told["Windows"] = [
        {"BeginOffsetMillis": begins, "EndOffsetMillis": ends, "By": by_whom}
        for (begins, ends), by_whom in sorted(roles.items())
    ]
    return _told(told)


def _non_talk(value: Any) -> dict[str, Any]:
    total = number(within(value, "TotalTimeMillis"))
    return _told({"TotalTimeMillis": total, "Instances": _windows(within(value, "Instances"))})


def _by_participant(value: Any, name: str) -> dict[str, float]:
    by = within(value, "DetailsByParticipant")
    return _numbers({role: within(one, name) for role, one in by.items()}) if isinstance(by, Mapping) else {}


def _categories(value: Any) -> dict[str, list[dict[str, float]]]:
    found: dict[str, list[dict[str, float]]] = {words(one): [] for one in _list(within(value, "MatchedCategories"))}
    details = within(value, "MatchedDetails")
    for name, one in details.items() if isinstance(details, Mapping) else ():
        found[words(name)] = _windows(within(one, "PointsOfInterest"))
    found.pop("", None)
    return found


def _summary(head: Mapping[str, Any], character: Any) -> str:
    summary = within(character, "ContactSummary")
    places = (
        within(summary, "PostContactSummary", "Content"),
        within(summary, "AutoGenerated", "OverallSummary", "Content"),
        within(head, "PostContactSummary", "Content"),
    )
    return next((told for place in places if (told := words(place))), "")


def _detected(value: Any) -> dict[str, Any]:
    """Return what was found in a turn's words; characters are counted as in the file, under one spelling."""
    offsets = within(value, "CharacterOffsets")
    told: dict[str, Any] = {}
    for name in ("Begin", "End"):
        spelt = (number(within(offsets, f"{name}OffsetChar")), number(within(offsets, name)))
        told[f"{name}OffsetChar"] = next((one for one in spelt if one is not None), None)
    return _told({**told, "Text": words(within(value, "Text"))})


def _redacted(value: Any) -> dict[str, Any]:
    told: dict[str, Any] = {name: words(within(value, name)) for name in ("Type", "Category")}
    return _told(told | {"Confidence": number(within(value, "Confidence"))})
