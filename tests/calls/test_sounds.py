"""Sounds on a line in which nobody speaks, and several who do: over the socket, nothing is told of them wrongly."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.calls.installation import Served
from tests.calls.telephones import Plain
from tests.calls.test_streams import is_over, whole, windows
from unspoken.perception.voice.mel import RATE
from unspoken.perception.voice.telephone import encoded
from unspoken.perception.voice.tests.made import noise, voice

pytestmark = pytest.mark.slow
SECONDS = 12
_AT = np.arange(SECONDS * RATE) / RATE
_KEYS = ((697, 1209), (770, 1336), (852, 1477), (941, 1336))  # Hz


def tones(*frequencies: float) -> NDArray[np.float64]:
    return np.asarray(sum(np.sin(2 * np.pi * one * _AT) for one in frequencies)) * 0.2


def pressed() -> NDArray[np.float64]:
    """Return keys of a telephone: 100 ms each, four a second."""
    keys = [tones(*pair) for pair in _KEYS]
    which = (_AT * 4).astype(int) % len(keys)
    return np.choose(which, keys) * ((_AT * 4) % 1 < 0.4)


def engaged() -> NDArray[np.float64]:
    """Return the engaged tone: 425 Hz, half a second on and half a second off."""
    return tones(425) * ((_AT * 2).astype(int) % 2 == 0)


SOUNDS = {
    "silence": lambda: np.zeros(SECONDS * RATE),
    "steady tone": lambda: tones(440),
    "dialling tone": lambda: tones(350, 440),
    "engaged tone": engaged,
    "keys": pressed,
    "white noise": lambda: noise(float(SECONDS), loudness=0.5),
    "hum": lambda: tones(50, 100, 150),
    "clicks": lambda: (np.arange(SECONDS * RATE) % 4_000 < 8) * 0.8,
}


@pytest.mark.parametrize("name", SOUNDS)
def test_nothing_is_told_of_a_line_on_which_nobody_speaks(served: Served, call: str, name: str) -> None:
    telephone = Plain(served, call, 8)
    telephone.says(encoded(SOUNDS[name]()[::2].astype(np.float32)))
    telephone.ends()
    is_over(served, call)
    rows = served.ask("tones", call=call)
    assert [row[:2] for row in rows] == whole(SECONDS)
    assert "" not in {reason for _, _, reason in rows}
    assert set(served.ask("flags", call=call)) <= {"repeated-call"}


def test_two_who_speak_at_once_on_one_channel_raise_nothing(served: Served, call: str) -> None:
    """That they are two cannot be told of one channel; so it is read, but nobody is alarmed by it."""
    both = (voice(float(SECONDS), pitch=110, seed=3) + voice(float(SECONDS), pitch=210, seed=4)) / 2
    telephone = Plain(served, call, 8)
    telephone.says(encoded(both[::2]))
    telephone.ends()
    stands = is_over(served, call)
    assert (stands["tone"], windows(served, call)) == ("read", whole(SECONDS))
    assert set(served.ask("flags", call=call)) <= {"repeated-call"}
