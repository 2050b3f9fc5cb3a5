"""Pieces of speech put together, and times back to where they were."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from unspoken.perception.speech.packing import Span, pack, packs
from unspoken.perception.speech.transcriber import RATE, Word

SECONDS = np.arange(100 * RATE, dtype=np.float32) / RATE  # each sample says where it was


def seconds(*spans: tuple[float, float]) -> list[Span]:
    return [(round(begin * RATE), round(end * RATE)) for begin, end in spans]


def test_puts_pieces_together_up_to_a_length() -> None:
    found = list(packs(SECONDS, seconds((1, 5), (10, 16), (20, 24), (30, 40)), longest=10 * RATE))
    assert [one.spans for one in found] == [
        tuple(seconds((1, 5), (10, 16))), tuple(seconds((20, 24))), tuple(seconds((30, 40)))
    ]  # fmt: skip
    assert [len(one.samples) / RATE for one in found] == [10.0, 4.0, 10.0]
    assert found[0].samples[4 * RATE] == 10.0


def test_of_no_speech_makes_nothing() -> None:
    assert list(packs(SECONDS, [], longest=RATE)) == []


def test_puts_words_back_where_they_were() -> None:
    both = pack(SECONDS, seconds((1, 5), (10, 16)))
    found = both.placed(Word("late", 4.5, 5.25, 0.9))
    assert (found.begin, found.end) == (10.5, 11.25)
    early = both.placed(Word("early", 0.5, 1.0, 0.9))
    assert (early.begin, early.end) == (1.5, 2.0)


def test_a_word_across_two_pieces_stays_in_the_one_that_holds_its_middle() -> None:
    both = pack(SECONDS, seconds((1, 5), (10, 16)))
    found = both.placed(Word("first", 3.0, 4.5, 0.9))
    assert (found.begin, found.end) == (4.0, 5.0)
    found = both.placed(Word("second", 3.75, 4.75, 0.9))
    assert (found.begin, found.end) == (10.0, 10.75)


def test_a_word_beyond_the_end_ends_with_it() -> None:
    found = pack(SECONDS, seconds((1, 5))).placed(Word("over", 3.5, 9.0, 0.9))
    assert (found.begin, found.end) == (4.5, 5.0)


def test_halves_part_between_pieces() -> None:
    halves = pack(SECONDS, seconds((1, 5), (10, 16), (20, 24))).halves(SECONDS)
    assert halves is not None
    assert [one.spans for one in halves] == [tuple(seconds((1, 5))), tuple(seconds((10, 16), (20, 24)))]
    assert pack(SECONDS, seconds((1, 5))).halves(SECONDS) is None


@given(some.lists(some.integers(1, 30 * RATE), min_size=2, max_size=12), some.floats(0, 1))
def test_every_moment_of_a_pack_comes_back_to_the_sample_that_it_was(lengths: list[int], where: float) -> None:
    edges = np.cumsum(lengths)
    spans = [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=False)]
    whole = np.arange(edges[-1], dtype=np.float64)
    together = pack(whole.astype(np.float32), spans)
    place = int(where * (len(together.samples) - 1))
    exact = np.concatenate([whole[a:b] for a, b in spans])[place]
    moment = (place + 0.5) / RATE
    assert together.placed(Word("x", moment, moment, 1.0)).begin * RATE == pytest.approx(exact + 0.5, abs=1e-3)
