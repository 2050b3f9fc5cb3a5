"""A judged condition in plain words: what was seen (`explain`), and what would have changed the outcome."""

from dataclasses import dataclass
from itertools import islice, product
from typing import Any

from unspoken.affect.turning import duration
from unspoken.flags.conditions import All, Condition, Leaf, Not, Seen, Some, evaluate, holds, leaves
from unspoken.flags.context import FIELDS, Field, Value
from unspoken.flags.words import mentions

SHOWN = 6  # ways out that a person can take in
_TRIED = 256  # combinations looked at before the smallest are chosen
_SAID = {">=": "at least", ">": "above", "<=": "at most", "<": "below", "==": "exactly", "!=": "anything but"}
_OPPOSITE = {
    ">=": "<", "<": ">=", ">": "<=", "<=": ">", "==": "!=", "!=": "==", "in": "not in", "not in": "in",
}  # fmt: skip

Change = frozenset[Leaf]


@dataclass(frozen=True, slots=True)
class Judged:
    """One comparison with the value it saw and whether it held (None: the field had no value); `text` says so."""

    leaf: Leaf
    seen: Value | tuple[str, ...] | None
    held: bool | None
    text: str

    def to_json(self) -> dict[str, Any]:
        """Return the judgement in JSON types. Of a customer's text only the phrases that were found are kept."""
        seen = sorted(self.seen) if isinstance(self.seen, frozenset) else self.seen
        value = list(self.leaf.value) if isinstance(self.leaf.value, tuple) else self.leaf.value
        return {
            "field": self.leaf.field, "op": self.leaf.op, "value": value,
            "seen": list(seen) if isinstance(seen, tuple) else seen, "held": self.held, "text": self.text,
        }  # fmt: skip


def explain(condition: Condition, seen: Seen) -> list[Judged]:
    """Return every comparison of `condition` with the value it saw, in order, each with one plain sentence."""
    return [_judged(leaf, seen) for leaf in leaves(condition)]


def counterfactual(condition: Condition, seen: Seen) -> list[str]:
    """Return the smallest changes by which `condition` would not have held, one sentence each; [] if it does not."""
    return [_had(change, condition, seen) for change in ways_out(condition, seen)[:SHOWN]]


def ways_out(condition: Condition, seen: Seen) -> list[Change]:
    """Return the smallest sets of comparisons whose turning keeps `condition` from holding, fewest first."""
    found = {change for change in _ways(condition, seen, True) if change and not _turned(condition, seen, change)}
    smallest = [change for change in found if not any(other < change for other in found)]
    order = {leaf: place for place, leaf in enumerate(leaves(condition))}
    return sorted(smallest, key=lambda change: (len(change), sorted(order[leaf] for leaf in change)))


def _turned(condition: Condition, seen: Seen, change: Change) -> bool | None:
    """Return how `condition` comes out when the comparisons in `change` are turned."""
    match condition:
        case Leaf():
            held = holds(condition, seen)
            return held if held is None else held is not (condition in change)
        case Not(part):
            result = _turned(part, seen, change)
            return None if result is None else not result
        case All(parts) | Some(parts):
            deciding = isinstance(condition, Some)
            results = [_turned(part, seen, change) for part in parts]
            return deciding if deciding in results else None if None in results else not deciding


def _ways(condition: Condition, seen: Seen, outcome: bool) -> list[Change]:
    """Return sets of comparisons whose turning leaves `outcome`; what cannot be judged has no outcome to leave."""
    if evaluate(condition, seen) is not outcome:
        return [frozenset()]
    match condition:
        case Leaf():
            return [frozenset({condition})]
        case Not(part):
            return _ways(part, seen, not outcome)
        case All(parts) | Some(parts):
            ways = [_ways(part, seen, outcome) for part in parts]
            if isinstance(condition, All) is outcome:
                return [change for one in ways for change in one][:_TRIED]
            return [frozenset().union(*changes) for changes in islice(product(*ways), _TRIED)]


