"""A contact's states as one plain sentence, each clause tied to its evidence and its date."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from unspoken.affect.state import HALF_LIFE, Area, State
from unspoken.affect.vocabulary import ADJECTIVES

NOTHING = "Nothing has been read yet."
SHOWN = 5  # evidence ids a clause carries

_PREPOSITIONS = {
    "confusion": "about", "worry": "about", "sadness": "about", "relief": "about", "gratitude": "for",
    "interest": "in", "surprise": "by", "neutral": "about",
}  # fmt: skip
_OBJECTS: Mapping[Area, str] = {"product": "the product", "service": "the service"}
_COUNTS = {2: "two", 3: "three", 4: "four", 5: "five"}


@dataclass(frozen=True, slots=True)
class Clause:
    """One part of a sentence: its area, newest evidence ids first, when last observed, and whether it is stale."""

    text: str
    area: Area
    evidence: tuple[str, ...]
    last_at: float
    stale: bool


@dataclass(frozen=True, slots=True)
class Sentence:
    """One plain sentence and the clauses it is made of."""

    text: str
    clauses: tuple[Clause, ...]


def describe(states: Mapping[Area, State], now: float, *, tz: tzinfo = UTC) -> Sentence:
    """Return what is known of a contact as one sentence as of `now` (epoch seconds); months are named in `tz`.

    A clause is stale once its newest observation counts half (`HALF_LIFE`); it is then dated: "as of August".
    """
    reads_as = [clause for area in ("product", "public") if (clause := _clause(states.get(area), now, tz))]
    service = states.get("service")
    moving = [clause for clause in [_trend(service, now, tz)] if clause]
    if not moving and (clause := _clause(service, now, tz)):
        reads_as.append(clause)
    if not reads_as and not moving:
        return Sentence(NOTHING, ())
    parts = [f"reads as {_listed([clause.text for clause in reads_as])}"] if reads_as else []
    text = "; ".join([*parts, *(clause.text for clause in moving)])
    return Sentence(f"{text[0].upper()}{text[1:]}.", (*reads_as, *moving))


def _clause(state: State | None, now: float, tz: tzinfo) -> Clause | None:
    if state is None or not state.count:
        return None
    dominant = state.dominant
    if state.area == "public":
        text = _in_public(state)
    else:
        text = f"{ADJECTIVES[dominant]} {_PREPOSITIONS.get(dominant, 'with')} {_OBJECTS[state.area]}"
    speaking = [recent.evidence for recent in state.recent if recent.top == dominant]
    return _dated(text, state, tuple(speaking[:SHOWN]) or state.evidence[:SHOWN], now, tz)


def _in_public(state: State) -> str:
    place = "reviews" if all(recent.channel.startswith("review") for recent in state.recent) else "public"
    if state.dominant in ("neutral", "interest", "surprise"):
        return f"active in {place}"
    return f"{ADJECTIVES[state.dominant]} in {place}"


def _trend(state: State | None, now: float, tz: tzinfo) -> Clause | None:
    if state is None or (trend := state.trend()) not in ("rising", "easing"):
        return None
    contacts = state.contacts()
    text = f"concern {trend} over the last {_COUNTS[len(contacts)]} service contacts"
    evidence = tuple(max(contact, key=lambda recent: recent.concern).evidence for contact in reversed(contacts))
    return _dated(text, state, evidence, now, tz)


def _dated(text: str, state: State, evidence: tuple[str, ...], now: float, tz: tzinfo) -> Clause:
    stale = now - state.as_of >= HALF_LIFE[state.area]
    if stale:
        seen, today = datetime.fromtimestamp(state.as_of, tz), datetime.fromtimestamp(now, tz)
        recent = (today.year - seen.year) * 12 + today.month - seen.month < 12
        text = f"{text} (as of {seen:%B})" if recent else f"{text} (as of {seen:%B %Y})"
    return Clause(text, state.area, evidence, state.as_of, stale)


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
