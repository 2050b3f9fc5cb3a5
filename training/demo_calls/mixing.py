"""A whole call: each speaker on a channel of their own, on a line with a little noise."""

from dataclasses import dataclass

import numpy as np

from training.demo_calls.speaking import RATE, Sound, spoken
from training.demo_calls.words import Call, Turn
from unspoken.perception.voice.noise import pink

_NOISE = 10 ** (-50 / 20)  # of full scale
_BEFORE_THE_END = 1.0  # seconds
_CHANNELS = {"customer": 0, "agent": 1}


@dataclass(frozen=True, slots=True)
class Said:
    """A turn and when it is spoken, seconds from the beginning of the call."""

    turn: Turn
    begins: float
    ends: float


def mixed(call: Call, *, seed: int) -> tuple[Sound, list[Said]]:
    """Return the call's sound (2, n) at 8 kHz, the customer on the left, and when each turn is spoken."""
    placed: list[tuple[Turn, int, Sound]] = []
    at = 0
    for turn in call.turns:
        sound = spoken(turn.text, voice=call.voices[turn.who], manner=turn.manner)
        begins = at + round(turn.after * RATE)
        placed.append((turn, begins, sound))
        at = max(at, begins + len(sound))
    random = np.random.default_rng(seed)
    length = at + round(_BEFORE_THE_END * RATE)
    channels = np.stack([pink(length, random) * _NOISE for _ in range(2)]).astype(np.float64)
    for turn, begins, sound in placed:
        channels[_CHANNELS[turn.who], begins : begins + len(sound)] += sound
    said = [Said(turn, begins / RATE, (begins + len(sound)) / RATE) for turn, begins, sound in placed]
    return np.clip(channels, -1, 1), said
