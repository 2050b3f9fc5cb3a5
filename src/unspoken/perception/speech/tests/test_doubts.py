"""What is done where a model doubts, and which language it is asked for; with a model whose answers are given."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest

from unspoken.affect.reading import Producer
from unspoken.perception.speech.faster import FasterWhisper, _Loaded
from unspoken.perception.speech.guards import Heard
from unspoken.perception.speech.packing import Span
from unspoken.perception.speech.transcriber import RATE, Samples, Word

pytest.importorskip("faster_whisper", reason="the extra unspoken[speech] is not installed")
Hear = Callable[[float, float], Heard]
LOOP = "yes " * 40


def heard(text: str, *, sure: float = -0.3, no_speech: float = 0.05) -> Heard:
    words = [Word(f" {one}", 0.1 * place, 0.1 * place + 0.1, 0.8) for place, one in enumerate(text.split())]
    return Heard(tuple(words), sure, no_speech)


@dataclass
class Told:
    """A network that hears what it is told by the seconds of sound and of its window, and notes what it was asked."""

    hears: Hear
    found: list[Span]
    is_multilingual: bool = False
    languages: frozenset[str] = frozenset({"en", "de"})
    together: int = 14 * RATE
    asked: list[tuple[float, float, str]] = field(default_factory=list)
    recognised: int = 0

    def spans(self, _: Samples) -> list[Span]:
        return self.found

    def language(self, _: Samples) -> tuple[str, float]:
        self.recognised += 1
        return ("de", 0.9) if self.is_multilingual else ("en", 1.0)

    def hear(self, samples: Samples, *, language: str, window: float) -> Heard:
        seconds = len(samples) / RATE
        self.asked.append((seconds, window, language))
        return self.hears(seconds, window)


def clerk(network: Told) -> FasterWhisper:
    made = FasterWhisper("tiny")
    made._loaded = _Loaded(network, Producer("told", "1", "0" * 64))  # type: ignore[arg-type]
    return made


def seconds(*spans: tuple[float, float]) -> list[Span]:
    return [(round(begin * RATE), round(end * RATE)) for begin, end in spans]


SOUND = np.zeros(60 * RATE, np.float32)


def test_what_it_is_sure_of_is_heard_once_in_the_short_window() -> None:
    network = Told(lambda *_: heard("Thank you."), seconds((5, 7)))
    assert clerk(network).transcribe(SOUND).text == "Thank you."
    assert network.asked == [(2.0, 15.0, "en")]


def test_what_it_doubts_is_heard_again_in_the_long_window() -> None:
    network = Told(lambda _, window: heard(LOOP) if window == 15.0 else heard("Yes."), seconds((5, 7)))
    assert clerk(network).transcribe(SOUND).text == "Yes."
    assert [window for _, window, _ in network.asked] == [15.0, 30.0]


def test_what_stays_a_guess_or_a_circle_is_not_believed() -> None:
    for answer in (heard("These were good.", sure=-1.2), heard(LOOP)):
        network = Told(lambda *_, answer=answer: answer, seconds((5, 7)))  # type: ignore[misc]
        assert clerk(network).transcribe(SOUND).segments == ()
        assert len(network.asked) == 2


def test_of_several_pieces_those_that_it_is_sure_of_are_kept() -> None:
    said = {8.0: LOOP, 2.0: "Thank you.", 6.0: LOOP}
    network = Told(lambda length, _: heard(said[length]), seconds((5, 7), (20, 26)))
    found = clerk(network).transcribe(SOUND)
    assert [(one.text, one.begin) for one in found.segments] == [("Thank you.", 5.0)]
    assert [length for length, _, _ in network.asked] == [8.0, 8.0, 2.0, 6.0, 6.0]


def test_what_it_takes_for_silence_is_not_believed_and_not_heard_again() -> None:
    network = Told(lambda *_: heard("Thank you.", no_speech=0.9), seconds((5, 7)))
    assert clerk(network).transcribe(SOUND).segments == ()
    assert len(network.asked) == 1


def test_speech_is_heard_in_packs_and_told_where_it_was() -> None:
    network = Told(lambda length, _: heard(f"{length:.0f}"), seconds((0, 8), (20, 26), (40, 50)))
    found = clerk(network).transcribe(SOUND)
    assert [(one.text, one.begin) for one in found.segments] == [("14", 0.0), ("10", 40.0)]


def test_a_language_is_recognised_once_for_a_sound() -> None:
    network = Told(lambda *_: heard("Danke."), seconds((0, 8), (20, 30)), is_multilingual=True)
    found = clerk(network).transcribe(SOUND)
    assert (found.language, found.language_confidence, network.recognised) == ("de", 0.9, 1)
    assert [language for _, _, language in network.asked] == ["de", "de"]


def test_a_language_that_is_told_is_not_recognised() -> None:
    network = Told(lambda *_: heard("Thank you."), seconds((0, 8)), is_multilingual=True)
    found = clerk(network).transcribe(SOUND, language="en")
    assert (found.language, found.language_confidence, network.recognised) == ("en", 1.0, 0)


def test_where_nobody_speaks_no_language_is_recognised() -> None:
    network = Told(lambda *_: heard("Thank you."), [], is_multilingual=True)
    found = clerk(network).transcribe(SOUND)
    assert (found.segments, found.language, found.language_confidence, network.asked) == ((), None, 0.0, [])


def test_a_language_that_it_does_not_know_is_recognised() -> None:
    network = Told(lambda *_: heard("Danke."), seconds((0, 8)), is_multilingual=True)
    found = clerk(network).transcribe(SOUND, language="nb")
    assert (found.language, found.language_confidence, network.recognised) == ("de", 0.9, 1)
