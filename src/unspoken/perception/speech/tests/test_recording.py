"""A recorded channel, written down part by part."""

from collections.abc import Sequence

import numpy as np
import pytest

from unspoken.affect.reading import Producer
from unspoken.perception.speech.recording import PART, parts, transcribed
from unspoken.perception.speech.transcriber import RATE, Samples, Segment, Transcript, Word

NOBODY = Producer("nobody", "1", "0" * 64)


class Clerk:
    """Writes down, one second into each part, how long it is, in languages as they are given."""

    def __init__(self, languages: Sequence[tuple[str, float]] = (("en", 1.0),)) -> None:
        self.languages = list(languages)
        self.asked: list[str | None] = []

    def transcribe(self, samples: Samples, *, language: str | None = None) -> Transcript:
        self.asked.append(language)
        found, chance = (language, 1.0) if language else self.languages.pop(0)
        text = f"{len(samples) / RATE:.1f}"
        return Transcript((Segment(1.0, 2.0, text, (Word(text, 1.0, 2.0, 0.5),), 0.5),), found, chance, NOBODY)


def hiss(seconds: float) -> Samples:
    return (np.random.default_rng(1).uniform(-0.3, 0.3, round(seconds * RATE))).astype(np.float32)


def blocks(sound: Samples, seconds: float) -> list[Samples]:
    return [sound[begin : begin + round(seconds * RATE)] for begin in range(0, len(sound), round(seconds * RATE))]


def test_a_short_recording_is_one_part() -> None:
    sound = hiss(89.0)
    [only] = parts(blocks(sound, 10))
    assert (only == sound).all()
    assert list(parts([])) == []


def test_cuts_where_it_is_quietest_between_sixty_and_ninety_seconds() -> None:
    sound = hiss(100.0)
    sound[30 * RATE : 31 * RATE] = 0.0  # too soon
    sound[72 * RATE : round(72.2 * RATE)] *= 0.01
    assert [len(part) / RATE for part in parts([sound])] == [pytest.approx(72.1), pytest.approx(27.9)]


@pytest.mark.parametrize("seconds", [0.37, 10.0, 200.0])
def test_cuts_the_same_however_long_the_blocks_are_and_loses_nothing(seconds: float) -> None:
    sound = hiss(400.0)
    at_once, in_blocks = list(parts([sound])), list(parts(blocks(sound, seconds)))
    assert [len(one) for one in in_blocks] == [len(one) for one in at_once]
    assert (np.concatenate(in_blocks) == sound).all()
    assert max(len(one) for one in at_once) <= PART


def test_tells_times_from_the_beginning_of_the_recording() -> None:
    sound = hiss(100.0)
    sound[72 * RATE : round(72.2 * RATE)] = 0.0
    told: list[float] = []
    first, second = transcribed([sound], Clerk(), tell=told.append)
    assert [(one.begin, one.end, one.text) for one in first.segments] == [(1.0, 2.0, "72.1")]
    [later] = second.segments
    assert (later.begin, later.end) == (pytest.approx(73.1), pytest.approx(74.1))
    assert later.words[0].begin == pytest.approx(73.1)
    assert told == [pytest.approx(72.1), pytest.approx(100.0)]


def test_keeps_to_a_language_once_it_is_certain_of_it() -> None:
    clerk = Clerk([("nl", 0.5), ("de", 0.8), ("en", 1.0)])
    found = list(transcribed([hiss(300.0)], clerk))
    assert clerk.asked == [None, None, *["de"] * (len(found) - 2)]
    assert [one.language for one in found[:3]] == ["nl", "de", "de"]


def test_does_not_guess_a_language_that_it_was_told() -> None:
    clerk = Clerk([])
    list(transcribed([hiss(100.0)], clerk, language="sv"))
    assert clerk.asked == ["sv", "sv"]
