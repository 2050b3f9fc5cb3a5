"""From values to what a page shows."""

from datetime import UTC, datetime, timedelta

import pytest

from unspoken.affect.sentence import Clause, Sentence
from unspoken.flags.conditions import parse
from unspoken.flags.queries import Precision
from unspoken.readings.models import Correction, StoredReading

from ..showing.conditions import in_lines
from ..showing.curves import curve, spark
from ..showing.flags import precision_words, that_held
from ..showing.marks import EXCERPT, excerpt, marked, marks
from ..showing.readings import reading_line
from ..showing.sentences import pieces
from ..showing.times import relative
from ..showing.trajectories import pushes, trajectory_words

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_marks_the_words_that_carried_a_reading_and_escapes_everything() -> None:
    text = "<b>So</b> late & rude"
    assert str(marked(text, [[10, 14, "annoyance", 0.8]])) == (
        '&lt;b&gt;So&lt;/b&gt; <mark class="w4" title="carried annoyance">late</mark> &amp; rude'
    )


def test_leaves_out_marks_that_speak_against_lie_outside_or_overlap_a_heavier_one() -> None:
    spans = [
        [0, 4, "anger", -0.5],
        [2, 8, "anger", 0.9],
        [6, 12, "anger", 0.3],
        [90, 99, "anger", 0.5],
        [8, 40, "joy", 0.2],
    ]
    assert [(mark.start, mark.end, mark.heaviness) for mark in marks(spans, 20)] == [(2, 8, 4), (8, 20, 1)]


def test_an_excerpt_begins_before_the_first_mark_and_says_where_it_was_cut() -> None:
    text = "word " * 200 + "terrible " + "word " * 200
    found = str(excerpt(text, [[1000, 1008, "anger", 0.5]]))
    assert found.startswith("… word") and found.endswith(" …")
    assert '<mark class="w4" title="carried anger">terrible</mark>' in found
    assert len(found) < EXCERPT + 80


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(seconds=3), "just now"),
        (timedelta(minutes=3), "3 min ago"),
        (timedelta(minutes=89), "89 min ago"),
        (timedelta(hours=5), "5 h ago"),
        (timedelta(days=1), "1 day ago"),
        (timedelta(days=6), "6 days ago"),
        (timedelta(days=9), "21 Feb"),
        (timedelta(days=400), "26 Jan 2025"),
        (-timedelta(hours=2), "in 2 h"),
    ],
)
def test_says_times_as_people_do(ago: timedelta, words: str) -> None:
    assert relative(NOON - ago, NOON) == words


def numbers(*valences: float) -> dict[str, object]:
    points = [{"turn_id": f"m{n}", "at": n, "valence": 0.0, "smoothed": 0.0, "tone": v} for n, v in enumerate(valences)]
    turning = [
        {"turn_id": "m1", "at": 1, "change": -0.5, "causes": [{"kind": "words", "detail": "x", "turn_id": "m1"}]}
    ]
    return {"points": points, "turning_points": turning}


def test_draws_a_curve_in_its_box_with_its_turning_points() -> None:
    drawn = curve(numbers(0.0, -2.0, 1.0), {"m2"})
    assert drawn is not None
    assert [(dot.x, dot.y) for dot in drawn.dots] == [(24.0, 50.7), (260.0, 104.0), (496.0, 24.0)]
    assert [dot.corrected for dot in drawn.dots] == [False, False, True]
    assert drawn.line == "M24.0 50.7 C142.0 50.7 142.0 104.0 260.0 104.0 C378.0 104.0 378.0 24.0 496.0 24.0"
    assert [(turn.number, turn.turn_id, turn.fell, turn.y) for turn in drawn.turnings] == [(1, "m1", True, 119.0)]


def test_draws_nothing_from_less_than_two_messages() -> None:
    assert (curve(numbers(0.2)), spark({}), spark(numbers(0.2))) == (None, None, None)


def test_says_what_it_can_of_a_trajectory_kept_by_another_version() -> None:
    kept = {"read": 3, "level": -0.4, "direction": "worsening", "waited": 5400.0, "of_another_version": 1}
    assert trajectory_words(kept) == "Reads as increasingly negative; waited 2 h."
    assert (trajectory_words({}), trajectory_words(None)) == ("", "")


def test_names_what_pushed_a_forecast_strongest_first() -> None:
    found = pushes({"waiting": 0.4, "leaving": -1.0, "repeats": 0.05})
    assert [(push.direction, push.words) for push in found] == [("down", "taking leave"), ("up", "waiting")]


def test_each_clause_of_a_sentence_leads_to_its_evidence() -> None:
    clauses = (
        Clause("satisfied with the product", "product", ("rd_1",), 0.0, True),
        Clause("concern rising over the last three service contacts", "service", ("rd_2", "rd_3"), 0.0, False),
    )
    sentence = Sentence(
        "Reads as satisfied with the product; concern rising over the last three service contacts.", clauses
    )
    assert [(piece.text, piece.evidence, piece.stale) for piece in pieces(sentence)] == [
        ("Reads as ", (), False),
        ("satisfied with the product", ("rd_1",), True),
        ("; ", (), False),
        ("concern rising over the last three service contacts", ("rd_2", "rd_3"), False),
        (".", (), False),
    ]


def test_says_how_often_a_rule_was_right_and_what_that_leaves_open() -> None:
    assert precision_words(Precision(10, 2, 0.8, 0.49, 0.94)) == (
        "Right in 8 of 10 decided flags (somewhere between 49% and 94% in the long run)."
    )
    assert precision_words(Precision(0, 0, None, 0.0, 1.0)) == "Nobody has said yet whether this rule is right."


def test_puts_a_condition_into_words() -> None:
    condition = parse(
        {"all": [
            {"field": "trajectory.direction", "op": "==", "value": "worsening"},
            {"not": {"field": "conversation.assigned", "op": "==", "value": True}},
            {"any": [{"field": "message.stars", "op": ">=", "value": 3}]},
        ]}
    )  # fmt: skip
    found = in_lines(condition)
    assert found.text == "all of this"
    assert [part.text for part in found.parts] == ["The direction: worsening", "none of this", "any of this"]
    assert found.parts[1].parts[0].text == "There is an assignee"
    assert found.parts[2].parts[0].text == "The number of stars: at least 3"


def test_names_likely_marks_strongest_first_and_none_beside_a_persons_word(db: None) -> None:
    row = StoredReading(cx={"neutral": 0.9}, service={"urgency": 0.4, "leaving": 0.8, "sarcasm": 0.29, "asks": 0.9})
    assert reading_line(row).marks == (("leaving", 0.8), ("urgency", 0.4))
    assert reading_line(StoredReading(cx={"neutral": 0.9}, service=None)).marks == ()
    row.correction = Correction(cx="worry")
    assert reading_line(row).marks == ()


def leaf(field: str, op: str, value: object, *, held: bool = True) -> dict[str, object]:
    return {"field": field, "op": op, "value": value, "held": held, "text": f"{field} {op} {value}"}


def test_of_comparisons_of_one_thing_the_strictest_that_held_is_told() -> None:
    told = that_held(
        [
            leaf("valence", "<=", -0.25), leaf("kind", "==", "chat"), leaf("valence", "<=", -0.5),
            leaf("valence", ">=", -0.9), leaf("level", "<=", 0.0, held=False), leaf("kind", "==", "call"),
        ]
    )  # fmt: skip
    assert told == ["valence <= -0.5", "kind == chat", "valence >= -0.9", "kind == call"]
