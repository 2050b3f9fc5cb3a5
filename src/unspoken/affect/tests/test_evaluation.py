from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from unspoken.affect import evaluation
from unspoken.affect.evaluation import (
    OURS,
    Beginnings,
    auroc,
    beginnings,
    by_length,
    calibration,
    compare,
    parse_dialogues,
    parse_questions,
    recognition,
    together,
)
from unspoken.affect.reading import Reading
from unspoken.affect.tests.readings import reading

EXAMPLES = Path(evaluation.__file__).parent / "examples"
TEXT = (
    "USER\tWhere is it?\tASK\t3,3,4\nSYSTEM\tUnfortunately I cannot find it.\t\t\nUSER\tThis is awful\t\t1,2,3\n"
    "USER\tOVERALL\t\t1,1\n"
    "\n"
    "USER\tHello\t\t3,3\nSYSTEM\tHi!\t\t\nUSER\tThanks\t\t4,2\nUSER\tHm\t\t3\nUSER\tBad\t\t1\n"
)


def by_words(texts: Sequence[str]) -> list[Reading | None]:
    """Read displeasure from one word, so that what is expected can be worked out by hand."""
    return [reading(-0.8, anger=0.9) if "awful" in text else reading() for text in texts]


def test_parses_roles_ratings_and_leaves_the_overall_line_out() -> None:
    first, second = parse_dialogues(TEXT)
    assert [(line.author, line.dissatisfied) for line in first] == [
        ("customer", False),
        ("agent", None),
        ("customer", True),
    ]
    assert [line.dissatisfied for line in second] == [False, None, True, False, True]


def test_a_beginning_ends_before_the_next_customer_turn_and_knows_what_follows() -> None:
    found = beginnings(parse_dialogues(TEXT), by_words)
    assert found.length.tolist() == [1, 1, 2, 3]
    assert found.dialogue.tolist() == [0, 1, 1, 1]
    assert found.badly.tolist() == [True, True, True, True]
    assert found.of_next_turn().badly.tolist() == [True, True, False, True]
    assert found.scores["mean valence"].tolist() == [0.0, 0.0, 0.0, 0.0]
    assert found.scores[OURS][0] > found.scores[OURS][1]


def test_counts_ties_as_half_in_the_area_under_the_curve() -> None:
    badly = np.array([True, False, True, False])
    assert auroc(np.array([4.0, 1.0, 3.0, 2.0]), badly) == 1.0
    assert auroc(np.array([1.0, 1.0, 1.0, 1.0]), badly) == 0.5
    assert auroc(np.array([1.0, 2.0, 3.0, 3.0]), badly) == 0.375
    assert np.isnan(auroc(np.array([1.0]), np.array([True])))


def made(scores: list[float], badly: list[bool], length: list[int]) -> Beginnings:
    count = len(scores)
    return Beginnings(
        {OURS: np.array(scores), "other": -np.array(scores)},
        np.array(badly),
        np.array(length),
        np.arange(count),
        np.zeros(count, dtype=np.int64),
        ~np.array(badly),
    )


def test_compares_only_beginnings_of_equal_length() -> None:
    # longer ones score higher and end well: pooled that would look bad, but within a length the order is right
    found = made([2.0, 1.0, 12.0, 11.0], [True, False, True, False], [1, 1, 2, 2])
    assert by_length(found, OURS) == (1.0, {1: 1.0, 2: 1.0})


def test_compares_only_within_a_corpus() -> None:
    low, high = made([2.0, 1.0], [True, False], [1, 1]), made([12.0, 11.0], [True, False], [1, 1])
    both = together([low, high])
    assert by_length(both, OURS) == (1.0, {1: 1.0})
    assert both.dialogue.tolist() == [0, 1, 2, 3]
    assert both.corpus.tolist() == [0, 0, 1, 1]


def test_an_interval_holds_its_value_and_repeats_with_its_seed() -> None:
    random = np.random.default_rng(1)
    badly = random.random(200) < 0.4
    scores = (badly + random.normal(0, 1, 200)).tolist()
    found = made(scores, badly.tolist(), [1] * 200)
    ours, other = compare(found, resamples=50).results
    assert 0.5 < ours.low < ours.auroc < ours.high < 1
    assert other.auroc == pytest.approx(1 - ours.auroc)
    lead, low, high = compare(found, resamples=50).leads["other"]
    assert low < lead < high
    assert compare(found, resamples=50) == compare(found, resamples=50)


def test_calibration_groups_from_low_to_high() -> None:
    found = made([0.1, 0.9, 0.2, 0.8], [False, True, False, True], [1, 1, 1, 1])
    assert calibration(found, bins=2) == [(pytest.approx(0.15), 0.0, 2), (pytest.approx(0.85), 1.0, 2)]


def test_measures_how_well_a_repeated_question_is_known_again() -> None:
    topics = {"a": 1, "b": 1, "c": 5, "d": 9}
    found = recognition(
        [(True, "a", "b"), (True, "a", "c"), (False, "c", "d")],
        lambda texts: [reading(topic=topics[text]) for text in texts],
    )
    assert found == (0.5, 0.0)


def test_our_examples_are_whole() -> None:
    dialogues = parse_dialogues((EXAMPLES / "dialogues.tsv").read_text(encoding="utf-8"))
    assert len(dialogues) == 30
    assert all(line.dissatisfied is not None for lines in dialogues for line in lines if line.author == "customer")
    pairs = parse_questions((EXAMPLES / "questions.tsv").read_text(encoding="utf-8"))
    assert [sum(same for same, _, _ in pairs), len(pairs)] == [30, 64]
