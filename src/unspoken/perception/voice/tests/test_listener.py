"""Listening goes on the same, however the sound comes, and says nothing where there is nothing to say."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unspoken.affect.reading import Abstention, Reading, Reason
from unspoken.perception.voice.listener import Heard, Listener, Offsets
from unspoken.perception.voice.mel import RATE, Samples
from unspoken.perception.voice.perceiver import VoiceSignal, shipped
from unspoken.perception.voice.windows import WINDOW, windows

from .made import noise, voice

SPOKEN = voice(9.4, seed=5)


def heard(sound: Samples, *, other: Samples | None = None, usual: Offsets | None = None) -> list[Heard]:
    listener = shipped().listener(usual=usual)
    return [*listener.feed(sound, other=other), *listener.finish()]


def numbers(windows: Sequence[Heard]) -> list[object]:
    return [(one.begin, one.end, one.reason, one.scales, one.changes) for one in windows]


def test_a_window_of_three_seconds_every_second() -> None:
    found = heard(SPOKEN)
    assert [(one.begin, one.end) for one in found[:3]] == [(0.0, 3.0), (1.0, 4.0), (2.0, 5.0)]
    assert len(found) == 7
    assert all(one.speech > 1.0 for one in found)
    assert found[1].reason is None


@settings(max_examples=8, deadline=None)
@given(st.lists(st.integers(1, 40_000), min_size=1, max_size=12))
def test_pieces_and_the_whole_give_the_same_numbers(cuts: list[int]) -> None:
    listener = shipped().listener()
    pieces: list[Heard] = []
    place = 0
    for size in cuts:
        pieces += listener.feed(SPOKEN[place : place + size])
        place += size
    pieces += listener.feed(SPOKEN[place:]) + listener.finish()
    assert numbers(pieces) == numbers(heard(SPOKEN))


def test_the_same_windows_as_were_trained_on() -> None:
    for seconds in (0.5, 0.9, 2.0, 3.0, 3.4, 3.6, 4.0, 9.4):
        sound = voice(seconds)
        assert [(round(one.begin * RATE), round(one.end * RATE)) for one in heard(sound)] == list(windows(len(sound)))


@pytest.mark.parametrize("sound", [np.zeros(6 * RATE, np.float32), noise(6.0), noise(6.0, loudness=0.001)])
def test_nothing_is_told_where_nobody_speaks(sound: Samples) -> None:
    assert {one.reason for one in heard(sound)} == {Reason.TOO_SHORT}


def test_nothing_is_told_before_two_seconds_of_speech() -> None:
    sound = np.concatenate([np.zeros(2 * RATE, np.float32), voice(4.0)])
    first, *later = heard(sound)
    assert first.reason == Reason.TOO_SHORT
    assert later[-1].reason is None


def test_nothing_is_told_where_both_speak_at_once() -> None:
    reasons = [one.reason for one in heard(SPOKEN, other=voice(9.4, pitch=210, seed=8))]
    assert reasons.count(Reason.OVERLAP) >= len(reasons) - 2
    alone = heard(SPOKEN, other=np.zeros_like(SPOKEN))
    assert numbers(alone) == numbers(heard(SPOKEN))


def test_the_other_side_is_never_read() -> None:
    """What is told of the customer does not depend on how the other side sounds, only on whether it speaks."""
    calm = np.concatenate([np.zeros(6 * RATE, np.float32), voice(3.4, pitch=110, loudness=0.1, seed=2)])
    loud = np.concatenate([np.zeros(6 * RATE, np.float32), voice(3.4, pitch=260, loudness=0.9, rate=6, seed=2)])
    quiet_until = 6
    one, other = (heard(SPOKEN, other=side) for side in (calm, loud))
    assert numbers(one)[: quiet_until - 2] == numbers(other)[: quiet_until - 2]
    told = [(a.scales, b.scales) for a, b in zip(one, other, strict=True) if a.reason is None and b.reason is None]
    assert told
    assert all(a == b for a, b in told)


@pytest.mark.parametrize("seconds", [3.6, 4.5, 4.9, 79_999 / RATE])
def test_the_last_window_is_heard_whole(seconds: float) -> None:
    sound = voice(5.0, seed=5)[: round(seconds * RATE)]
    last = heard(sound)[-1]
    again = shipped().network.hear(sound[-WINDOW:])
    assert last.begin == pytest.approx(seconds - 3.0)
    assert last.speech == again.seconds_of_speech > 1.0


def test_keeps_no_more_sound_than_a_window() -> None:
    listener = shipped().listener()
    for _ in range(20):
        listener.feed(voice(1.0))
    assert len(listener._kept) <= WINDOW


def test_a_caller_is_compared_with_how_they_sounded_before() -> None:
    plain, used_to_it = heard(SPOKEN), heard(SPOKEN, usual=Offsets(3.0, 3.0, 60.0))
    assert used_to_it[-1].scales["arousal"] < plain[-1].scales["arousal"]
    assert used_to_it[-1].scales["anger"] == plain[-1].scales["anger"]


def test_both_channels_must_be_as_long() -> None:
    with pytest.raises(ValueError, match="as long: 16000 and 8000 samples"):
        Listener(shipped().network).feed(np.zeros(16_000, np.float32), other=np.zeros(8_000, np.float32))


def test_a_voice_that_cannot_be_told_apart_is_not_read() -> None:
    [outcome] = shipped().read([VoiceSignal(SPOKEN, declared=False)])
    assert outcome == Abstention(Reason.NOT_SEPARABLE, shipped().producer)


def test_a_piece_of_speech_gives_a_reading() -> None:
    reading, silent = shipped().read([VoiceSignal(SPOKEN), VoiceSignal(np.zeros(RATE, np.float32))])
    assert isinstance(reading, Reading)
    assert set(reading.tone_of_voice) == {"stress", "anger", "sadness"}
    assert 0 <= reading.arousal <= 1
    assert -0.3 <= reading.valence <= 0.3
    assert reading.embedding is None
    assert silent == Abstention(Reason.TOO_SHORT, shipped().producer)
