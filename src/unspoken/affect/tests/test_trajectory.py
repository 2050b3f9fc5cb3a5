import json
import math
import random
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unspoken.affect.baseline import Baseline, Usual
from unspoken.affect.tests.readings import agent, customer, reading
from unspoken.affect.trajectory import Trajectory, Turn, follow, in_words
from unspoken.affect.waiting import PATIENCE

CX_NAMES = ("frustration", "disappointment", "anger", "confusion", "gratitude", "satisfaction")
REPLIES = (
    "Let me check.",
    "Unfortunately we cannot find it.",
    "I will reply within 2 minutes.",
    "Sorry, could you repeat that?",
    "Have a nice day!",
)
probabilities = st.floats(0, 1)


@st.composite
def readings(draw: st.DrawFn) -> object:
    cx = {name: draw(probabilities) for name in CX_NAMES}
    topic = draw(st.none() | st.integers(0, 3))
    return reading(draw(st.floats(-1, 1)), topic=topic, confidence=draw(probabilities), **cx)


@st.composite
def conversations(draw: st.DrawFn, *, least: int = 0) -> list[Turn]:
    """Turns of both sides in order, ten seconds to an hour apart."""
    turns: list[Turn] = []
    at = 0.0
    for number in range(draw(st.integers(least, 12))):
        at += draw(st.integers(10, 3600))
        if draw(st.booleans()):
            turns.append(customer(number, at, draw(st.none() | readings())))
        else:
            turns.append(agent(number, at, draw(st.sampled_from(REPLIES))))
    return turns


def numbers(trajectory: Trajectory) -> str:
    return json.dumps(trajectory.to_json())


@given(conversations(), st.randoms())
def test_order_of_arrival_and_duplicates_change_nothing(turns: list[Turn], chance: random.Random) -> None:
    delivered = turns + [turn for turn in turns if chance.random() < 0.5]
    chance.shuffle(delivered)
    assert numbers(follow(delivered)) == numbers(follow(turns))


@given(conversations())
def test_live_and_replayed_runs_give_identical_numbers(turns: list[Turn]) -> None:
    whole = follow(turns)
    for end in range(len(turns) + 1):
        live = follow(turns[:end])
        assert whole.points[: len(live.points)] == live.points
        assert whole.turning_points[: len(live.turning_points)] == live.turning_points
        assert numbers(live) == numbers(follow(list(reversed(turns[:end]))))


@given(conversations(), st.data())
def test_jitter_in_times_moves_neither_level_nor_slope(turns: list[Turn], data: st.DataObject) -> None:
    jitters = data.draw(st.lists(st.floats(-4, 4), min_size=len(turns), max_size=len(turns)))
    moved = [replace(turn, at=turn.at + jitter) for turn, jitter in zip(turns, jitters, strict=True)]
    before, after = follow(turns), follow(moved)
    assert (after.level, after.slope, after.direction) == (before.level, before.slope, before.direction)
    assert (after.frustration, after.relative, after.repeats) == (before.frustration, before.relative, before.repeats)
    assert abs(after.waited - before.waited) <= 8.0
    assert abs(after.because["waiting"] - before.because["waiting"]) <= 0.02


@given(conversations(), st.data())
def test_missing_readings_leave_every_number_in_range(turns: list[Turn], data: st.DataObject) -> None:
    kept = [replace(turn, reading=None) if data.draw(st.booleans()) else turn for turn in turns]
    in_range(follow(kept))


@given(conversations())
def test_every_number_is_in_range(turns: list[Turn]) -> None:
    in_range(follow(turns))


