"""A call as Amazon Connect Contact Lens tells one after it ended (version 1.1.0), made from our readings.

Only what a customer said has a sentiment: nobody else is ever read, so theirs is left out. What we know and Contact
Lens has no name for lies under `Unspoken`, on our own scales.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from unspoken.affect.reading import Reading
from unspoken.conversations.models import Author
from unspoken.people.models import Channel

from ..models import ToneReading
from ..queries import Effective
from .told import Said, Told

VERSION = "1.1.0"
CLEAR = 0.25
"""Valence (−1…1) beyond which a turn is POSITIVE or NEGATIVE; between, it is NEUTRAL."""

SCALE = 5.0
"""A score is the mean valence of the customer's turns times this: −5…5."""

SILENCE = 3000
"""Milliseconds in which nobody speaks from which they count as non-talk time."""

_ROLES = {Author.CUSTOMER: "CUSTOMER", Author.AGENT: "AGENT", Author.BOT: "CUSTOM_BOT", Author.SYSTEM: "SYSTEM"}


class NotACall(ValueError):  # noqa: N818  reads as the sentence it is
    """A conversation that is no call cannot be told as one."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one side said, from and to milliseconds of the call; lasts: whether its length is known."""

    id: str
    role: str
    text: str
    begins: int
    ends: int
    lasts: bool
    read: Effective | None


def as_contact_lens(told: Told) -> dict[str, Any]:
    """Return a call in the names of Contact Lens; raises NotACall."""
    conversation = told.conversation
    if conversation.channel != Channel.CALL:
        raise NotACall(f"{conversation.id} is no call but came by {conversation.get_channel_display().lower()}.")
    turns = _turns(told)
    length = max([turn.ends for turn in turns] + [round(row.ends * 1000) for row in told.tones], default=0)
    roles = dict.fromkeys(turn.role for turn in turns)
    document: dict[str, Any] = {
        "Version": VERSION, "Channel": "VOICE", "JobStatus": "COMPLETED", "ContentMetadata": {"Output": "Raw"},
        "CustomerMetadata": {"ContactId": conversation.id}, "LanguageCode": _language(told.said),
        "Participants": [{"ParticipantId": role, "ParticipantRole": role} for role in roles],
        "Categories": {"MatchedCategories": [], "MatchedDetails": {}},
        "ConversationCharacteristics": _characteristics(turns, length),
        "Transcript": [_written(turn) for turn in turns],
        "Unspoken": _ours(told, turns),
    }  # fmt: skip
    return {name: value for name, value in document.items() if value != ""}


def sentiment_of(valence: float) -> str:
    """Return the label of a valence (−1…1)."""
    return "POSITIVE" if valence > CLEAR else "NEGATIVE" if valence < -CLEAR else "NEUTRAL"


def score_of(valences: Sequence[float]) -> float:
    """Return the score (−5…5, one decimal) of some turns' valences (−1…1): their mean, stretched."""
    return round(SCALE * sum(valences) / len(valences), 1) + 0.0  # no negative zero


def _turns(told: Told) -> list[Turn]:
    turns = []
    for one in told.said:
        message = one.message
        if message.author_kind == Author.SYSTEM and one.ends is None:  # a line of the timeline, which nobody said
            continue
        zero = told.began or told.conversation.opened_at
        begins = _millis(one.begins) if one.begins is not None else _since(zero, message.occurred_at)
        ends = _millis(one.ends) if one.ends is not None else begins
        role = _ROLES[Author(message.author_kind)]
        turns.append(Turn(message.id, role, message.text, begins, ends, one.ends is not None, one.read))
    return sorted(turns, key=lambda turn: (turn.begins, turn.ends))


def _written(turn: Turn) -> dict[str, Any]:
    written = {
        "Id": turn.id, "ParticipantId": turn.role, "ParticipantRole": turn.role, "Content": turn.text,
        "BeginOffsetMillis": turn.begins, "EndOffsetMillis": turn.ends,
    }  # fmt: skip
    return written | ({"Sentiment": sentiment_of(turn.read.reading.valence)} if turn.read else {})


def _characteristics(turns: Sequence[Turn], length: int) -> dict[str, Any]:
    found: dict[str, Any] = {"TotalConversationDurationMillis": length}
    read = [(turn, turn.read.reading.valence) for turn in turns if turn.read]
    if read:
        found["Sentiment"] = {
            "OverallSentiment": {"CUSTOMER": score_of([valence for _, valence in read])},
            "SentimentByPeriod": {"QUARTER": {"CUSTOMER": _quarters(read, length)}},
        }
    if turns and all(turn.lasts for turn in turns):
        found |= _talk(turns, length)
    return found


