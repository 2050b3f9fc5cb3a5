"""Nothing is told of sounds in which nobody speaks, clear or through a telephone, loud or faint."""

import numpy as np
import pytest

from unspoken.perception.voice.mel import RATE, Samples
from unspoken.perception.voice.nobody import KINDS, nobody
from unspoken.perception.voice.perceiver import shipped
from unspoken.perception.voice.telephone import carried

from .made import voice


def told(sound: Samples) -> int:
    listener = shipped().listener()
    return sum(one.reason is None for one in [*listener.feed(sound), *listener.finish()])


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_nothing_is_told_of(kind: str) -> None:
    for seed, loudness in ((0, 0.7), (1, 0.05)):
        sound = nobody(kind, 9.0, np.random.default_rng(seed), loudness=loudness)
        assert told(sound) == 0
        assert told(carried(sound, loudness=loudness)) == 0


def test_a_voice_after_hold_music_is_read() -> None:
    hold = nobody("bossa nova", 6.0, np.random.default_rng(2))
    assert told(np.concatenate([hold, np.zeros(RATE // 2, np.float32), voice(8.0, seed=5)])) >= 3


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_is_as_long_and_as_loud_as_it_is_asked_to_be(kind: str) -> None:
    sound = nobody(kind, 2.5, np.random.default_rng(3), loudness=0.4)
    assert sound.shape == (40_000,)
    assert sound.dtype == np.float32
    if kind != "silence":
        assert np.abs(sound).max() == pytest.approx(0.4, abs=0.002)


def test_is_the_same_again_with_the_same_seed() -> None:
    first, second = (nobody("dance", 2.0, np.random.default_rng(9)) for _ in range(2))
    assert np.array_equal(first, second)