def _judged(leaf: Leaf, seen: Seen) -> Judged:
    field, held = FIELDS[leaf.field], holds(leaf, seen)
    value: Value | tuple[str, ...] | None = seen[leaf.field]
    if leaf.op == "mentions" and isinstance(value, str) and isinstance(leaf.value, tuple):
        value = tuple(dict.fromkeys(found.phrase for found in mentions(value, leaf.value)))
    return Judged(leaf, value, held, _sentence(leaf, field, value, held))


def _sentence(leaf: Leaf, field: Field, value: Value | tuple[str, ...] | None, held: bool | None) -> str:
    subject = f"{field.words[0].upper()}{field.words[1:]}"
    if held is None:
        return f"{subject}: not known"
    if field.type == "flag":
        return f"There was {'an' if value else 'no'} {field.words}"
    if field.type == "text":
        said = _quoted(value) if isinstance(value, tuple) and value else "none of the words of this rule"
        return f"{subject} mention {said}"
    if field.type == "set":
        return f"{subject}: {_listed(value)}"
    shown, wanted = _shown(value, leaf, field)
    if held and leaf.op == "==":
        return f"{subject} was {shown}"
    return f"{subject} was {shown} ({'' if held else 'not '}{_wanted(leaf.op, wanted, field)})"


def _had(change: Change, condition: Condition, seen: Seen) -> str:
    parts = [_otherwise(leaf, seen) for leaf in leaves(condition) if leaf in change]
    text = " and ".join(dict.fromkeys(parts))
    return f"{text[0].upper()}{text[1:]}."


def _otherwise(leaf: Leaf, seen: Seen) -> str:
    judged, field = _judged(leaf, seen), FIELDS[leaf.field]
    held, value = judged.held, judged.seen
    if field.type == "flag":
        return f"had there been {'no' if value else 'an'} {field.words}"
    if field.type == "text":
        words = value if held and isinstance(value, tuple) else leaf.value
        return f"had {field.words} {'not mentioned' if held else 'mentioned'} {_quoted(words)}"
    if field.type == "set":
        return f"had {_listed(leaf.value)} {'not ' if held else ''}been among {field.words}"
    shown, wanted = _shown(value, leaf, field)
    op = _OPPOSITE[leaf.op] if held else leaf.op
    return f"had {field.words} been {_wanted(op, wanted, field)} (it was {shown})"


def _wanted(op: str, wanted: str, field: Field) -> str:
    if op == "in" or (op == "==" and field.type == "choice"):
        return wanted
    return f"{_SAID.get(op, 'anything but')} {wanted}"


def _shown(value: Value | tuple[str, ...] | None, leaf: Leaf, field: Field) -> tuple[str, str]:
    """Return the value seen and the one it was compared with, with as many digits as tell them apart."""
    if field.type != "number" or not isinstance(value, float) or not isinstance(leaf.value, float):
        return _listed(value), _listed(leaf.value)
    for digits in (2, 3, 4):
        shown, wanted = number(value, field.unit, digits=digits), number(leaf.value, field.unit, digits=digits)
        if shown != wanted or value == leaf.value:
            break
    return shown, wanted


def number(value: float, unit: str, *, digits: int = 2) -> str:
    """Return a number as people read it: seconds as '26 min', whole counts without a point, a real minus sign."""
    if unit == "seconds":
        return duration(value) if digits == 2 else f"{value:,.0f} s"
    if float(value).is_integer() and unit not in ("probability", "valence", "arousal"):
        return f"{value:,.0f}".replace("-", "−")
    return f"{value:,.{digits}f}".replace("-", "−")


def _listed(value: Value | tuple[str, ...] | None) -> str:
    if isinstance(value, frozenset | tuple):
        words = [str(one).replace("_", " ") for one in (sorted(value) if isinstance(value, frozenset) else value)]
        return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words) or "none"
    return str(value).replace("_", " ")


def _quoted(words: Any) -> str:
    chosen = [words] if isinstance(words, str) else list(words)
    return ", ".join(f"“{word}”" for word in chosen[:4]) + (" …" if len(chosen) > 4 else "")
