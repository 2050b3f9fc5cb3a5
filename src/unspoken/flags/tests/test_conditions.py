"""Conditions: what may be written, what is refused and where, and what holds."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unspoken.flags.conditions import (
    COMPARE,
    DEEPEST,
    MOST_LEAVES,
    OPERATORS,
    All,
    Condition,
    ConditionError,
    Leaf,
    Not,
    Some,
    evaluate,
    leaves,
    parse,
    to_json,
)  # fmt: skip
from unspoken.flags.context import FIELDS, Field
from unspoken.flags.tests.stage import is_

LEVEL = is_("trajectory.level", "<=", -0.3)
UNHURRIED = settings(deadline=None, max_examples=60)  # the machine that runs this may be busy
NUMBERS = [field for field in FIELDS.values() if field.type == "number"]


def number_leaves() -> st.SearchStrategy[Leaf]:
    def leaf(field: Field) -> st.SearchStrategy[Leaf]:
        values = st.floats(field.low, field.high, allow_nan=False)
        return st.builds(Leaf, st.just(field.name), st.sampled_from(list(COMPARE)), values)

    return st.sampled_from(NUMBERS).flatmap(leaf)


def list_leaves() -> st.SearchStrategy[Leaf]:
    def leaf(field: Field) -> st.SearchStrategy[Leaf]:
        ops = {"choice": ["in", "not in"], "set": ["has"], "text": ["mentions"]}[field.type]
        texts = st.sampled_from(field.choices) if field.choices else st.sampled_from(["lawyer", "trading standards"])
        values = st.lists(texts, min_size=1, max_size=4).map(tuple)
        return st.builds(Leaf, st.just(field.name), st.sampled_from(ops), values)

    return st.sampled_from([field for field in FIELDS.values() if field.type in ("choice", "set", "text")]).flatmap(
        leaf
    )


def conditions() -> st.SearchStrategy[Condition]:
    return st.recursive(
        number_leaves() | list_leaves(),
        lambda inner: (
            st.builds(Not, inner)
            | st.builds(All, st.lists(inner, min_size=1, max_size=3).map(tuple))
            | st.builds(Some, st.lists(inner, min_size=1, max_size=3).map(tuple))
        ),
        max_leaves=6,
    )


def within_limits(condition: Condition) -> bool:
    def depth(one: Condition) -> int:
        match one:
            case Leaf():
                return 1
            case Not(part):
                return 1 + depth(part)
            case All(parts) | Some(parts):
                return 1 + max(map(depth, parts))

    return depth(condition) <= DEEPEST


def sights() -> st.SearchStrategy[dict[str, Any]]:
    def value(field: Field) -> st.SearchStrategy[Any]:
        match field.type:
            case "number":
                known: st.SearchStrategy[Any] = st.floats(field.low, field.high, allow_nan=False)
            case "flag":
                known = st.booleans()
            case "choice":
                known = st.sampled_from(field.choices)
            case "set":
                known = st.frozensets(st.sampled_from(field.choices))
            case _:
                known = st.sampled_from(["", "I will call my lawyer", "Trading  Standards shall hear of it"])
        return st.none() | known

    return st.fixed_dictionaries({name: value(field) for name, field in FIELDS.items()})


@UNHURRIED
@given(conditions().filter(within_limits))
def test_a_condition_survives_being_written_and_read(condition: Condition) -> None:
    assert parse(to_json(condition)) == condition


@UNHURRIED
@given(conditions(), sights())
def test_not_turns_what_is_known_and_leaves_what_is_not(condition: Condition, seen: dict[str, Any]) -> None:
    outcome = evaluate(condition, seen)
    assert evaluate(Not(condition), seen) is (None if outcome is None else not outcome)


@UNHURRIED
@given(st.lists(conditions(), min_size=1, max_size=3).map(tuple), sights())
def test_all_and_any_mirror_each_other(parts: tuple[Condition, ...], seen: dict[str, Any]) -> None:
    mirrored = Not(Some(tuple(Not(part) for part in parts)))
    assert evaluate(All(parts), seen) is evaluate(mirrored, seen)


@UNHURRIED
@given(conditions())
def test_nothing_holds_of_what_is_not_known(condition: Condition) -> None:
    assert evaluate(condition, dict.fromkeys(FIELDS)) is None


def test_every_comparison_holds_as_written() -> None:
    seen = {
        "trajectory.level": -0.3, "message.stars": 3.0, "trajectory.direction": "worsening",
        "conversation.assigned": False, "trajectory.causes": frozenset({"waiting"}), "message.text": "My LAWYER calls",
    }  # fmt: skip
    written = [
        (LEVEL, True), (is_("trajectory.level", "<", -0.3), False), (is_("trajectory.level", ">", -0.31), True),
        (is_("message.stars", "==", 3), True), (is_("message.stars", "!=", 3), False),
        (is_("trajectory.direction", "!=", "worsening"), False),
        (is_("trajectory.direction", "in", ["steady", "worsening"]), True),
        (is_("trajectory.direction", "not in", ["steady"]), True),
        (is_("conversation.assigned", "==", False), True), (is_("conversation.assigned", "==", True), False),
        (is_("trajectory.causes", "has", ["waiting", "words"]), True),
        (is_("trajectory.causes", "has", ["words"]), False),
        (is_("message.text", "mentions", ["lawyer"]), True), (is_("message.text", "mentions", ["law"]), False),
    ]  # fmt: skip
    assert [evaluate(parse(data), seen) for data, _ in written] == [expected for _, expected in written]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], "condition: expected an object"),
        ({}, "condition: has nothing; expected either all, any or not alone"),
        ({"all": []}, "condition.all: expected a list with at least one"),
        ({"all": [LEVEL], "any": [LEVEL]}, "condition: has all, any; expected either"),
        (
            {"all": [LEVEL, {"not": is_("trajectory.mood", ">", 0)}]},
            "condition.all[1].not.field: 'trajectory.mood' is no",
        ),
        ({"any": [is_("trajectory.level", "~", 0)]}, "condition.any[0].op: trajectory.level cannot be compared by '~'"),
        (is_("trajectory.ends_badly", ">=", 60), "condition.value: 60 is outside the range of trajectory.ends_badly"),
        (is_("trajectory.level", ">=", True), "condition.value: trajectory.level is a number (valence), not True"),
        (is_("trajectory.level", ">=", float("nan")), "condition.value: trajectory.level is a number"),
        (
            is_("trajectory.direction", "==", "sideways"),
            "condition.value: 'sideways' is no trajectory.direction; one of:",
        ),
        (
            is_("conversation.assigned", "==", "yes"),
            "condition.value: conversation.assigned is true or false, not 'yes'",
        ),
        (is_("message.text", "mentions", "lawyer"), "condition.value: mentions takes a list of 1 to 200 texts"),
        (is_("message.text", "mentions", ["lawyer", " "]), "condition.value[1]: expected a word or phrase"),
        (is_([], ">=", 1), "condition.field: [] is no field"),  # type: ignore[arg-type]
        ({"field": "trajectory.level", "op": ">="}, "condition: has field, op; expected either"),
    ],
)
def test_a_condition_that_cannot_be_used_is_refused_at_its_place(data: Any, message: str) -> None:
    with pytest.raises(ConditionError) as refused:
        parse(data)
    assert str(refused.value).startswith(message)


def test_depth_and_size_are_limited() -> None:
    deep: Any = LEVEL
    for _ in range(DEEPEST):
        deep = {"not": deep}
    with pytest.raises(ConditionError, match="nested more than 8 deep"):
        parse(deep)
    assert parse(deep["not"]) is not None
    wide = {"all": [{"any": [LEVEL] * 40}, {"any": [LEVEL] * 25}]}
    with pytest.raises(ConditionError, match="65 comparisons are too many"):
        parse(wide)
    with pytest.raises(ConditionError, match="65 parts are too many"):
        parse({"all": [LEVEL] * (MOST_LEAVES + 1)})


def test_every_field_can_be_compared_and_says_what_it_is() -> None:
    assert len(FIELDS) == 60
    for field in FIELDS.values():
        assert OPERATORS[field.type]
        assert field.words
        assert field.meaning.endswith(".")
        assert (field.type == "number") is (field.low is not None and field.high is not None and bool(field.unit))
        assert (field.type in ("choice", "set")) is bool(field.choices)


@UNHURRIED
@given(conditions())
def test_leaves_are_found_in_order(condition: Condition) -> None:
    assert next(leaves(condition)) == next(leaves(Not(condition)))
