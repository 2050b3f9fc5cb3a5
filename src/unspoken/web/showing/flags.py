"""Flags and rules in words."""

from collections.abc import Mapping, Sequence
from typing import Any

from unspoken.flags.queries import Precision

_STRICTER = {">=": max, ">": max, "<=": min, "<": min}


def that_held(leaves: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return in words which comparisons of a flag's evidence held; where a rule compares one thing several times in the
    same direction, the strictest says it all."""
    strictest: dict[tuple[str, str, Any], Mapping[str, Any]] = {}
    for place, leaf in enumerate(one for one in leaves if one["held"]):
        choose = _STRICTER.get(leaf["op"])
        key = (leaf["field"], leaf["op"], None if choose else place)
        before = strictest.get(key, leaf)
        strictest[key] = choose(before, leaf, key=lambda one: one["value"]) if choose else leaf
    return [leaf["text"] for leaf in strictest.values()]


def precision_words(precision: Precision | None) -> str:
    """Return how often people found a rule right, with the range that this many decisions leave open."""
    if precision is None or precision.value is None:
        return "Nobody has said yet whether this rule is right."
    right = precision.decided - precision.refused
    return (
        f"Right in {right} of {precision.decided} decided {'flag' if precision.decided == 1 else 'flags'} "
        f"(somewhere between {precision.low:.0%} and {precision.high:.0%} in the long run)."
    )
