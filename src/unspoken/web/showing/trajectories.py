"""A stored trajectory in words: the one quiet line of the queue, and what pushed its forecast."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from unspoken.affect.trajectory import Trajectory, follow, in_words

_SIGNS = {
    "level": "the level of what was expressed", "lowest": "the least pleasant message",
    "displeasure": "displeasure so far", "recent": "discontent with us in the newest message",
    "pleased": "contentment with us so far", "thanks": "thanks so far",
    "repeats": "the same thing asked again", "waiting": "waiting", "impatience": "waiting",
    "broken_promise": "a promised time that passed", "refusals": "our refusals",
    "refused": "our newest answer being no",
    "misunderstandings": "our not understanding", "stuck": "our repeating ourselves", "leaving": "taking leave",
}  # fmt: skip
NOTHING = follow(())
_TOLD = 0.1  # log-odds below which a part is not worth a word


@dataclass(frozen=True, slots=True)
class Push:
    """One part of a forecast: `direction` up or down, by what, strongest first."""

    direction: str
    words: str
    amount: float


def trajectory_words(numbers: Mapping[str, Any] | None) -> str:
    """Return the stored numbers of a trajectory as one sentence; what an earlier version did not keep is left out."""
    if not numbers:
        return ""
    known = {field.name: numbers[field.name] for field in fields(Trajectory) if field.name in numbers}
    return in_words(replace(NOTHING, **{**known, "turning_points": (), "points": ()}))


def pushes(because: Mapping[str, float]) -> list[Push]:
    """Return what pushed the chance of a bad end, strongest first."""
    told = [
        Push("up" if amount > 0 else "down", _SIGNS.get(name, name.replace("_", " ")), amount)
        for name, amount in because.items()
        if abs(amount) >= _TOLD
    ]
    return sorted(told, key=lambda push: -abs(push.amount))
