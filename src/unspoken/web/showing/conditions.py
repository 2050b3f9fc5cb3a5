"""A rule's condition in words: a tree of lines for people."""

from dataclasses import dataclass

from unspoken.flags.conditions import All, Condition, Leaf, Not, Some
from unspoken.flags.context import FIELDS, Field
from unspoken.flags.explanations import number

_SAID = {
    ">=": "at least ", ">": "above ", "<=": "at most ", "<": "below ", "==": "", "!=": "anything but ", "in": "one of ",
    "not in": "none of ", "has": "among them ", "mentions": "any of ",
}  # fmt: skip
WORDS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Line:
    """One comparison, or a heading such as 'all of' over further lines."""

    text: str
    parts: tuple["Line", ...] = ()


def in_lines(condition: Condition) -> Line:
    """Return `condition` in words."""
    match condition:
        case Leaf():
            return Line(_compared(condition))
        case Not(part):
            inner = in_lines(part)
            return Line("none of this", inner.parts or (inner,))
        case All(parts):
            return Line("all of this", tuple(in_lines(part) for part in parts))
        case Some(parts):
            return Line("any of this", tuple(in_lines(part) for part in parts))


def _compared(leaf: Leaf) -> str:
    field = FIELDS[leaf.field]
    if isinstance(leaf.value, bool):
        words = field.words.removeprefix("an ").removeprefix("a ")
        some = "an" if words[0] in "aeiou" else "a"
        return f"There is {some if leaf.value else 'no'} {words}"
    return f"{field.words[0].upper()}{field.words[1:]}: {_SAID[leaf.op]}{_value(leaf.value, field)}"


def _value(value: float | str | tuple[str, ...], field: Field) -> str:
    if isinstance(value, float):
        return number(value, field.unit)
    if isinstance(value, str):
        return value.replace("_", " ")
    shown = ", ".join(f"“{one.replace('_', ' ')}”" for one in value[:WORDS_SHOWN])
    return shown + (f" and {len(value) - WORDS_SHOWN} more" if len(value) > WORDS_SHOWN else "")
