"""One quiet hint, and none most of the time."""

import pytest

from unspoken.affect.tone import Window
from unspoken.calls.hints import hint_of
from unspoken.calls.talk import Talk

CALM, TENSE = 0.2, 0.8


def voice(*stress: float | None, begins: float = 0.0) -> list[Window]:
    """Return windows of three seconds, a new one every second."""
    return [Window(begins + number, begins + number + 3.0, one) for number, one in enumerate(stress)]


def talk(*runs: tuple[float, float, str], last_word: float | None = None) -> Talk:
    listed = [list(run) for run in runs]
    ends = listed[-1][1] if listed else 0.0
    return Talk(customer=10.0, agent=10.0, runs=listed, last_word=ends if last_word is None else last_word)


def test_nothing_is_said_of_a_call_that_goes_well() -> None:
    assert hint_of(talk((0, 19, "customer")), voice(*[CALM] * 17), until=20.0) == ""


def test_nothing_is_said_before_anything_was_heard() -> None:
    assert hint_of(Talk(), [], until=60.0) == ""


@pytest.mark.parametrize(("until", "is_said"), [(34.9, False), (35.0, True)])
def test_fifteen_seconds_without_a_word(until: float, is_said: bool) -> None:
    said = hint_of(talk((0, 20, "customer")), [], until=until)
    assert said == (
        "Nobody has said a word for 15 seconds. Saying what you are doing makes waiting easier." if is_said else ""
    )


def test_speaking_at_once_counts_only_when_it_is_often_and_of_late() -> None:
    often = [(float(at), at + 1.0, "both") for at in (10, 14, 20)]
    told = "You both spoke at once several times just now. Letting them finish may help."
    assert hint_of(talk(*often), [], until=22.0) == told
    assert hint_of(talk(*often[:2]), [], until=22.0) == ""
    assert hint_of(talk(*often, (21.0, 41.0, "customer")), [], until=41.1) == ""  # the first is too long ago


def test_a_voice_that_stays_tense() -> None:
    windows = voice(*[CALM] * 60, *[TENSE] * 5)
    assert hint_of(talk((0, 66, "customer")), windows[:-1], until=66.0) == ""
    assert hint_of(talk((0, 67, "customer")), windows, until=67.0) == (
        "Their voice has sounded tense since 1:02. Slowing down and saying back what you heard may help."
    )


def test_a_voice_that_has_calmed_down() -> None:
    windows = voice(*[TENSE] * 10, *[CALM] * 7)
    assert hint_of(talk((0, 19, "customer")), windows, until=19.0) == "Their voice sounds calmer than before."
    assert hint_of(talk((0, 19, "customer")), voice(*[0.4] * 10, *[CALM] * 7), until=19.0) == ""


def test_silence_says_more_than_a_voice_that_was_tense_before_it() -> None:
    assert hint_of(talk((0, 20, "customer")), voice(*[TENSE] * 18), until=40.0).startswith("Nobody has said a word")


def test_nothing_is_said_of_a_voice_that_has_not_been_heard_for_long() -> None:
    windows = [*voice(*[TENSE] * 10), Window(12.0, 27.1, None)]
    assert hint_of(talk((0, 27, "agent")), windows, until=27.1) == ""
