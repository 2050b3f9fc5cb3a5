"""What a speech model says though nobody said it."""

import pytest

from unspoken.perception.speech.guards import Heard, compression, segments_of, without_rounds
from unspoken.perception.speech.transcriber import Word


def words(text: str, *, begin: float = 0.0, each: float = 0.3) -> tuple[Word, ...]:
    return tuple(
        Word(f" {one}", begin + place * each, begin + (place + 1) * each, 0.9) for place, one in enumerate(text.split())
    )


def heard(text: str, *, sure: float = -0.4, no_speech: float = 0.1) -> Heard:
    return Heard(words(text), sure, no_speech)


def said(found: tuple[Word, ...]) -> str:
    return "".join(one.text for one in found).strip()


def test_believes_a_plain_sentence() -> None:
    plain = heard("I have been waiting for my order for three weeks.")
    assert (plain.is_silence, plain.is_doubtful, plain.is_guess) == (False, False, False)


def test_does_not_believe_words_where_no_speech_is_heard_however_sure_they_are() -> None:
    assert heard("Thank you.", sure=-0.1, no_speech=0.8).is_silence
    assert not heard("Thank you.", sure=-0.1, no_speech=0.6).is_silence


@pytest.mark.parametrize("text", ["", ". . .", "…", "?!"])
def test_takes_what_has_no_word_for_silence(text: str) -> None:
    assert heard(text).is_silence


def test_takes_unsure_words_for_a_guess() -> None:
    assert heard("These were good.", sure=-1.01).is_guess
    assert not heard("These were good.", sure=-1.0).is_guess


@pytest.mark.parametrize("text", ["Beep " * 40, "I do not know. " * 12, "no no no no no no no"])
def test_doubts_what_goes_round_in_a_circle(text: str) -> None:
    assert heard(text).is_doubtful


def test_believes_nothing_that_is_hardly_more_than_a_circle() -> None:
    assert heard("Beep " * 40).is_guess
    assert heard("I do not know. " * 12).is_guess
    mostly_said = heard("I have been waiting for my order for three weeks and " + "then " * 8)
    assert (mostly_said.is_guess, mostly_said.is_doubtful) == (False, True)


def test_compression_tells_a_circle_from_speech() -> None:
    assert compression("I have been waiting for my order for three weeks and nobody has answered my emails.") < 1.2
    assert compression("Beep " * 40) > 10


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("No, no, no, no, no, no, I said no.", "No, no, no, no, no, no, I said no."),  # six times: a person may
        ("no no no no no no no stop", "no stop"),
        ("you know you know you know you know fine", "you know you know you know you know fine"),
        ("you know you know you know you know you know fine", "you know fine"),
        ("well I am going to the " + "I am going to the " * 3 + "shop", "well I am going to the shop"),
        ("it is far, far away", "it is far, far away"),
        ("", ""),
    ],
)  # fmt: skip
def test_keeps_once_what_is_repeated_more_often_than_a_person_would(text: str, left: str) -> None:
    assert said(without_rounds(words(text))) == left


def test_the_end_of_a_circle_that_breaks_off_stays() -> None:
    assert said(without_rounds(words("go on " * 6 + "go"))) == "go on go"


def test_parts_segments_at_pauses() -> None:
    first, second = segments_of([*words("Yes, please.", each=0.25), *words("Thank you.", begin=1.5, each=0.25)])
    assert (first.text, first.begin, first.end) == ("Yes, please.", 0.0, 0.5)
    assert (second.text, second.begin, second.end) == ("Thank you.", 1.5, 2.0)
    assert [one.text for one in second.words] == ["Thank", "you."]
    assert second.confidence == pytest.approx(0.9)


def test_keeps_together_what_is_said_without_a_pause() -> None:
    [only] = segments_of([*words("Yes, please.", each=0.25), *words("Thank you.", begin=1.25, each=0.25)])
    assert only.text == "Yes, please. Thank you."


def test_parts_long_speech_between_sentences_and_at_fourteen_seconds_at_the_latest() -> None:
    sentence = "one two three four five six seven eight nine ten eleven twelve ends. "
    assert [one.text for one in segments_of(words(sentence * 2, each=0.5))] == [sentence.strip()] * 2
    endless = segments_of(words("go " * 50, each=0.5))
    assert [len(one.words) for one in endless] == [28, 22]
    assert endless[0].end == 14.0


def test_leaves_out_segments_without_a_word() -> None:
    assert segments_of([Word(" .", 0.0, 0.2, 0.9), Word(" ...", 2.0, 2.2, 0.9)]) == ()
    assert segments_of([]) == ()


def test_writes_languages_without_spaces_as_they_are() -> None:
    [only] = segments_of([Word("谢谢", 0.0, 0.4, 0.8), Word("你。", 0.4, 0.6, 0.6)])
    assert (only.text, [one.text for one in only.words]) == ("谢谢你。", ["谢谢", "你。"])
    assert only.confidence == pytest.approx(0.7)
