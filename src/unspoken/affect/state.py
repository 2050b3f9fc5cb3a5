"""State: what is currently known of a contact in one area, from every observation, older ones counting less.

Kept as decayed sums plus the newest observations, so that one more reading costs the same on the first day and after
ten years, and the numbers do not depend on the order in which observations came (to floating-point rounding, about
1e-12). It can always be recomputed from the stored readings with `State.of`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from itertools import pairwise
from typing import Any, Literal, NamedTuple, get_args

from unspoken.affect.vocabulary import CONCERN, CX, any_of

Area = Literal["product", "service", "public"]
Trend = Literal["rising", "easing", "steady", "unknown"]

AREAS: tuple[Area, ...] = get_args(Area)
DAY = 86400.0
HALF_LIFE: Mapping[Area, float] = {"product": 180 * DAY, "service": 60 * DAY, "public": 90 * DAY}
"""Seconds after which an observation counts half. What people think of a thing lasts longer than of one service
contact; what they write in public lies between. Judgements, not fits."""

KEPT = 24  # newest observations kept one by one, for the trend and as evidence
MOVES = 0.15  # change in concern over the last contacts that is worth a word


@dataclass(frozen=True, slots=True)
class Observation:
    """The numbers of one reading, placed: when (epoch seconds), in which area, on which channel, in which contact.

    evidence: id of the reading or message; conversation: id that groups observations into one service contact.
    """

    at: float
    area: Area
    valence: float
    cx: Mapping[str, float]
    evidence: str
    channel: str
    conversation: str = ""


class Recent(NamedTuple):
    """One of the newest observations: its concern (0…1) is the chance that trouble of any kind is expressed."""

    at: float
    evidence: str
    channel: str
    conversation: str
    top: str
    concern: float


@dataclass(frozen=True, slots=True)
class State:
    """What is known of a contact in one `area`, in sums decayed to `as_of` (epoch seconds of the newest observation).

    weight: sum of decayed ones; valence and cx: decayed sums; count: observations ever; recent: newest first.
    """

    area: Area
    as_of: float = 0.0
    count: int = 0
    weight: float = 0.0
    valence_sum: float = 0.0
    cx_sum: Mapping[str, float] = field(default_factory=dict)
    recent: tuple[Recent, ...] = ()

    @classmethod
    def of(cls, area: Area, observations: Iterable[Observation]) -> "State":
        """Return the state recomputed from all observations of `area`; those of other areas are passed over."""
        state = cls(area)
        for observation in observations:
            if observation.area == area:
                state = state.add(observation)
        return state

    def add(self, observation: Observation) -> "State":
        """Return the state with one more observation; one whose evidence is among the newest counts once.

        Raises ValueError for an observation of another area.
        """
        if observation.area != self.area:
            raise ValueError(f"An observation of {observation.area} cannot move the state of {self.area}.")
        if any(recent.evidence == observation.evidence for recent in self.recent):
            return self
        as_of = max(self.as_of, observation.at) if self.count else observation.at
        kept, new = self._decay(self.as_of, as_of), self._decay(observation.at, as_of)
        sums, more = self.cx_sum, observation.cx
        return State(
            self.area,
            as_of,
            self.count + 1,
            self.weight * kept + new,
            self.valence_sum * kept + observation.valence * new,
            {name: sums.get(name, 0.0) * kept + more.get(name, 0.0) * new for name in CX},
            _newest(_recent(observation), self.recent),
        )

    def weight_at(self, now: float) -> float:
        """Return how much is known at `now` (epoch seconds): 1 = as much as one observation made just then."""
        return self.weight * self._decay(self.as_of, max(now, self.as_of))

    @property
    def valence(self) -> float:
        """Mean valence -1…1, newer observations counting more; 0 when nothing was observed."""
        return self.valence_sum / self.weight if self.count else 0.0

    @property
    def cx(self) -> dict[str, float]:
        """Mean CX probabilities 0…1."""
        return {name: total / self.weight for name, total in self.cx_sum.items()} if self.count else {}

    @property
    def dominant(self) -> str:
        """The CX category expressed most, 'neutral' when none reaches 0.25."""
        named = {name: value for name, value in self.cx.items() if name != "neutral"}
        top = max(named, key=lambda name: (named[name], name), default="neutral")
        return top if named.get(top, 0.0) >= 0.25 else "neutral"

    @property
    def last_at(self) -> float | None:
        """When (epoch seconds) something was last observed."""
        return self.as_of if self.count else None

    @property
    def evidence(self) -> tuple[str, ...]:
        """Evidence ids of the newest observations, newest first."""
        return tuple(recent.evidence for recent in self.recent)

    def contacts(self, last: int = 3) -> tuple[tuple[Recent, ...], ...]:
        """Return the observations of the last contacts (conversations), oldest contact first."""
        groups: dict[str, list[Recent]] = {}
        for recent in self.recent:
            groups.setdefault(recent.conversation or recent.evidence, []).append(recent)
        return tuple(tuple(group) for group in list(groups.values())[:last][::-1])

    def trend(self, last: int = 3) -> Trend:
        """Return whether concern rose or eased with every one of the last contacts, 'unknown' when there are fewer."""
        contacts = self.contacts(last)
        if len(contacts) < max(last, 2):
            return "unknown"
        levels = [sum(recent.concern for recent in contact) / len(contact) for contact in contacts]
        steps = [later - earlier for earlier, later in pairwise(levels)]
        change = levels[-1] - levels[0]
        if change >= MOVES and min(steps) > 0.0:
            return "rising"
        return "easing" if change <= -MOVES and max(steps) < 0.0 else "steady"

    def to_json(self) -> dict[str, Any]:
        """Return the state in JSON types; tuples are lists there."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "State":
        """Return the state kept by `to_json`."""
        return cls(**{**data, "recent": tuple(map(_kept, data["recent"]))})

    def _decay(self, since: float, until: float) -> float:
        return float(0.5 ** ((until - since) / HALF_LIFE[self.area]))


def _kept(recent: Sequence[Any] | dict[str, Any]) -> Recent:
    return Recent(**recent) if isinstance(recent, dict) else Recent._make(recent)  # kept with names until lately


def _recent(observation: Observation) -> Recent:
    top = max(observation.cx, key=lambda name: (observation.cx[name], name), default="neutral")
    return Recent(
        observation.at,
        observation.evidence,
        observation.channel,
        observation.conversation,
        top,
        any_of(observation.cx, CONCERN),
    )


def _newest(one: Recent, others: tuple[Recent, ...]) -> tuple[Recent, ...]:
    """Return `others`, newest first, with `one` in its place."""
    if not others or one.at > others[0].at:
        return (one, *others[: KEPT - 1])
    return tuple(sorted((one, *others), key=lambda each: (-each.at, each.evidence))[:KEPT])
