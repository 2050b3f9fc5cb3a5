"""What a rule may say: all, any, not, and leaves that compare one field; parsed from JSON, judged by three values.

    {"all": [{"field": "trajectory.direction", "op": "==", "value": "worsening"},
             {"not": {"field": "conversation.assigned", "op": "==", "value": true}}]}

A leaf over a field without a value is neither true nor false (Kleene), so a rule never rests on what is not known.
"""

import math
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Protocol

from unspoken.flags.context import FIELDS, Field, Type, Value
from unspoken.flags.words import mentions, plain

DEEPEST = 8
MOST_LEAVES = 64
MOST_WORDS = 200
LONGEST_PHRASE = 80

COMPARE: Mapping[str, Callable[[float, float], bool]] = MappingProxyType(
    {">=": operator.ge, ">": operator.gt, "<=": operator.le, "<": operator.lt, "==": operator.eq, "!=": operator.ne}
)
OPERATORS: Mapping[Type, tuple[str, ...]] = MappingProxyType(
    {
        "number": tuple(COMPARE),
        "flag": ("==",),
        "choice": ("==", "!=", "in", "not in"),
        "set": ("has",),
        "text": ("mentions",),
    }
)
"""Which operators a field of each type takes. `in`, `not in`, `has` and `mentions` take a list."""


class Seen(Protocol):
    """Anything that gives the value of a field by its name, or None."""

    def __getitem__(self, name: str, /) -> Value | None: ...


