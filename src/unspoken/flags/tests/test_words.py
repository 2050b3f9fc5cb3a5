"""Words are found whole, in any case, with any spacing and apostrophe."""

import time

from unspoken.flags.words import ESCALATION_WORDS, LEAVING_WORDS, REPEATING_WORDS, SEARCHED, Mention, mentions


def test_finds_whole_words_and_phrases_with_their_place() -> None:
    text = "My LAWYER says: speak  to\na manager."
    assert mentions(text, ["lawyer", "speak to a manager"]) == [
        Mention(3, 9, "lawyer"), Mention(16, 35, "speak to a manager"),
    ]  # fmt: skip
    assert text[16:35] == "speak  to\na manager"


def test_a_part_of_a_word_is_no_mention() -> None:
    assert mentions("The outlawyered scampi", ["lawyer", "scam"]) == []


def test_either_apostrophe_is_the_same() -> None:
    assert [found.phrase for found in mentions("I won’t be back", LEAVING_WORDS)] == ["won't be back"]


def test_the_longest_phrase_wins() -> None:
    assert [found.phrase for found in mentions("small claims court", ["small", "small claims"])] == ["small claims"]


def test_only_the_beginning_of_a_huge_message_is_searched() -> None:
    text = "x " * SEARCHED + "lawyer"
    started = time.perf_counter()
    assert mentions(text, ESCALATION_WORDS) == []
    assert time.perf_counter() - started < 1.0


def test_the_shipped_lists_are_plain_and_without_repetition() -> None:
    for words in (ESCALATION_WORDS, LEAVING_WORDS, REPEATING_WORDS):
        assert len(set(words)) == len(words)
        assert all(word == " ".join(word.lower().split()) for word in words)
