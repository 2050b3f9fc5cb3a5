import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unspoken.affect.state import DAY, HALF_LIFE, KEPT, Area, Observation, State
from unspoken.affect.tests.readings import reading
from unspoken.affect.vocabulary import CX


def seen(
    number: int, day: float, *, area: Area = "service", valence: float = 0.0, conversation: str = "", **cx: float
) -> Observation:
    read = reading(valence, **cx)
    return Observation(day * DAY, area, read.valence, read.cx, f"e{number}", "chat", conversation)


@st.composite
def histories(draw: st.DrawFn) -> list[Observation]:
    count = draw(st.integers(0, 40))
    return [
        seen(
            number,
            draw(st.integers(0, 2000)),
            valence=draw(st.floats(-1, 1)),
            conversation=draw(st.sampled_from(["", "k1", "k2", "k3"])),
            frustration=draw(st.floats(0, 1)),
            satisfaction=draw(st.floats(0, 1)),
        )
        for number in range(count)
    ]


@given(histories(), st.randoms())
def test_order_of_arrival_does_not_matter(history: list[Observation], chance: random.Random) -> None:
    shuffled = list(history)
    chance.shuffle(shuffled)
    one, two = State.of("service", history), State.of("service", shuffled)
    assert (one.as_of, one.count, one.recent) == (two.as_of, two.count, two.recent)
    assert one.weight == pytest.approx(two.weight, rel=1e-9)
    assert one.valence == pytest.approx(two.valence, abs=1e-9)
    assert one.cx == pytest.approx(two.cx, abs=1e-9)
    assert one.trend() == two.trend()


@given(histories(), st.integers(0, 40))
def test_kept_in_the_database_half_way_is_recomputed_from_scratch(history: list[Observation], cut: int) -> None:
    state = State.of("service", history[:cut])
    state = State.from_json(json.loads(json.dumps(state.to_json())))
    for observation in history[cut:]:
        state = state.add(observation)
    assert state == State.of("service", history)


@given(histories())
def test_numbers_stay_in_range_and_evidence_is_bounded(history: list[Observation]) -> None:
    state = State.of("service", history)
    assert -1 - 1e-9 <= state.valence <= 1 + 1e-9
    assert all(-1e-9 <= value <= 1 + 1e-9 for value in state.cx.values())
    assert len(state.evidence) == min(len(history), KEPT)
    assert [recent.at for recent in state.recent] == sorted((one.at for one in history), reverse=True)[:KEPT]


def test_an_observation_counts_half_after_its_half_life() -> None:
    old, new = seen(1, 0, valence=-1.0), seen(2, HALF_LIFE["service"] / DAY, valence=1.0)
    state = State.of("service", [old, new])
    assert state.weight == pytest.approx(1.5)
    assert state.valence == pytest.approx((1.0 - 0.5) / 1.5)
    assert state.weight_at(state.as_of + HALF_LIFE["service"]) == pytest.approx(0.75)
    assert state.weight_at(0.0) == pytest.approx(1.5)


def test_counts_a_repeated_observation_once() -> None:
    state = State.of("service", [seen(1, 0, valence=-0.5)])
    assert state.add(seen(1, 0, valence=-0.5)) is state


def test_refuses_an_observation_of_another_area() -> None:
    with pytest.raises(ValueError, match="product cannot move the state of service"):
        State("service").add(seen(1, 0, area="product"))


def test_recomputes_from_what_belongs_to_the_area() -> None:
    assert State.of("product", [seen(1, 0), seen(2, 1, area="product")]).evidence == ("e2",)


def test_names_what_is_expressed_most_unless_it_is_faint() -> None:
    assert State.of("service", [seen(1, 0, satisfaction=0.7, neutral=0.9)]).dominant == "satisfaction"
    assert State.of("service", [seen(1, 0, satisfaction=0.2, neutral=0.5)]).dominant == "neutral"
    assert State("service").dominant == "neutral"


def contacts(*levels: float) -> State:
    return State.of(
        "service",
        [seen(number, number, conversation=f"k{number}", frustration=level) for number, level in enumerate(levels)],
    )


@pytest.mark.parametrize(
    ("levels", "trend"),
    [
        ((0.1, 0.3, 0.5), "rising"),
        ((0.9, 0.1, 0.3, 0.5), "rising"),
        ((0.5, 0.3, 0.1), "easing"),
        ((0.1, 0.5, 0.3), "steady"),
        ((0.10, 0.15, 0.20), "steady"),
        ((0.1, 0.9), "unknown"),
        ((), "unknown"),
    ],
)
def test_tells_the_trend_of_the_last_three_contacts(levels: tuple[float, ...], trend: str) -> None:
    assert contacts(*levels).trend() == trend


def test_several_messages_of_one_conversation_are_one_contact() -> None:
    history = [seen(number, number, conversation="k1", frustration=number / 10) for number in range(6)]
    assert State.of("service", history).trend() == "unknown"
    assert len(State.of("service", history).contacts()) == 1


def test_an_empty_state_is_neutral() -> None:
    empty = State("public")
    assert (empty.valence, empty.cx, empty.last_at, empty.evidence) == (0.0, {}, None, ())
    assert set(State.of("service", [seen(1, 0)]).cx) == set(CX)
