"""What a rule may be for. What a message expresses may help its author and nothing else.

Rules that ask for negative emotion may serve `service` and `safety`. `gratitude` and `marketing` may only ask for the
absence of it. For the purposes in `DENIED` there are no rules at all, whatever they ask for: a person's emotions may
not set what they pay, where they stand, or how somebody's work is judged.
"""

from collections.abc import Mapping
from types import MappingProxyType

from unspoken.flags.conditions import All, Condition, Leaf, Not, Some
from unspoken.flags.context import FIELDS, Field

ALLOWED: tuple[str, ...] = ("service", "safety", "gratitude", "marketing")
NEGATIVE_ALLOWED: tuple[str, ...] = ("service", "safety")

DENIED: Mapping[str, str] = MappingProxyType(
    {
        "pricing": "what somebody expresses may not set what they pay",
        "discounting": "what somebody expresses may not set what they pay",
        "ranking": "people may not be ranked by what they express",
        "scoring": "people may not be scored by what they express",
        "credit": "people may not be scored by what they express",
        "insurance": "people may not be scored by what they express",
        "eligibility": "nobody may be refused anything for what they express",
        "advertising": "advertising to people by what they express exploits them",
        "retention_offers": "offers made by how bad somebody feels exploit them",
        "employment": "emotions may not be used to judge people at work",
        "performance": "emotions may not be used to judge people at work",
    }
)
"""Purposes that were asked for elsewhere and that no rule may have, with the reason."""


class PurposeError(ValueError):
    """A rule whose purpose does not allow what it asks for; the message says what and why."""


def check_purpose(purpose: str, condition: Condition) -> None:
    """Raise PurposeError unless a rule for `purpose` may ask for `condition`."""
    if purpose not in ALLOWED:
        why = DENIED.get(purpose, "it is not one of the purposes that a rule can have")
        raise PurposeError(
            f"A rule may not be for {purpose!r}: {why}. Nothing was saved. Choose one of: {', '.join(ALLOWED)}."
        )
    asked = asks_for_negative(condition)
    if asked and purpose not in NEGATIVE_ALLOWED:
        raise PurposeError(
            f"A rule for {purpose} may not ask for negative emotion, and this one asks for "
            f"{' and '.join(f'{leaf.field} {leaf.op} {leaf.value}' for leaf in asked[:3])}. Nothing was saved. "
            f"Take that out, or choose one of: {', '.join(NEGATIVE_ALLOWED)}."
        )


def asks_for_negative(condition: Condition) -> list[Leaf]:
    """Return the comparisons by which `condition` selects people for something bad, negations taken into account.

    More of what is bad (frustration, waiting), less of what is good (valence, delight), or a choice that lets a bad
    one in. Asking for its absence ("frustration below 0.1") is not asking for it.
    """
    return _asked(condition, negated=False)


def _asked(condition: Condition, *, negated: bool) -> list[Leaf]:
    match condition:
        case Leaf():
            return [condition] if _selects_bad(condition, FIELDS[condition.field], negated=negated) else []
        case Not(part):
            return _asked(part, negated=not negated)
        case All(parts) | Some(parts):
            return [leaf for part in parts for leaf in _asked(part, negated=negated)]


def _selects_bad(leaf: Leaf, field: Field, *, negated: bool) -> bool:
    if field.bad:
        named = (
            {leaf.value} if isinstance(leaf.value, str) else set(leaf.value if isinstance(leaf.value, tuple) else ())
        )
        chosen = named if (leaf.op in ("==", "in", "has")) is not negated else set(field.choices) - named
        return not chosen.isdisjoint(field.bad)
    if not field.side:
        return False
    upwards = (leaf.op in (">=", ">")) is not negated
    return leaf.op in ("==", "!=") or upwards is (field.side < 0)
