"""What a tone says over a call: since when a voice is tense, how far above before, where it parts from the words."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from unspoken.affect.tone import (
    CALM,
    SHARP,
    SILENCE,
    STALE,
    TENSE,
    Tone,
    Window,
    parting,
    partings,
    stress_during,
    stretches,
    tone_of,
)


def windows(*stress: float | None, begins: float = 0.0) -> list[Window]:
    """Return windows of three seconds, a new one every second, as a listener tells them."""
    return [Window(begins + number, begins + number + 3.0, one) for number, one in enumerate(stress)]


some_windows = st.lists(st.none() | st.floats(0, 1), max_size=40).map(lambda stress: windows(*stress))


def test_tells_how_a_voice_sounds_now_and_since_when_it_is_tense() -> None:
    heard = windows(*[0.2] * 10, 0.7, 0.8, 0.9)
    assert tone_of(heard) == Tone(15.0, 0.9, pytest.approx(0.9 - 0.2), 3.0)
    assert tone_of(heard[:10]) == Tone(12.0, 0.2, pytest.approx(0.0), 0.0)
    assert tone_of([]) is None
    assert tone_of(windows(None, None)) is None


def test_the_first_tense_window_counts_for_its_last_second_only() -> None:
    assert tone_of(windows(0.1, 0.9)) == Tone(4.0, 0.9, 0.0, 1.0)
    short = Window(7.0, 7.6, 0.9)  # the last of a call
    assert stretches([short])[0].begins == 7.0


def test_what_was_before_leaves_the_last_six_seconds_aside() -> None:
    heard = windows(0.1, 0.3, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9)
    told = tone_of(heard)
    assert told is not None
    assert told.rise == pytest.approx(0.9 - 0.2)  # the windows that ended at 3 and 4 s, of 10 s


def test_a_stretch_goes_on_through_five_seconds_of_silence_and_no_longer() -> None:
    for silent, stretch in ((5, [(2.0, 11.0)]), (6, [(2.0, 5.0), (11.0, 12.0)])):
        heard = windows(0.8, 0.8, 0.8, *[None] * silent, 0.8)
        assert [(one.begins, one.ends) for one in stretches(heard)] == stretch
    assert SILENCE == 5.0


def test_one_calm_window_ends_a_stretch() -> None:
    heard = windows(0.8, 0.9, TENSE - 0.01, 0.7)
    assert [(one.begins, one.ends, one.strongest.stress) for one in stretches(heard)] == [
        (2.0, 4.0, 0.9), (5.0, 6.0, 0.7)
    ]  # fmt: skip


def test_what_was_heard_long_ago_says_nothing_of_now() -> None:
    heard = windows(0.9)
    assert tone_of([*heard, Window(3.0, 3.0 + STALE, None)]) is not None
    assert tone_of([*heard, Window(3.0, 3.1 + STALE, None)]) is None


@given(heard=some_windows, jitter=st.lists(st.floats(-0.04, 0.04), min_size=40, max_size=40))
def test_times_that_are_a_little_off_move_what_is_told_as_little(heard: list[Window], jitter: list[float]) -> None:
    """Every 1.03 seconds, so that none lies just where five, six or fifteen seconds decide; off by up to 40 ms."""
    even = [replace(one, ends=one.ends * 1.03) for one in heard]
    before = tone_of(even)
    after = tone_of([replace(one, ends=one.ends + off) for one, off in zip(even, jitter, strict=False)])
    assert (before is None) == (after is None)
    if before is not None and after is not None:
        assert (after.stress, after.rise) == (before.stress, pytest.approx(before.rise))
        assert after.tense_for == pytest.approx(before.tense_for, abs=0.1)


@given(heard=some_windows, gone=st.sets(st.integers(0, 39)))
def test_windows_that_are_missing_are_as_windows_of_which_nothing_is_told(heard: list[Window], gone: set[int]) -> None:
    """A listener that was lost tells nothing of some seconds; only the end must be there, to say what now is."""
    assume(heard)
    silent = [replace(one, stress=None) if number in gone else one for number, one in enumerate(heard)]
    left = [one for number, one in enumerate(silent) if number not in gone or number == len(heard) - 1]
    assert stretches(left) == stretches(silent)
    assert tone_of(left) == tone_of(silent)


@given(heard=some_windows)
def test_stretches_are_apart_in_order_and_tense(heard: list[Window]) -> None:
    found = stretches(heard)
    assert all(one.begins < one.ends for one in found)
    assert all(one.ends < two.ends for one, two in pairwise(found))
    assert all(one.strongest.stress is not None and one.strongest.stress >= TENSE for one in found)
    tense = [one for one in heard if one.stress is not None and one.stress >= TENSE]
    assert {one.last for one in found} <= set(tense)
    assert all(any(one.begins < window.ends <= one.ends for one in found) for window in tense)


@given(heard=some_windows, louder=st.floats(0, 1))
def test_a_tenser_voice_is_never_told_as_calmer(heard: list[Window], louder: float) -> None:
    before = tone_of(heard)
    assume(before is not None)
    newest = max(number for number, one in enumerate(heard) if one.stress is not None)
    raised = [*heard]
    raised[newest] = replace(heard[newest], stress=max(heard[newest].stress or 0.0, louder))
    after = tone_of(raised)
    assert before is not None
    assert after is not None
    assert after.stress >= before.stress
    assert after.tense_for >= before.tense_for
    assert after.rise >= before.rise - 1e-9


def test_the_stress_of_what_was_said_is_that_of_the_windows_that_end_with_it() -> None:
    heard = windows(0.1, 0.2, 0.4, 0.6, None, 0.9)
    assert stress_during(heard, 3.0, 5.0) == pytest.approx((0.2 + 0.4 + 0.6) / 3)
    assert stress_during(heard, 6.0, 6.0) is None
    assert stress_during(heard, 20.0, 25.0) is None


@pytest.mark.parametrize(
    ("stress", "displeasure", "told"),
    [
        (TENSE, 0.25, "voice_tense"), (TENSE, 0.26, None), (TENSE - 0.01, 0.0, None), (CALM, SHARP, "voice_calm"),
        (CALM + 0.01, SHARP, None), (CALM, SHARP - 0.01, None), (None, 0.9, None), (0.9, None, None),
    ],
)  # fmt: skip
def test_voice_and_words_part_only_where_both_are_clear(
    stress: float | None, displeasure: float | None, told: str | None
) -> None:
    assert parting(stress, displeasure) == told


def test_partings_are_told_in_the_order_in_which_things_were_said() -> None:
    heard = windows(*[0.9] * 6, *[0.1] * 6)
    spoken = {"late": (9.0, 12.0), "early": (2.0, 5.0), "unread": (5.0, 6.0), "silent": (30.0, 31.0)}
    displeasure = {"early": 0.1, "late": 0.7, "silent": 0.9}
    assert list(partings(heard, spoken, displeasure).items()) == [("early", "voice_tense"), ("late", "voice_calm")]
