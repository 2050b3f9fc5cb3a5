"""Trajectory: how readings move inside one conversation. `follow` is the one way in.

It is a pure function of the whole conversation: no state is carried from call to call, so turns that arrive late, twice
or out of order cannot matter, and a replay gives the numbers that the live run gave.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from unspoken.affect.baseline import SERVICE, Baseline, Usual
from unspoken.affect.forecast import because, ends_badly, signs_of
from unspoken.affect.repetition import askings
from unspoken.affect.turning import Cause, TurningPoint, duration, turning_points
from unspoken.affect.turns import Author, Turn, in_order
from unspoken.affect.vocabulary import ADJECTIVES, CX, NEGATIVE, POSITIVE
from unspoken.affect.waiting import PATIENCE, waits

__all__ = ["Author", "Cause", "Point", "Trajectory", "Turn", "TurningPoint", "follow", "in_words"]

Direction = Literal["improving", "steady", "worsening"]

MEMORY = 0.5 ** (1 / 2.5)  # a turn counts half as much after two and a half further turns of the customer
RECENT = 8  # turns that the slope looks back over
MOVES = 0.3  # change in tone over those turns that is more than wobble
FRESH = 2  # a turning point is still news at the newest turn read and at the one after it
EXPRESSED = 0.15  # smoothed probability from which a category is named


class Point(NamedTuple):
    """One customer turn that was read, for drawing: valence as read and smoothed, both -1…1, and its tone -2…1."""

    turn_id: str
    at: float
    valence: float
    smoothed: float
    tone: float


@dataclass(frozen=True, slots=True)
class Trajectory:
    """How a conversation moves, as of its last turn.

    level: smoothed valence -1…1 (0 when nothing was read). slope: tone per customer turn, not per hour: what is said
    moves a conversation, the clock does not, and turns are immune to jitter in times. ends_badly: chance 0…1 that a
    later turn expresses dissatisfaction; because: its parts in log-odds. relative: level against what is usual here,
    in standard deviations. frustration: smoothed 0…1. expresses: CX category expressed most of late, or 'neutral'.
    repeats: times the same thing was asked (1 = never again). waited: longest time unanswered (seconds); patience:
    seconds that are acceptable here. unanswered_since: epoch seconds of the oldest turn without an answer.
    broken_promises, refusals: counts of ours. read, customer_turns: turns with a reading, and of the customer at all.
    """

    level: float
    slope: float
    direction: Direction
    ends_badly: float
    because: dict[str, float]
    relative: float
    frustration: float
    expresses: str
    turning_points: tuple[TurningPoint, ...]
    repeats: int
    waited: float
    patience: float
    unanswered_since: float | None
    broken_promises: int
    refusals: int
    read: int
    customer_turns: int
    points: tuple[Point, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the trajectory in JSON types."""
        data = {name: getattr(self, name) for name in self.__slots__}
        data["points"] = [point._asdict() for point in self.points]
        data["turning_points"] = [point.to_json() for point in self.turning_points]
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Return the trajectory kept by `to_json`."""
        turned = tuple(TurningPoint.from_json(point) for point in data["turning_points"])
        return cls(**{**data, "points": tuple(Point(**point) for point in data["points"]), "turning_points": turned})


class _Course(NamedTuple):
    points: tuple[Point, ...]
    level: float
    cx: dict[str, float]


def follow(
    turns: Iterable[Turn], baseline: Baseline | Usual | None = None, *, patience: float = PATIENCE
) -> Trajectory:
    """Return the trajectory of one conversation from all of its turns, in any order, duplicates allowed.

    baseline: what is usual for this contact and channel, `contact.usual(channel.usual())`. patience: seconds that an
    answer may take here (a chat 300, e-mail 86 400).
    """
    usual = baseline.usual() if isinstance(baseline, Baseline) else baseline or SERVICE
    ordered = in_order(turns)
    course = _course(ordered)
    asked = askings(ordered)
    waited = waits(ordered)
    repeats = max((times for times, _ in asked), default=0)
    signs = signs_of(ordered, repeats=repeats, waits=waited, patience=patience)
    customer = [turn for turn in ordered if turn.author == "customer"]
    slope, change = _slope(customer)
    floor = usual.valence - usual.frustration - usual.valence_sd
    turned = turning_points(ordered, waited.at, asked, floor=floor, patience=patience)
    return Trajectory(
        level=course.level,
        slope=slope,
        direction=_direction(change, turned, course.points[-FRESH:]),
        ends_badly=ends_badly(signs),
        because=because(signs),
        relative=(course.level - usual.valence) / usual.valence_sd if course.points else 0.0,
        frustration=course.cx["frustration"],
        expresses=_expresses(course.cx),
        turning_points=turned,
        repeats=repeats,
        waited=waited.longest,
        patience=patience,
        unanswered_since=waited.unanswered_since,
        broken_promises=signs.broken,
        refusals=signs.refusals,
        read=len(course.points),
        customer_turns=len(customer),
        points=course.points,
    )


def _course(turns: Sequence[Turn]) -> _Course:
    """Smooth exponentially by turns; a turn that was not read ages the ones before it and adds nothing."""
    customer = [turn for turn in turns if turn.author == "customer"]
    points: list[Point] = []
    weights: list[float] = []
    expressed: list[NDArray[np.float64]] = []
    valence = weight = 0.0
    for place, turn in enumerate(customer):
        valence, weight = valence * MEMORY, weight * MEMORY
        reading = turn.reading
        if reading is not None:
            trust = max(reading.confidence, 0.05)
            valence += trust * reading.valence
            weight += trust
            points.append(Point(turn.id, turn.at, reading.valence, valence / weight, reading.tone))
            weights.append(trust * MEMORY ** (len(customer) - 1 - place))
            expressed.append(reading.cx_row)
    if not points:
        return _Course((), 0.0, dict.fromkeys(CX, 0.0))
    smoothed = np.minimum(np.array(weights) @ np.array(expressed) / weight, 1.0)  # rounding may exceed it by a hair
    return _Course(tuple(points), points[-1].smoothed, dict(zip(CX, smoothed.tolist(), strict=True)))


def _expresses(cx: dict[str, float]) -> str:
    """Return the strongest category with a side; confusion counts for less, every question reads as a little unsure."""
    named = {name: cx[name] * (0.4 if name == "confusion" else 1.0) for name in (*NEGATIVE, *POSITIVE)}
    top = max(named, key=lambda name: (named[name], name))
    return top if named[top] >= EXPRESSED else "neutral"


def _direction(change: float, turned: Sequence[TurningPoint], newest: Sequence[Point]) -> Direction:
    """Return where it goes: a turn that has just happened says more than the slope over many turns."""
    if turned and any(point.turn_id == turned[-1].turn_id for point in newest):
        change = turned[-1].change
    return "improving" if change > MOVES else "worsening" if change < -MOVES else "steady"


def _slope(customer: Sequence[Turn]) -> tuple[float, float]:
    """Return tone per customer turn and its change over the window: the median of all pairwise slopes.

    Theil and Sen's estimator: up to 29 % of the turns may be misread without moving it far.
    """
    recent = customer[-RECENT:]
    seen = [(index, turn.reading.tone) for index, turn in enumerate(recent) if turn.reading is not None]
    if len(seen) < 2:
        return 0.0, 0.0
    slopes = sorted(
        (later - earlier) / (j - i) for place, (i, earlier) in enumerate(seen) for j, later in seen[place + 1 :]
    )
    middle = len(slopes) // 2
    slope = slopes[middle] if len(slopes) % 2 else (slopes[middle - 1] + slopes[middle]) / 2
    return slope, slope * (seen[-1][0] - seen[0][0])


def in_words(trajectory: Trajectory) -> str:
    """Return the trajectory as one plain English sentence, facts after the reading."""
    parts = [f"Reads as {_reads_as(trajectory)}" if trajectory.read else "Not read yet"]
    if trajectory.repeats > 1:
        parts.append(f"the same question was asked {_TIMES.get(trajectory.repeats, f'{trajectory.repeats} times')}")
    if trajectory.waited > trajectory.patience:
        parts.append(f"waited {duration(trajectory.waited)}")
    if trajectory.broken_promises:
        parts.append("a promised time passed")
    return "; ".join(parts) + "."


_TIMES = {2: "twice", 3: "three times", 4: "four times", 5: "five times"}


def _reads_as(trajectory: Trajectory) -> str:
    expressed = ADJECTIVES[trajectory.expresses]
    negative = trajectory.expresses in NEGATIVE
    if trajectory.direction == "worsening":
        return f"increasingly {expressed if negative else 'negative'}"
    if trajectory.direction == "improving":
        return f"{expressed}, improving" if trajectory.expresses != "neutral" else "improving"
    return expressed
