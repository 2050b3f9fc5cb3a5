"""Word errors and cost."""

from pathlib import Path

import numpy as np
import pytest

from unspoken.affect.reading import Producer
from unspoken.perception.speech.report import NothingToMeasure, edits, speech_lines, word_errors, words_of
from unspoken.perception.speech.transcriber import RATE, Samples, Segment, Transcript


class Parrot:
    """Says the same of every sound."""

    def __init__(self, text: str) -> None:
        self.text = text

    def transcribe(self, samples: Samples, *, language: str | None = None) -> Transcript:
        segment = Segment(0.0, len(samples) / RATE, self.text, (), 1.0)
        return Transcript((segment,), "en", 1.0, Producer("parrot", "1", "0" * 64))


@pytest.mark.parametrize(
    ("said", "heard", "wrong"),
    [
        ("say the word home", "say the word home", 0),
        ("say the word home", "say the word phone", 1),
        ("say the word home", "the word home", 1),
        ("say the word home", "say say the word home", 1),
        ("say the word home", "", 4),
        ("a b c", "c b a", 2),
    ],
)
def test_counts_words_that_must_be_changed_left_out_or_put_in(said: str, heard: str, wrong: int) -> None:
    assert edits(said.split(), heard.split()) == wrong


def test_punctuation_and_capitals_are_no_errors() -> None:
    assert words_of("Say, the word: 'Home'! I can't.") == ["say", "the", "word", "home", "i", "cant"]


def test_the_rate_is_of_all_words_together() -> None:
    found = word_errors([["a"], ["b", "c", "d"]], [["x"], ["b", "c", "d"]])
    assert found.value == 0.25
    assert found.low == 0.0


def test_says_so_where_there_is_nothing_to_measure(tmp_path: Path) -> None:
    with pytest.raises(NothingToMeasure, match=r"tess lacks the corpus TESS\. How well .* was not measured"):
        list(speech_lines(Parrot(""), tmp_path, load=lambda _: np.zeros(RATE, np.float32), carried=lambda one: one))


def test_yields_errors_and_cost(tmp_path: Path) -> None:
    (tmp_path / "tess").mkdir()
    rows = "".join(f"{word}.opus,{word}\n" for word in ("home", "road", "dog", "bean"))
    (tmp_path / "tess" / "labels.csv").write_text(f"file,extra\n{rows}")
    opened: list[str] = []

    def load(path: Path) -> Samples:
        opened.append(path.name)
        return np.zeros(2 * RATE, np.float32)

    lines = list(speech_lines(Parrot("Say the word dog."), tmp_path, load=load, carried=lambda one: one))
    figures = {line.what: line.ours.value for line in lines}
    assert sorted(opened) == ["bean.opus", "dog.opus", "road.opus"]  # something was chosen by "home"
    assert figures["word error rate, clean"] == figures["word error rate, telephone"] == 2 / 12
    assert figures["share of real time by the clock, a recording of three seconds"] < 0.01
    assert figures["seconds by the clock, a recording of ten minutes"] < 5
    assert lines[-2].corpus.startswith("A recording of 6")