class ConditionError(ValueError):
    """A condition that cannot be used; the message names the place in it, what is wrong and what would be right."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One comparison: value is a number, a truth value, a choice, or for lists a tuple of texts."""

    field: str
    op: str
    value: float | bool | str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class All:
    """True when every part is."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Some:
    """True when at least one part is; `any` in JSON."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """True when its part is false."""

    part: "Condition"


Condition = Leaf | All | Some | Not


def evaluate(condition: Condition, seen: Seen) -> bool | None:
    """Return whether `condition` holds for what is `seen`, or None when that cannot be told."""
    match condition:
        case Leaf():
            return holds(condition, seen)
        case Not(part):
            result = evaluate(part, seen)
            return None if result is None else not result
        case All(parts):
            return _joined(parts, seen, deciding=False)
        case Some(parts):
            return _joined(parts, seen, deciding=True)


def _joined(parts: Sequence[Condition], seen: Seen, *, deciding: bool) -> bool | None:
    unknown = False
    for part in parts:
        result = evaluate(part, seen)
        if result is deciding:
            return deciding
        unknown = unknown or result is None
    return None if unknown else not deciding


def holds(leaf: Leaf, seen: Seen) -> bool | None:
    """Return whether one comparison holds, or None when its field has no value."""
    value = seen[leaf.field]
    if value is None:
        return None
    match value, leaf.op, leaf.value:
        case frozenset(), "has", tuple(wanted):
            return not value.isdisjoint(wanted)
        case str(), "mentions", tuple(phrases):
            return bool(mentions(value, phrases))
        case str(), "in" | "not in", tuple(wanted):
            return (value in wanted) is (leaf.op == "in")
        case str(), _, str(wanted):
            return (value == wanted) is (leaf.op == "==")
        case bool() | int() | float(), _, bool() | int() | float():
            return COMPARE[leaf.op](float(value), float(leaf.value))
    raise TypeError(f"{leaf.field} has the value {value!r}, which does not fit {leaf.op} {leaf.value!r}")


def leaves(condition: Condition) -> Iterator[Leaf]:
    """Yield the comparisons of `condition`, in order."""
    match condition:
        case Leaf():
            yield condition
        case Not(part):
            yield from leaves(part)
        case All(parts) | Some(parts):
            for part in parts:
                yield from leaves(part)


def parse(data: Any) -> Condition:
    """Return the condition written in JSON as `data`; raise ConditionError, naming the place, for anything else."""
    condition = _parse(data, "condition", depth=1)
    count = sum(1 for _ in leaves(condition))
    if count > MOST_LEAVES:
        raise ConditionError(f"condition: {count} comparisons are too many; at most {MOST_LEAVES} can be explained.")
    return condition


def to_json(condition: Condition) -> dict[str, Any]:
    """Return `condition` as `parse` reads it."""
    match condition:
        case Leaf(field, op, value):
            return {"field": field, "op": op, "value": list(value) if isinstance(value, tuple) else value}
        case Not(part):
            return {"not": to_json(part)}
        case All(parts):
            return {"all": [to_json(part) for part in parts]}
        case Some(parts):
            return {"any": [to_json(part) for part in parts]}


def _parse(data: Any, place: str, *, depth: int) -> Condition:
    if depth > DEEPEST:
        raise ConditionError(f"{place}: nested more than {DEEPEST} deep; split it into several rules.")
    if not isinstance(data, Mapping):
        raise ConditionError(f"{place}: expected an object with all, any, not, or field, op and value.")
    keys = set(data)
    if keys == {"all"} or keys == {"any"}:
        (key,) = keys
        parts = _parts(data[key], f"{place}.{key}", depth=depth)
        return All(parts) if key == "all" else Some(parts)
    if keys == {"not"}:
        return Not(_parse(data["not"], f"{place}.not", depth=depth + 1))
    if keys == {"field", "op", "value"}:
        return _leaf(data, place)
    names = ", ".join(sorted(map(str, keys))) or "nothing"
    raise ConditionError(f"{place}: has {names}; expected either all, any or not alone, or field, op and value.")


def _parts(data: Any, place: str, *, depth: int) -> tuple[Condition, ...]:
    if not isinstance(data, list) or not data:
        raise ConditionError(f"{place}: expected a list with at least one condition.")
    if len(data) > MOST_LEAVES:
        raise ConditionError(f"{place}: {len(data)} parts are too many; at most {MOST_LEAVES} can be explained.")
    return tuple(_parse(part, f"{place}[{index}]", depth=depth + 1) for index, part in enumerate(data))


def _leaf(data: Mapping[str, Any], place: str) -> Leaf:
    name, op = data["field"], data["op"]
    field = FIELDS.get(name) if isinstance(name, str) else None
    if field is None:
        raise ConditionError(f"{place}.field: {name!r} is no field; one of: {', '.join(FIELDS)}.")
    allowed = OPERATORS[field.type]
    if not isinstance(op, str) or op not in allowed:
        raise ConditionError(f"{place}.op: {field.name} cannot be compared by {op!r}; one of: {', '.join(allowed)}.")
    return Leaf(field.name, op, _value(data["value"], field, op, f"{place}.value"))


def _value(data: Any, field: Field, op: str, place: str) -> float | bool | str | tuple[str, ...]:
    if field.type == "flag":
        if not isinstance(data, bool):
            raise ConditionError(f"{place}: {field.name} is true or false, not {data!r}.")
        return data
    if field.type == "number":
        return _number(data, field, place)
    if op in ("==", "!="):
        return _choice(data, field, place)
    if not isinstance(data, list) or not data or len(data) > MOST_WORDS:
        raise ConditionError(f"{place}: {op} takes a list of 1 to {MOST_WORDS} texts.")
    checked = _phrase if field.type == "text" else _choice
    return tuple(checked(one, field, f"{place}[{index}]") for index, one in enumerate(data))


def _number(data: Any, field: Field, place: str) -> float:
    if isinstance(data, bool) or not isinstance(data, int | float) or not math.isfinite(data):
        raise ConditionError(f"{place}: {field.name} is a number ({field.unit}), not {data!r}.")
    if (field.low is not None and data < field.low) or (field.high is not None and data > field.high):
        raise ConditionError(
            f"{place}: {data:g} is outside the range of {field.name} ({field.unit}, {field.low:g} to {field.high:g})."
        )
    return float(data)


def _choice(data: Any, field: Field, place: str) -> str:
    if not isinstance(data, str) or data not in field.choices:
        raise ConditionError(f"{place}: {data!r} is no {field.name}; one of: {', '.join(field.choices)}.")
    return data


def _phrase(data: Any, field: Field, place: str) -> str:
    if not isinstance(data, str) or not plain(data) or len(data) > LONGEST_PHRASE:
        raise ConditionError(f"{place}: expected a word or phrase of 1 to {LONGEST_PHRASE} characters.")
    return plain(data)
