"""Whose voice is on which channel: said by whoever brings a recording, never guessed."""

from enum import StrEnum

import numpy as np

from unspoken.affect.reading import Reason
from unspoken.perception.voice.decoding import NotDecodable
from unspoken.perception.voice.mel import Samples


class Side(StrEnum):
    """Which channel of a recording is the customer's; alone: nobody else speaks in it."""

    LEFT = "left"
    RIGHT = "right"
    ALONE = "alone"


def sides(sound: Samples, side: Side | None) -> tuple[Samples, Samples | None]:
    """Return the customer's samples, and the other side's where there is one, of sound (channels, n).

    Raises NotDecodable when nobody said which channel is the customer's, or both sides are on one.
    """
    if side is None:
        raise NotDecodable(
            f"Not read ({Reason.NOT_SEPARABLE}): say which channel is the customer's, with --customer left or right, "
            "or --customer alone if nobody else speaks in the recording. Nobody else's voice may be read."
        )
    if side == Side.ALONE:
        return sound.mean(axis=0, dtype=np.float32), None
    if len(sound) == 1:
        raise NotDecodable(
            f"Not read ({Reason.NOT_SEPARABLE}): both sides are on one channel. Record them on two channels."
        )
    place = 0 if side == Side.LEFT else 1
    return np.ascontiguousarray(sound[place]), np.ascontiguousarray(sound[1 - place])
