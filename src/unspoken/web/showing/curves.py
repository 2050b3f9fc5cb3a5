"""A trajectory as a small drawing: places of points in an SVG view box, made from the stored numbers.

Drawn is the tone of each message (valence less displeasure, -2…1), which is what a conversation's direction rests on.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

WIDTH, HEIGHT, EDGE = 520.0, 128.0, 24.0
APART = 15.0  # between a dot and its number
BEST, WORST = 1.0, -2.0


@dataclass(frozen=True, slots=True)
class Dot:
    """One customer turn: its place, its tone -2…1, and whether a person corrected it."""

    turn_id: str
    x: float
    y: float
    tone: float
    corrected: bool


@dataclass(frozen=True, slots=True)
class Turning:
    """A numbered turning point on the line: `fell` or not, its causes in words (strongest first)."""

    number: int
    turn_id: str
    x: float
    y: float
    fell: bool
    causes: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """What the template draws: `line` and `area` are SVG paths through the dots."""

    width: float
    height: float
    zero: float
    line: str
    area: str
    dots: tuple[Dot, ...]
    turnings: tuple[Turning, ...]


def curve(numbers: Mapping[str, Any], corrected: Collection[str] = ()) -> Curve | None:
    """Return the drawing of a trajectory's JSON, or None with fewer than two points; corrected: ids of messages."""
    points = numbers.get("points") or []
    if len(points) < 2:
        return None
    places = _across(len(points), WIDTH, EDGE)
    dots = tuple(
        Dot(point["turn_id"], x, _down(_tone(point)), _tone(point), point["turn_id"] in corrected)
        for x, point in zip(places, points, strict=True)
    )
    line = _path([(dot.x, dot.y) for dot in dots])
    zero = _down(0.0)
    return Curve(
        width=WIDTH,
        height=HEIGHT,
        zero=zero,
        line=line,
        area=f"{line} V{zero} H{places[0]} Z",
        dots=dots,
        turnings=_turnings(numbers.get("turning_points") or [], {dot.turn_id: dot for dot in dots}),
    )


def _turnings(found: Sequence[Mapping[str, Any]], dots: Mapping[str, Dot]) -> tuple[Turning, ...]:
    known = [point for point in found if point["turn_id"] in dots]
    return tuple(
        Turning(
            number=number,
            turn_id=point["turn_id"],
            x=dots[point["turn_id"]].x,
            y=dots[point["turn_id"]].y + (APART if point["change"] < 0 else -APART),
            fell=point["change"] < 0,
            causes=tuple(point["causes"]),
        )
        for number, point in enumerate(known, start=1)
    )


def spark(numbers: Mapping[str, Any]) -> tuple[str, float, float] | None:
    """Return the end of the line as a path in an 88 × 28 box, and its last point; None with fewer than two points."""
    points = (numbers.get("points") or [])[-12:]
    if len(points) < 2:
        return None
    places = [
        (x, round(3.0 + 22.0 * (BEST - _tone(point)) / (BEST - WORST), 1))
        for x, point in zip(_across(len(points), 88.0, 3.0), points, strict=True)
    ]
    return _path(places), *places[-1]


def _path(places: Sequence[tuple[float, float]]) -> str:
    """Return a path through `places`, level at each of them: smooth, and never beyond what was measured."""
    (x, y), *others = places
    parts = [f"M{x} {y}"]
    for to_x, to_y in others:
        middle = round((x + to_x) / 2, 1)
        parts.append(f"C{middle} {y} {middle} {to_y} {to_x} {to_y}")
        x, y = to_x, to_y
    return " ".join(parts)


def _across(count: int, width: float, edge: float) -> list[float]:
    step = (width - 2 * edge) / (count - 1)
    return [round(edge + index * step, 1) for index in range(count)]


def _tone(point: Mapping[str, Any]) -> float:
    return float(point.get("tone", point["valence"]))  # an earlier version kept the valence alone


def _down(tone: float) -> float:
    return round(EDGE + (HEIGHT - 2 * EDGE) * (BEST - tone) / (BEST - WORST), 1)
