"""Words and spans, on made-up evidence."""

import numpy as np
from numpy.typing import NDArray

from unspoken.affect.reading import Span
from unspoken.perception.text.features import spans_of, words_of

TEXT = "(Still) no answer, REALLY?!"
OFFSETS = [(0, 0), (0, 1), (1, 6), (6, 7), (8, 10), (11, 14), (14, 17), (17, 18), (19, 25), (25, 26), (26, 27), (0, 0)]


def evidence(**strengths: float) -> NDArray[np.float32]:
    values = np.zeros(len(OFFSETS), np.float32)
    for token, strength in strengths.items():
        values[int(token[1:])] = strength
    return values


def test_merges_word_pieces_and_trims_punctuation() -> None:
    assert [TEXT[start:end] for start, end, _ in words_of(TEXT, OFFSETS)] == ["Still", "no", "answer", "REALLY"]


def test_names_the_strongest_word_with_the_probability_of_its_label() -> None:
    assert spans_of(TEXT, OFFSETS, [("anger", 0.75, evidence(t8=12.0))]) == (Span(19, 25, "anger", 0.75),)


def test_joins_neighbours_of_one_label() -> None:
    spans = spans_of(TEXT, OFFSETS, [("annoyance", 0.5, evidence(t2=6.0, t4=6.0, t5=6.0, t6=6.0))])
    assert [(TEXT[span.start : span.end], span.weight) for span in spans] == [("Still", 0.5), ("no answer", 0.5)]


def test_leaves_out_words_far_below_the_strongest() -> None:
    spans = spans_of(TEXT, OFFSETS, [("anger", 0.75, evidence(t8=12.0, t2=2.0))])
    assert [TEXT[span.start : span.end] for span in spans] == ["REALLY"]


def test_gives_a_word_to_the_label_that_it_carried_most() -> None:
    same = evidence(t8=12.0)
    spans = spans_of(TEXT, OFFSETS, [("anger", 0.4, same), ("surprise", 0.6, same)])
    assert spans == (Span(19, 25, "surprise", 0.6),)


def test_finds_nothing_in_a_text_without_words() -> None:
    assert spans_of("!?", [(0, 0), (0, 1), (1, 2), (0, 0)], [("anger", 0.4, np.zeros(4, np.float32))]) == ()