def in_range(trajectory: Trajectory) -> None:
    assert -1 <= trajectory.level <= 1
    assert -3 <= trajectory.slope <= 3
    assert 0 <= trajectory.frustration <= 1
    assert 0 < trajectory.ends_badly < 1
    assert trajectory.waited >= 0
    assert 0 <= trajectory.repeats <= trajectory.customer_turns
    assert trajectory.read == len(trajectory.points) <= trajectory.customer_turns
    assert trajectory.direction in ("improving", "steady", "worsening")
    for point in trajectory.turning_points:
        assert -3 <= point.change <= 3
        assert sum(cause.amount for cause in point.causes) == pytest.approx(point.change)
    assert in_words(trajectory).endswith(".")


@given(turns=conversations())
def test_a_kept_trajectory_is_taken_up_again_as_it_was(turns: list[Turn]) -> None:
    kept = follow(turns)
    assert Trajectory.from_json(json.loads(numbers(kept))) == kept


@given(conversations(least=1), readings(), probabilities, st.floats(0, 2))
def test_a_more_negative_last_turn_never_lowers_the_forecast(
    turns: list[Turn], last: object, share: float, fall: float
) -> None:
    assert hasattr(last, "cx")
    before = customer(99, turns[-1].at + 1, last)  # type: ignore[arg-type]
    worse_cx = {
        name: value * share if name in ("gratitude", "satisfaction") else 1 - (1 - value) * share
        for name, value in last.cx.items()
        if name in CX_NAMES
    }
    worse = replace(last, valence=max(-1.0, last.valence - fall), cx=last.cx | worse_cx)  # type: ignore[type-var, attr-defined]
    after = replace(before, reading=worse)  # type: ignore[arg-type]
    assert follow([*turns, after]).ends_badly >= follow([*turns, before]).ends_badly - 1e-12


def test_nothing_read_gives_the_prior_and_says_so() -> None:
    empty = follow([])
    assert (empty.level, empty.slope, empty.direction, empty.read, empty.repeats) == (0.0, 0.0, "steady", 0, 0)
    assert empty.ends_badly == pytest.approx(1 / (1 + math.exp(1.6)))
    assert in_words(empty) == "Not read yet."


def test_follows_readings_that_name_only_some_categories() -> None:
    partial = replace(reading(-0.5), cx={"anger": 0.9}, labels={})
    trajectory = follow([customer(1, 0, partial)])
    assert (trajectory.expresses, trajectory.frustration) == ("anger", 0.0)


def falling(values: Sequence[float], *, pace: float = 60.0) -> list[Turn]:
    turns = []
    for number, value in enumerate(values):
        turns.append(customer(number, 2 * number * pace, reading(value, frustration=max(0.0, -value))))
        turns.append(agent(number, (2 * number + 1) * pace))
    return turns


def test_a_falling_conversation_reads_as_worsening() -> None:
    trajectory = follow(falling([0.4, 0.1, -0.2, -0.5]))
    assert trajectory.direction == "worsening"
    # tone is valence less frustration: 0.4, 0.1, -0.4, -1.0
    assert trajectory.slope == pytest.approx((-0.5 - 0.4666666667) / 2)
    # weights by turn: 1, 0.7579, 0.5743, 0.4353 from the newest on
    assert trajectory.level == pytest.approx(-0.1518, abs=1e-4)
    assert in_words(trajectory) == "Reads as increasingly frustrated."


def test_one_misread_turn_does_not_turn_the_slope() -> None:
    assert follow(falling([-0.1, -0.1, 0.9, -0.1, -0.1])).slope == 0.0
    assert follow(falling([-0.1, -0.1, 0.9, -0.1, -0.1])).direction == "steady"


def test_a_turn_that_was_not_read_counts_as_time_for_the_slope() -> None:
    turns = [customer(0, 0, reading(0.4)), customer(1, 10), customer(2, 20), customer(3, 30, reading(-0.2))]
    assert follow(turns).slope == pytest.approx(-0.2)


