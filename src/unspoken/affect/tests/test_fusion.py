"""Words and tone together: each counts by its reliability, one alone stands alone, and where they part no number is."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unspoken.affect.fusion import FRESH, PRIOR, RELIABILITY, Fused, Reliability, fused, said_last, together
from unspoken.affect.tone import Window, parting

chances = st.floats(0, 1)
EVEN = {"clean": Reliability(1.0, 0.5, -1.0, (1.0, 0.0), (0.5, 0.25))}


def windows(*stress: float | None) -> list[Window]:
    """Return windows of three seconds, a new one every second."""
    return [Window(number, number + 3.0, one) for number, one in enumerate(stress)]


def test_log_odds_are_added_each_by_its_reliability() -> None:
    both = fused(0.75, 0.8, noise="clean", trust=EVEN)
    assert both.chance == pytest.approx(1 / (1 + math.exp(-(1.0 * math.log(3) + 0.5 * math.log(4) - 1.0))))
    assert (both.says, both.parting) == ("both", None)


def test_one_that_is_read_alone_stands_alone() -> None:
    assert fused(0.75, None, noise="clean", trust=EVEN) == Fused(pytest.approx(0.75), "words")
    alone = fused(None, 0.8, noise="clean", trust=EVEN)
    assert (alone.chance, alone.says) == (pytest.approx(1 / (1 + math.exp(-0.5 * math.log(4) - 0.25))), "voice")
    assert fused(None, None, noise="clean") == Fused(None, "", None)


@pytest.mark.parametrize(
    ("displeasure", "stress", "told"),
    [
        (0.1, 0.9, Fused(None, "voice", "voice_tense")),
        (0.9, 0.1, Fused(None, "words", "voice_calm")),
    ],
)
def test_where_words_and_voice_part_both_are_told_and_no_number(displeasure: float, stress: float, told: Fused) -> None:
    assert fused(displeasure, stress, noise="telephone") == told


@given(displeasure=st.none() | chances, stress=st.none() | chances, noise=st.sampled_from(list(RELIABILITY)))
def test_a_number_is_given_just_where_something_is_read_and_nothing_parts(
    displeasure: float | None, stress: float | None, noise: str
) -> None:
    told = fused(displeasure, stress, noise=noise)  # type: ignore[arg-type]
    is_read = displeasure is not None or stress is not None
    assert (told.chance is None) == (not is_read or parting(stress, displeasure) is not None)
    assert told.parting == parting(stress, displeasure)
    assert told.chance is None or 0.0 < told.chance < 1.0


@given(one=chances, other=chances, stress=chances, noise=st.sampled_from(list(RELIABILITY)))
def test_sharper_words_never_make_it_less_likely(one: float, other: float, stress: float, noise: str) -> None:
    milder, sharper = (fused(words, stress, noise=noise).chance for words in sorted((one, other)))  # type: ignore[arg-type]
    assert milder is None or sharper is None or milder <= sharper


@pytest.mark.parametrize("noise", RELIABILITY)
def test_with_the_reliabilities_that_were_learnt_two_say_more_than_one_and_neither_decides(noise: str) -> None:
    def chance(displeasure: float | None, stress: float | None) -> float:
        return fused(displeasure, stress, noise=noise).chance or 0.0  # type: ignore[arg-type]

    assert chance(0.9, 0.9) > max(chance(0.9, None), chance(None, 0.9)) > 0.6
    assert chance(0.05, 0.05) < min(chance(0.05, None), chance(None, 0.05)) < PRIOR
    assert chance(1.0, 0.35) < 0.96  # however sure one of both is
    assert chance(0.05, 0.55) < 0.5  # a lively voice and a kind word


def test_what_was_said_is_looked_at_where_words_and_voice_were_read() -> None:
    heard = windows(*[0.8] * 6, *[0.1] * 6)
    spoken = {"late": (9.0, 12.0), "early": (2.0, 5.0), "unread": (3.0, 5.0), "unheard": (40.0, 41.0)}
    found = together(heard, spoken, {"early": 0.8, "late": 0.9, "unheard": 0.9}, noise="telephone")
    assert list(found) == ["early", "late"]
    assert found["early"].chance == pytest.approx(fused(0.8, 0.8, noise="telephone").chance)
    assert found["late"] == Fused(None, "words", "voice_calm")


def test_what_was_said_last_stands_while_it_is_fresh_and_then_the_tone_alone() -> None:
    heard = windows(*[0.1] * 5, *[0.8] * 5)
    spoken, displeasure = {"first": (0.0, 2.0), "newest": (7.0, 9.0)}, {"first": 0.9, "newest": 0.1}
    assert said_last(heard, spoken, displeasure, until=10.0, noise="clean") == Fused(None, "voice", "voice_tense")
    later = said_last(heard, spoken, displeasure, until=9.0 + FRESH + 0.1, noise="clean")
    assert later == fused(None, 0.8, noise="clean")
    assert said_last(heard, {}, {}, until=10.0, noise="clean") == later
    assert said_last(heard, {"new": (20.0, 22.0)}, {"new": 0.7}, until=22.0, noise="clean") == fused(
        0.7, None, noise="clean"
    )
    assert said_last([], {}, {}, until=3.0, noise="clean") == Fused(None)
