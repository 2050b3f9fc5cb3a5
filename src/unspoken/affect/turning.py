"""Where a conversation turned, and what lay behind it: a two-sided CUSUM on tone, looking only back.

Page, "Continuous inspection schemes" (1954): deviations from the mean since the last turn add up; a slow decline is
found as surely as a sudden one, and one odd message in a long calm is not yet a turn unless it is large.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, Self

from unspoken.affect.reading import Reading
from unspoken.affect.turns import Turn
from unspoken.affect.vocabulary import NEGATIVE, POSITIVE
from unspoken.affect.waiting import Wait

SLACK = 0.1  # tone that wobbles this much around its mean is no movement
ALARM = 0.3  # and this much more, summed up, is a turn
PLEASED = 0.3  # chance of anything positive from which words are more than plain
BROKEN_PROMISE = 1.0  # weights of causes, against 1 for words that went from nothing to certain
ASKED_AGAIN = 0.5

CauseKind = Literal["words", "repeated_question", "waiting", "broken_promise"]


@dataclass(frozen=True, slots=True)
class Cause:
    """What lay behind a turn: `amount` is its share of the change in tone; `turn_id` the turn that shows it."""

    kind: CauseKind
    detail: str
    turn_id: str | None
    amount: float


@dataclass(frozen=True, slots=True)
class TurningPoint:
    """A customer's turn at which tone left its course by `change` (-3…3), strongest cause first."""

    turn_id: str
    at: float
    change: float
    causes: tuple[Cause, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the turning point in JSON types."""
        return {
            "turn_id": self.turn_id,
            "at": self.at,
            "change": self.change,
            "causes": [asdict(c) for c in self.causes],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Return the turning point kept by `to_json`."""
        return cls(**{**data, "causes": tuple(Cause(**cause) for cause in data["causes"])})


def turning_points(
    turns: Sequence[Turn],
    waits: Sequence[Wait],
    askings: Sequence[tuple[int, str | None]],
    *,
    floor: float,
    patience: float,
) -> tuple[TurningPoint, ...]:
    """Return the turning points of a conversation in order; floor: tone above which nothing is a fall.

    patience: seconds. Back to plain words is no turn: not after thanks (a fall must end below the floor), nor after a
    complaint (a rise must end in something positive).
    """
    found: list[TurningPoint] = []
    mean, seen, up, down = 0.0, 0, 0.0, 0.0
    last: Reading | None = None
    for index, turn in enumerate(turns):
        reading = turn.reading
        if reading is None:
            continue
        level = reading.tone
        change = level - mean
        if seen:
            up = max(0.0, up + change - SLACK)
            down = max(0.0, down - change - SLACK)
        fell = down > ALARM and level < floor and change < 0.0
        rose = up > ALARM and change > 0.0 and reading.pleasure >= PLEASED
        if fell or rose:
            causes = _causes(reading, last, waits[index], askings[index], fell=fell, patience=patience)
            found.append(TurningPoint(turn.id, turn.at, change, _shares(causes, change, turn.id)))
            mean, seen, up, down = 0.0, 0, 0.0, 0.0
        seen += 1
        mean += (level - mean) / seen
        last = reading
    return tuple(found)


def _causes(
    reading: Reading,
    last: Reading | None,
    wait: Wait,
    asking: tuple[int, str | None],
    *,
    fell: bool,
    patience: float,
) -> list[Cause]:
    """Return the candidate causes with their weights; a rise is put down to its words alone."""
    name, rise = _risen(reading.cx, last.cx if last else {}, NEGATIVE if fell else POSITIVE)
    causes = [Cause("words", f"reads as {name}", None, max(rise, 0.1))]
    if not fell:
        return causes
    if asking[0] > 1:
        times = asking[0]
        detail = f"the same question for the {ordinal(times)} time"
        causes.append(Cause("repeated_question", detail, asking[1], ASKED_AGAIN * (times - 1)))
    if wait.seconds > patience:
        amount = min(1.0, wait.seconds / patience / 10)
        causes.append(Cause("waiting", f"waited {duration(wait.seconds)}", None, amount))
    if wait.broken is not None:
        causes.append(Cause("broken_promise", "a promised time had passed", wait.broken.id, BROKEN_PROMISE))
    return causes


def _risen(now: Mapping[str, float], before: Mapping[str, float], names: Sequence[str]) -> tuple[str, float]:
    """Return the category among `names` that rose most, and by how much."""
    rise, name = max((now.get(name, 0.0) - before.get(name, 0.0), name) for name in names)
    return name, rise


def _shares(causes: list[Cause], change: float, turn_id: str) -> tuple[Cause, ...]:
    total = sum(cause.amount for cause in causes)
    shared = (
        Cause(cause.kind, cause.detail, cause.turn_id or turn_id, change * cause.amount / total) for cause in causes
    )
    return tuple(sorted(shared, key=lambda cause: (-abs(cause.amount), cause.kind)))


def ordinal(number: int) -> str:
    """Return 'second', 'third' … for people to read; figures from eleven on."""
    names = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
    return names[number - 1] if 1 <= number <= len(names) else f"{number}th"


def duration(seconds: float) -> str:
    """Return seconds as people say them: '40 s', '26 min', '5 h', '3 days'."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    if seconds < 172800:
        return f"{seconds / 3600:.0f} h"
    return f"{seconds / 86400:.0f} days"