def test_a_level_is_shown_against_what_is_usual_here() -> None:
    turns = [customer(0, 0, reading(-0.4))]
    assert follow(turns, Usual(-0.4, 0.2, 0.3, 0.2)).relative == pytest.approx(0.0)
    assert follow(turns, Usual(0.0, 0.2, 0.3, 0.2)).relative == pytest.approx(-2.0)
    grumbler = Baseline()
    for _ in range(40):
        grumbler = grumbler.add(-0.4, 0.5)
    assert follow(turns, grumbler).relative > follow(turns).relative


def test_finds_the_turning_point_and_its_causes() -> None:
    turns = [
        customer(1, 0, reading(0.1, topic=3)),
        agent(1, 30, "I will send it to you within 10 minutes."),
        customer(2, 60, reading(0.1, topic=9)),
        agent(2, 90, "Thank you."),
        customer(3, 1650, reading(-0.7, topic=3, frustration=0.8)),
    ]
    (point,) = follow(turns).turning_points
    assert (point.turn_id, point.at) == ("c3", 1650)
    assert point.change == pytest.approx(-1.6)
    assert [(cause.kind, cause.turn_id) for cause in point.causes] == [
        ("broken_promise", "a1"),
        ("words", "c3"),
        ("repeated_question", "c1"),
    ]
    assert [cause.amount for cause in point.causes] == pytest.approx([-1.6 / 2.3, -1.28 / 2.3, -0.8 / 2.3])
    assert point.causes[2].detail == "the same question for the second time"


def test_waiting_is_a_cause_and_is_told_in_words() -> None:
    turns = [
        customer(1, 0, reading(0.0, topic=1)),
        agent(1, 1560, "Hello!"),
        customer(2, 1600, reading(-0.6, topic=7, anger=0.7)),
    ]
    trajectory = follow(turns)
    (point,) = trajectory.turning_points
    assert [(cause.kind, cause.detail) for cause in point.causes] == [
        ("words", "reads as anger"),
        ("waiting", "waited 26 min"),
    ]
    assert trajectory.waited == 1560.0
    assert in_words(trajectory) == "Reads as increasingly angry; waited 26 min."
    by_mail = follow(turns, patience=86400.0)
    assert [cause.kind for cause in by_mail.turning_points[0].causes] == ["words"]
    assert in_words(by_mail) == "Reads as increasingly angry."


def test_says_how_often_the_same_thing_was_asked() -> None:
    turns = [customer(place, place * 60, reading(-0.3 * place, topic=3, frustration=0.4 * place)) for place in range(3)]
    trajectory = follow(turns)
    assert trajectory.repeats == 3
    assert in_words(trajectory) == "Reads as increasingly frustrated; the same question was asked three times."


def test_a_slow_decline_is_a_turning_point_too() -> None:
    values = [0.1, 0.0, -0.1, -0.2, -0.35, -0.5]
    trajectory = follow([customer(place, place, reading(value)) for place, value in enumerate(values)])
    (point,) = trajectory.turning_points
    assert point.turn_id == "c4"  # the first below what is usual by more than its spread: 0.14 - 0.11 - 0.35
    assert point.change == pytest.approx(-0.35 - (-0.05))


def test_back_to_plain_words_is_no_turn() -> None:
    thanked = [customer(1, 0, reading()), customer(2, 1, reading(0.9, gratitude=0.9)), customer(3, 2, reading())]
    assert [point.turn_id for point in follow(thanked).turning_points] == ["c2"]
    upset = [customer(1, 0, reading()), customer(2, 1, reading(-0.9, anger=0.9)), customer(3, 2, reading())]
    assert [point.turn_id for point in follow(upset).turning_points] == ["c2"]


def test_a_turn_that_has_just_happened_decides_the_direction() -> None:
    turns = [customer(place, place, reading(0.1)) for place in range(7)]
    upset = customer(7, 7, reading(-0.6, anger=0.8))
    assert follow(turns).direction == "steady"
    assert follow([*turns, upset]).direction == "worsening"
    assert follow([*turns, upset, customer(8, 8, reading(0.1))]).direction == "worsening"
    assert follow([*turns, upset, customer(8, 8, reading(0.1)), customer(9, 9, reading(0.1))]).direction == "steady"


