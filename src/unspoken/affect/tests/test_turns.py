import math

import pytest

from unspoken.affect.tests.readings import customer, reading
from unspoken.affect.turns import LONGEST, Author, Turn, in_order


@pytest.mark.parametrize("author", ["agent", "bot", "system"])
def test_refuses_a_reading_of_anyone_but_the_customer(author: Author) -> None:
    with pytest.raises(ValueError, match=f"by {author}: only a customer's own words"):
        Turn("t", 0.0, author, reading())
    with pytest.raises(ValueError, match="only a customer's own words"):
        Turn.of("t", 0.0, author, "We are so sorry!", reading())


@pytest.mark.parametrize("at", [math.nan, math.inf, -math.inf])
def test_refuses_a_time_that_is_not_finite(at: float) -> None:
    with pytest.raises(ValueError, match="no usable time"):
        Turn("t", at, "customer")


def test_orders_by_time_and_then_by_id() -> None:
    turns = [Turn("b", 1.0, "agent"), Turn("c", 0.0, "agent"), Turn("a", 1.0, "customer")]
    assert [turn.id for turn in in_order(turns)] == ["c", "a", "b"]


def test_keeps_the_turn_that_was_read_of_two_deliveries_of_one_message() -> None:
    unread, read = customer(1, 5.0), customer(1, 5.0, reading(-0.5))
    assert in_order([unread, read]) == in_order([read, unread]) == [read]


def test_follows_a_very_long_thread_from_its_last_turns() -> None:
    turns = [customer(number, float(number)) for number in range(LONGEST + 50)]
    assert [turn.at for turn in in_order(turns)] == [float(number) for number in range(50, LONGEST + 50)]


def test_takes_the_plain_facts_of_each_side_and_none_of_system_lines() -> None:
    text = "Unfortunately I cannot find it. I will reply within 2 hours. Goodbye!"
    ours = Turn.of("a", 100.0, "agent", text)
    assert (ours.promise_due, ours.refused, ours.misunderstood, ours.closing) == (7300.0, True, False, True)
    theirs = Turn.of("c", 100.0, "customer", text)
    assert (theirs.promise_due, theirs.refused, theirs.closing) == (None, False, True)
    assert Turn.of("b", 100.0, "bot", text).promise_due is None
    assert Turn.of("a", 100.0, "agent", "Which one?").asked
    assert Turn.of("a", 100.0, "agent", "Anything else?").closing
    assert not Turn.of("c", 100.0, "customer", "Do you have anything else?").closing
    assert Turn.of("s", 100.0, "system", text) == Turn("s", 100.0, "system")
