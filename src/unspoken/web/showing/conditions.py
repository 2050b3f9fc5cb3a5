"""A rule's condition in words: a tree of lines for people."""

from dataclasses import dataclass

from unspoken.flags.conditions import All, Condition, Leaf, Not, Some
from unspoken.flags.context import FIELDS
from unspoken.flags.explanations import number

_SAID = {
    ">=": "is at least", ">": "is above", "<=": "is at most", "<": "is below", "==": "is", "!=": "is not",
    "in": "is one of", "not in": "is none of", "has": "include", "mentions": "mention",
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
    subject = f"{field.words[0].upper()}{field.words[1:]}"
    if isinstance(leaf.value, bool):
        return f"There is {'' if leaf.value else 'no '}{field.words.removeprefix('an ')}"
    if isinstance(leaf.value, float):
        unit = "" if field.unit in {"probability", "valence", "arousal", "seconds", ""} else f" {field.unit}"
        return f"{subject} {_SAID[leaf.op]} {number(leaf.value, field.unit)}{unit}"
    if isinstance(leaf.value, tuple):
        shown = ", ".join(f"“{one}”" for one in leaf.value[:WORDS_SHOWN])
        more = len(leaf.value) - WORDS_SHOWN
        return f"{subject} {_SAID[leaf.op]} {shown}{f' and {more} more' if more > 0 else ''}"
    return f"{subject} {_SAID[leaf.op]} {leaf.value.replace('_', ' ')}"
