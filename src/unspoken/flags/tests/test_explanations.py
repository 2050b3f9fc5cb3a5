"""What a rule saw, in plain words, and what would have made it not a flag."""

from typing import Any

from hypothesis import given

from unspoken.flags.conditions import All, Condition, Leaf, Not, Some, evaluate, holds, leaves, parse
from unspoken.flags.explanations import Change, counterfactual, explain, number, ways_out
from unspoken.flags.tests.stage import is_
from unspoken.flags.tests.test_conditions import UNHURRIED, conditions, sights

SEEN: dict[str, Any] = {
    "trajectory.level": -0.52, "trajectory.direction": "worsening", "trajectory.repeats": 3.0,
    "conversation.assigned": False, "message.text": "My LAWYER will call", "conversation.waiting": 1560.0,
    "trajectory.causes": frozenset({"waiting", "broken_promise"}), "message.stars": None, "contact.value": 1240.0,
    "reading.frustration": 0.7004,
}  # fmt: skip


def had(data: dict[str, Any], seen: dict[str, Any] = SEEN) -> list[str]:
    return counterfactual(parse(data), seen)


def said(data: dict[str, Any], seen: dict[str, Any] = SEEN) -> list[str]:
    return [judged.text for judged in explain(parse(data), seen)]


def test_every_comparison_is_said_with_the_value_it_saw() -> None:
    assert said(is_("trajectory.level", "<=", -0.3)) == ["The level was −0.52 (at most −0.30)"]
    assert said(is_("trajectory.level", ">=", -0.3)) == ["The level was −0.52 (not at least −0.30)"]
    assert said(is_("trajectory.direction", "==", "worsening")) == ["The direction was worsening"]
    assert said(is_("conversation.waiting", ">", 600)) == ["The time without an answer was 26 min (above 10 min)"]
    assert said(is_("contact.value", ">=", 500)) == ["The value of orders was 1,240 (at least 500)"]
    assert said(is_("conversation.assigned", "==", False)) == ["There was no assignee"]
    assert said(is_("message.text", "mentions", ["lawyer", "court"])) == ["The customer's words mention “lawyer”"]
    assert said(is_("message.text", "mentions", ["court"])) == [
        "The customer's words mention none of the words of this rule"
    ]
    assert said(is_("trajectory.causes", "has", ["waiting"])) == [
        "The causes of the last turn for the worse: broken promise or waiting"
    ]
    assert said(is_("message.stars", ">=", 3)) == ["The number of stars: not known"]


def test_says_what_would_have_made_it_not_a_flag() -> None:
    assert had({"all": [is_("trajectory.level", "<=", -0.3), is_("trajectory.repeats", ">=", 3)]}) == [
        "Had the level been above −0.30 (it was −0.52).",
        "Had the number of times the same thing was asked been below 3 (it was 3).",
    ]
    assert had({"not": is_("conversation.assigned", "==", True)}) == ["Had there been an assignee."]
    assert had(is_("trajectory.direction", "in", ["worsening", "steady"])) == [
        "Had the direction been anything but worsening or steady (it was worsening)."
    ]
    assert had(is_("trajectory.direction", "!=", "steady")) == ["Had the direction been steady (it was worsening)."]
    assert had(is_("message.text", "mentions", ["lawyer"])) == ["Had the customer's words not mentioned “lawyer”."]
    assert had(is_("trajectory.causes", "has", ["waiting"])) == [
        "Had waiting not been among the causes of the last turn for the worse."
    ]


def test_two_sufficient_grounds_must_both_go() -> None:
    either = {"any": [is_("trajectory.level", "<=", -0.3), is_("trajectory.repeats", ">=", 3)]}
    assert had(either) == [
        "Had the level been above −0.30 (it was −0.52) and had the number of times the same thing was asked been below"
        " 3 (it was 3)."
    ]


def test_digits_tell_close_numbers_apart() -> None:
    assert had(is_("reading.frustration", ">=", 0.7)) == [
        "Had expressed frustration been below 0.7000 (it was 0.7004)."
    ]
    assert [number(-0.0, "valence"), number(2.5, "times"), number(7.0, "times")] == ["−0.00", "2.50", "7"]


def test_nothing_is_said_of_what_is_not_known() -> None:
    stars = is_("message.stars", ">=", 3)
    assert had(stars) == []
    assert had({"not": stars}) == []
    assert had({"any": [stars, is_("trajectory.level", "<=", -0.3)]}) == [
        "Had the level been above −0.30 (it was −0.52)."
    ]


def test_nothing_is_said_of_a_rule_that_did_not_hold() -> None:
    assert had(is_("trajectory.level", ">=", 0.3)) == []


def turned(condition: Condition, seen: Any, change: Change) -> bool | None:
    """The outcome with the comparisons in `change` turned, worked out independently."""
    match condition:
        case Leaf():
            held = holds(condition, seen)
            return None if held is None else (not held if condition in change else held)
        case Not(part):
            result = turned(part, seen, change)
            return None if result is None else not result
        case All(parts):
            results = [turned(part, seen, change) for part in parts]
            return False if False in results else None if None in results else True
        case Some(parts):
            results = [turned(part, seen, change) for part in parts]
            return True if True in results else None if None in results else False


@UNHURRIED
@given(conditions(), sights())
def test_each_way_out_keeps_the_rule_from_holding_and_no_part_of_it_does(
    condition: Condition, seen: dict[str, Any]
) -> None:
    for change in ways_out(condition, seen):
        assert evaluate(condition, seen) is True
        assert turned(condition, seen, change) is not True
        for leaf in change:
            assert turned(condition, seen, change - {leaf}) is True


@UNHURRIED
@given(conditions(), sights())
def test_every_comparison_that_decides_alone_is_named(condition: Condition, seen: dict[str, Any]) -> None:
    holding = evaluate(condition, seen) is True
    alone = {leaf for leaf in leaves(condition) if holding and not turned(condition, seen, frozenset({leaf}))}
    assert {leaf for change in ways_out(condition, seen) if len(change) == 1 for leaf in change} == alone
