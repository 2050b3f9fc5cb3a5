"""Texts put together word by word are cut as the tokenizer cuts them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from unspoken.perception.text.network import FOLDER
from unspoken.perception.text.pieces import WINDOW, Pieces

PIECES = Pieces(FOLDER / "tokenizer.json")
TOKENIZER = Tokenizer.from_file(str(FOLDER / "tokenizer.json"))
TOKENIZER.enable_truncation(WINDOW)
PARTS = ("[NAME]", "[NUMBER]", "[SEP]", "[", "_", "don't", "Refunds", "4711abc", "WTF", "...", "\t", "\r\n", "é", "\0")


@given(st.lists(st.sampled_from(PARTS) | st.text(st.characters(max_codepoint=127), max_size=9), max_size=40))
def test_cuts_a_text_as_the_tokenizer_does(parts: list[str]) -> None:
    text = " ".join(parts)
    (ours,), theirs = PIECES.encode([text]), TOKENIZER.encode(text)
    assert (ours.ids, ours.offsets) == (theirs.ids, theirs.offsets)
    assert [window.ids for window in ours.overflowing] == [window.ids for window in theirs.overflowing]


def test_forgets_the_words_it_met_before_they_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("unspoken.perception.text.pieces._MOST_WORDS", 3)
    pieces = Pieces(FOLDER / "tokenizer.json")
    texts = ["one two three four", "five one two", "four three"]
    assert [window.ids for window in pieces.encode(texts)] == [TOKENIZER.encode(text).ids for text in texts]
    assert len(pieces._met) <= 3


def test_remembers_no_overlong_word() -> None:
    pieces = Pieces(FOLDER / "tokenizer.json")
    rubbish = "aGVsbG8" * 9
    assert pieces.encode([rubbish])[0].ids == TOKENIZER.encode(rubbish).ids
    assert rubbish not in pieces._met