def _quarters(read: Sequence[tuple[Turn, float]], length: int) -> list[dict[str, float]]:
    """Return the score of each quarter of the call in whose course the middle of a turn lies that was read."""
    ends = [round(length * part / 4) for part in range(5)]
    quarters = []
    for number in range(4):
        inside = [
            valence for turn, valence in read
            if ends[number] <= (turn.begins + turn.ends) / 2 < ends[number + 1] + (number == 3)
        ]  # fmt: skip
        if inside:
            place = {"BeginOffsetMillis": ends[number], "EndOffsetMillis": ends[number + 1]}
            quarters.append({**place, "Score": score_of(inside)})
    return quarters


def _talk(turns: Sequence[Turn], length: int) -> dict[str, Any]:
    """Return how long each side spoke and how fast, and when nobody did."""
    by_role = {role: [turn for turn in turns if turn.role == role] for role in dict.fromkeys(one.role for one in turns)}
    millis = {role: sum(end - begin for begin, end in _joined(those)) for role, those in by_role.items()}
    words = {role: sum(len(turn.text.split()) for turn in those) for role, those in by_role.items()}
    speaking = _joined(turns)
    gaps = zip([0, *(end for _, end in speaking)], [*(begin for begin, _ in speaking), length], strict=True)
    silent = [(begin, end) for begin, end in gaps if end - begin >= SILENCE]
    return {
        "TalkTime": {
            "DetailsByParticipant": {role: {"TotalTimeMillis": told} for role, told in millis.items()},
            "TotalTimeMillis": sum(millis.values()),
        },
        "TalkSpeed": {
            "DetailsByParticipant": {
                role: {"AverageWordsPerMinute": round(words[role] * 60_000 / told)}
                for role, told in millis.items() if told
            },
        },
        "NonTalkTime": {
            "Instances": [
                {"BeginOffsetMillis": begin, "EndOffsetMillis": end, "DurationMillis": end - begin}
                for begin, end in silent
            ],
            "TotalTimeMillis": sum(end - begin for begin, end in silent),
        },
    }  # fmt: skip


def _joined(turns: Iterable[Turn]) -> list[tuple[int, int]]:
    """Return the stretches in which at least one of `turns` goes on."""
    found: list[tuple[int, int]] = []
    for begins, ends in sorted((turn.begins, turn.ends) for turn in turns):
        if found and begins <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], ends)
        else:
            found.append((begins, ends))
    return found


def _ours(told: Told, turns: Sequence[Turn]) -> dict[str, Any]:
    return {
        "Says": "What turns and voice express as read, which may be wrong; never what somebody feels.",
        "Scales": "Valence -1 to 1; arousal, confidence and every chance 0 to 1.",
        "Sentiment": f"From valence: POSITIVE above {CLEAR}, NEGATIVE below -{CLEAR}; scores are {SCALE:g} x its mean.",
        "BeganAt": told.began.isoformat() if told.began else None,
        "Readings": [_reading(turn.id, turn.read) for turn in turns if turn.read],
        "Tone": [_window(row) for row in told.tones],
    }


def _reading(turn_id: str, read: Effective) -> dict[str, Any]:
    counts, row = read.reading, read.stored
    return {
        "TranscriptId": turn_id, "ReadingId": row.id, "Expresses": counts.top, "Chances": dict(counts.cx),
        "Valence": counts.valence, "Arousal": counts.arousal, "Confidence": counts.confidence,
        "Service": dict(counts.service), "Evidence": _evidence(counts),
        "Producer": _producer(row.model, row.model_version, row.model_sha256),
        "CorrectedByAPersonTo": read.correction.cx if read.correction else None,
    }  # fmt: skip


def _evidence(reading: Reading) -> list[dict[str, Any]]:
    return [
        {"BeginOffsetChar": span.start, "EndOffsetChar": span.end, "Label": span.label, "Weight": span.weight}
        for span in reading.spans
    ]


def _window(row: ToneReading) -> dict[str, Any]:
    return {
        "BeginOffsetMillis": _millis(row.begins), "EndOffsetMillis": _millis(row.ends), "Chances": dict(row.scales),
        "Heard": list(row.changes), "NotTold": row.reason or None,
        "Producer": _producer(row.model, row.model_version, row.model_sha256),
    }  # fmt: skip


def _producer(name: str, version: str, sha256: str) -> Mapping[str, str]:
    return {"Name": name, "Version": version, "Sha256": sha256}


def _language(said: Iterable[Said]) -> str:
    """Return the language that most messages name, '' where none does."""
    named = [one.message.language for one in said if one.message.language]
    return max(dict.fromkeys(named), key=named.count, default="")


def _millis(seconds: float) -> int:
    return round(seconds * 1000)


def _since(zero: datetime, moment: datetime) -> int:
    return max(0, _millis((moment - zero).total_seconds()))
