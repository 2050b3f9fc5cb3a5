"""Who spoke when: sums that always come out, runs to be drawn, and holds."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from unspoken.calls.talk import HOLD, Talk

FRAMES = 50  # in a second
SPOKE, SILENT = [True] * FRAMES, [False] * FRAMES


def heard(*seconds: str, begins: float = 0.0) -> Talk:
    """Return who spoke in seconds that are named customer, agent, both or nobody."""
    talk = Talk()
    for number, who in enumerate(seconds):
        own, other = (SPOKE if who in {side, "both"} else SILENT for side in ("customer", "agent"))
        talk.add(begins + number, begins + number + 1, own, other)
    return talk


def test_sums_up_who_spoke_and_draws_it_in_runs() -> None:
    talk = heard("customer", "customer", "both", "nobody", "agent", "nobody", "agent")
    assert (talk.customer, talk.agent, talk.both, talk.silence) == (3.0, 3.0, 1.0, 2.0)
    assert talk.runs == [[0, 2, "customer"], [2, 3, "both"], [4, 5, "agent"], [6, 7, "agent"]]
    assert (talk.seconds, talk.last_word) == (7.0, 7)


def test_of_a_side_that_is_not_heard_nothing_is_said() -> None:
    talk = Talk()
    talk.add(0.0, 1.0, SPOKE, None)
    assert (talk.agent, talk.seconds, talk.to_json()["agent"]) == (None, 1.0, None)
    talk.add(1.0, 2.0, SILENT, SPOKE)
    assert talk.agent == 1.0


def test_a_fifth_of_a_second_is_somebodys_and_less_is_nobodys() -> None:
    talk = Talk()
    talk.add(0.0, 1.0, [True] * 9 + [False] * 41, [False] * 50)
    assert (talk.runs, talk.last_word) == ([], 0.0)
    talk.add(1.0, 2.0, [True] * 10 + [False] * 40, [False] * 50)
    assert (talk.runs, talk.last_word) == ([[1.0, 2.0, "customer"]], 2.0)


def test_a_hold_is_ten_seconds_in_which_nobody_says_a_word() -> None:
    talk = heard(*["nobody"] * 9, "customer", *["nobody"] * 10, "agent", *["nobody"] * 12)
    assert list(talk.holds(33.0)) == [(10.0, 20.0), (21.0, 33.0)]
    assert list(talk.holds(30.9)) == [(10.0, 20.0)]
    assert list(Talk().holds(HOLD)) == [(0.0, HOLD)]
    assert list(Talk().holds(HOLD - 0.1)) == []


def test_what_was_skipped_does_not_count_as_listened_to() -> None:
    talk = heard("customer")
    talk.add(21.0, 22.0, SPOKE, SILENT)
    assert (talk.seconds, talk.silence) == (2.0, 0.0)
    assert list(talk.holds(22.0)) == [(1.0, 21.0)]


frames = st.lists(st.booleans(), min_size=FRAMES, max_size=FRAMES)
seconds = st.lists(st.tuples(frames, st.none() | frames, st.integers(0, 3)), max_size=12)


@given(seconds=seconds)
def test_the_parts_always_come_to_the_whole(seconds: list[tuple[list[bool], list[bool] | None, int]]) -> None:
    talk, at = Talk(), 0.0
    for own, other, gap in seconds:
        at += gap
        talk.add(at, at + 1.0, own, other)
        at += 1.0
    assert abs(talk.seconds - len(seconds)) < 1e-6
    assert 0 <= talk.both <= min(talk.customer, talk.agent or 0.0) + 1e-9
    assert all(begins < ends for begins, ends, _ in talk.runs)
    assert all(one[1] <= two[0] for one, two in pairwise(talk.runs))
    assert talk.last_word == (talk.runs[-1][1] if talk.runs else 0.0)
    assert all(ends - begins >= HOLD for begins, ends in talk.holds(at))


@given(seconds=seconds, cut=st.integers(0, 12))
def test_a_line_that_comes_back_counts_on_from_what_was_stored(
    seconds: list[tuple[list[bool], list[bool] | None, int]], cut: int
) -> None:
    whole, parts = Talk(), Talk()
    for number, (own, other, _) in enumerate(seconds):
        if number == cut:
            parts = Talk.from_json(parts.to_json())
        for talk in (whole, parts):
            talk.add(number, number + 1.0, own, other)
    assert parts.to_json() == whole.to_json()
    assert Talk.from_json({}) == Talk()
