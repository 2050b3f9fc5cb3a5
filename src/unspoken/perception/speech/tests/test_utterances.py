"""A live channel cut into what is said."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from unspoken.perception.speech.transcriber import RATE, Samples
from unspoken.perception.speech.utterances import FRAME, Utterance, Utterances

Speech = list[float]
Times = list[tuple[float, float]]


def line(*parts: tuple[float, bool]) -> tuple[Samples, Speech]:
    """Return sound and chances for parts of so many seconds, spoken or not; every sample is another."""
    speech = [0.9 if spoken else 0.1 for seconds, spoken in parts for _ in range(round(seconds * 50))]
    random = np.random.default_rng(0)
    loudness = np.repeat([0.3 if one > 0.5 else 0.001 for one in speech], FRAME)
    return (random.uniform(-1, 1, len(speech) * FRAME) * loudness).astype(np.float32), speech


def cut(*parts: tuple[float, bool], at: float = 0.0) -> list[Utterance]:
    samples, speech = line(*parts)
    utterances = Utterances()
    return [*utterances.feed(at, samples, speech), *utterances.finish()]


def times(found: list[Utterance]) -> Times:
    return [(round(one.begin, 4), round(one.end, 4)) for one in found]


def test_ends_after_a_pause_and_keeps_a_little_around() -> None:
    assert times(cut((1.0, False), (2.0, True), (1.0, False), (1.0, True), (2.0, False))) == [(0.8, 3.2), (3.8, 5.2)]


def test_a_shorter_pause_does_not_end_it() -> None:
    assert times(cut((1.0, False), (2.0, True), (0.58, False), (1.0, True), (2.0, False))) == [(0.8, 4.78)]
    assert len(cut((1.0, False), (2.0, True), (0.6, False), (1.0, True), (2.0, False))) == 2


def test_is_told_as_soon_as_the_pause_is_long_enough() -> None:
    samples, speech = line((1.0, True), (0.6, False))
    utterances = Utterances()
    assert utterances.feed(0.0, samples[:-FRAME], speech[:-1]) == []
    [done] = utterances.feed(1.58, samples[-FRAME:], speech[-1:])
    assert (done.begin, round(done.end, 4)) == (0.0, 1.2)


def test_holds_the_very_samples() -> None:
    samples, speech = line((1.0, False), (2.0, True), (1.0, False))
    [only] = Utterances().feed(7.0, samples, speech)
    assert (only.samples == samples[round(0.8 * RATE) : round(3.2 * RATE)]).all()
    assert (round(only.begin, 4), round(only.end, 4)) == (7.8, 10.2)


def test_drops_what_is_too_short_to_be_a_word() -> None:
    assert cut((1.0, False), (0.28, True), (1.0, False)) == []
    assert times(cut((1.0, False), (0.3, True), (1.0, False))) == [(0.8, 1.5)]


def test_what_is_under_way_at_the_end_is_told_then() -> None:
    assert times(cut((1.0, False), (1.0, True))) == [(0.8, 2.0)]
    assert times(cut((1.0, False), (1.0, True), (0.1, False))) == [(0.8, 2.1)]
    assert cut((3.0, False)) == []


def test_cuts_endless_speech_where_it_is_quietest() -> None:
    samples, speech = line((20.0, True))
    samples[round(10.0 * RATE) : round(10.1 * RATE)] *= 0.01
    found = Utterances().feed(0.0, samples, speech)
    [first] = found
    assert first.begin == 0.0
    assert 10.0 <= first.end <= 10.1
    assert len(first.samples) == round(first.end * RATE)


def test_loses_and_doubles_nothing_of_endless_speech() -> None:
    samples, speech = line((60.0, True))
    utterances = Utterances()
    found = [*utterances.feed(0.0, samples, speech), *utterances.finish()]
    assert (np.concatenate([one.samples for one in found]) == samples).all()
    assert all(one.end - one.begin <= 14.0 for one in found)
    assert all(one.end == pytest.approx(other.begin) for one, other in pairwise(found))


def test_the_short_rest_of_a_cut_is_no_cough() -> None:
    samples, speech = line((14.0, True), (1.0, False))
    samples[round(13.85 * RATE) :] *= 0.001  # the quietest place leaves less than 0.3 seconds
    found = Utterances().feed(0.0, samples, speech)
    assert len(found) == 2
    assert found[1].end == pytest.approx(14.2)


def test_a_gap_in_the_sound_ends_an_utterance() -> None:
    samples, speech = line((2.0, True))
    utterances = Utterances()
    assert utterances.feed(0.0, samples, speech) == []
    assert times(utterances.feed(5.0, samples, speech)) == [(0.0, 2.0)]
    assert times(utterances.finish()) == [(5.0, 7.0)]


def test_a_clock_that_is_a_little_off_is_no_gap() -> None:
    samples, speech = line((2.0, True))
    utterances = Utterances()
    assert utterances.feed(0.0, samples, speech) == []
    assert utterances.feed(2.009, samples, speech) == []
    assert times(utterances.finish()) == [(0.0, 4.0)]


def test_takes_plain_answers_of_whether_somebody_speaks() -> None:
    samples, speech = line((1.0, False), (2.0, True), (1.0, False))
    [only] = Utterances().feed(0.0, samples, np.array(speech) > 0.5)
    assert times([only]) == [(0.8, 3.2)]


def test_needs_a_chance_for_each_frame() -> None:
    with pytest.raises(ValueError, match="640 samples need 2 chances, not 3"):
        Utterances().feed(0.0, np.zeros(640, np.float32), [0.1, 0.1, 0.1])


def test_keeps_no_more_than_an_utterance() -> None:
    utterances = Utterances()
    samples, speech = line((1.0, True))
    held = []
    for second in range(120):
        utterances.feed(float(second), samples, speech)
        held.append(sum(len(one.samples) for one in utterances._kept))
    assert max(held) < 14 * RATE
    quiet, nobody = line((1.0, False))
    for second in range(120, 240):
        utterances.feed(float(second), quiet, nobody)
    assert sum(len(one.samples) for one in utterances._kept) == round(0.2 * RATE)


@settings(deadline=None, max_examples=40)
@given(
    some.lists(some.tuples(some.integers(1, 400), some.booleans()), min_size=1, max_size=12),
    some.lists(some.integers(1, 300), min_size=1, max_size=8),
)
def test_says_the_same_in_pieces_as_at_once(parts: list[tuple[int, bool]], sizes: list[int]) -> None:
    samples, speech = line(*((frames / 50, spoken) for frames, spoken in parts))
    at_once, in_pieces = Utterances(), Utterances()
    whole = [*at_once.feed(3.0, samples, speech), *at_once.finish()]
    found, begin, turn = [], 0, 0
    while begin < len(speech):
        end = min(begin + sizes[turn % len(sizes)], len(speech))
        found += in_pieces.feed(3.0 + begin * 0.02, samples[begin * FRAME : end * FRAME], speech[begin:end])
        begin, turn = end, turn + 1
    found += in_pieces.finish()
    assert times(found) == times(whole)
    for one, other in zip(found, whole, strict=True):
        assert (one.samples == other.samples).all()