def test_calm_conversations_have_no_turning_points() -> None:
    assert follow(falling([0.0, 0.1, -0.05, 0.05, 0.0])).turning_points == ()


def test_knows_since_when_nobody_has_answered() -> None:
    turns = [customer(1, 100, reading()), agent(1, 200), customer(2, 300, reading()), customer(3, 500, reading())]
    assert follow(turns).unanswered_since == 300
    assert follow([*turns, agent(2, 600)]).unanswered_since is None
    receipt = Turn("s", 350.0, "system")
    assert follow([*turns, receipt]).unanswered_since == 300


def test_a_promise_that_was_kept_is_not_broken() -> None:
    turns = [
        customer(1, 0, reading(topic=1)),
        agent(1, 10, "I will get back to you within 2 hours."),
        agent(2, 40, "Is there anything else?"),
        customer(2, 9000, reading(topic=5)),
    ]
    assert follow(turns).broken_promises == 1
    assert follow([*turns, agent(3, 3600, "Here is your answer.")]).broken_promises == 0


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("Unfortunately we cannot find it.", "refusals"),
        ("Sorry, I did not understand.", "misunderstandings"),
    ],
)
def test_what_we_did_raises_the_forecast(text: str, sign: str) -> None:
    asked = [customer(1, 0, reading())]
    helped, failed = follow([*asked, agent(1, 10, "Here it is.")]), follow([*asked, agent(1, 10, text)])
    assert failed.because[sign] > 0 == helped.because[sign]
    assert failed.ends_badly > helped.ends_badly


def test_asking_back_instead_of_answering_raises_the_forecast() -> None:
    turns = [customer(1, 0, reading()), agent(1, 10, "Which order?")]
    assert follow(turns).because["questions"] == pytest.approx(1.2)
    answered = [*turns, customer(2, 20, reading()), agent(2, 30, "It is on its way.")]
    assert follow(answered).because["questions"] == pytest.approx(0.5)


def test_marks_of_service_count_before_what_is_made_from_emotions() -> None:
    plain = customer(1, 0, reading())
    content = customer(1, 0, replace(reading(), service={"satisfied": 0.9, "dissatisfied": 0.0, "thanks": 0.8}))
    unhappy = customer(1, 0, replace(reading(), service={"satisfied": 0.0, "dissatisfied": 0.9, "thanks": 0.0}))
    assert follow([content]).ends_badly < follow([plain]).ends_badly < follow([unhappy]).ends_badly
    assert follow([content]).because["pleased"] == pytest.approx(-1.5 * 0.5 * 0.9)
    assert follow([unhappy]).because["recent"] == pytest.approx(0.9)


def test_saying_the_same_again_raises_the_forecast_and_goodbye_lowers_it() -> None:
    reply = "Please reset your password with the link."
    turns = [customer(1, 0, reading()), agent(1, 10, reply), customer(2, 20, reading())]
    assert follow([*turns, agent(2, 30, reply)]).because["stuck"] > 0
    assert follow([*turns, agent(2, 30, "Goodbye!")]).ends_badly < follow(turns).ends_badly


def test_the_parts_add_up_to_the_forecast() -> None:
    trajectory = follow(falling([0.2, -0.3, -0.8]))
    log_odds = -1.6 + sum(trajectory.because.values())
    assert trajectory.ends_badly == pytest.approx(1 / (1 + math.exp(-log_odds)))


def test_waiting_counts_from_the_edge_of_patience_on() -> None:
    def waiting(seconds: float) -> float:
        return follow([customer(1, 0, reading()), agent(1, seconds)]).because["waiting"]

    assert waiting(PATIENCE) == 0.0
    assert waiting(2 * PATIENCE) == pytest.approx(0.4)
    assert waiting(4 * PATIENCE) == pytest.approx(0.8)
    assert waiting(1e9) == pytest.approx(2.0)
