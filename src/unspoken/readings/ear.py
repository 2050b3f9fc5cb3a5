"""The only way to a voice: ears for calls, made only behind the consent gate. No sound outlives them."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .actions.perceive import PerceptionUnavailableError

if TYPE_CHECKING:
    from unspoken.perception.voice.ear import Ear, Portion, Usual
    from unspoken.perception.voice.ears import Answer, Ears, Orders

    __all__ = ["Answer", "Ear", "Ears", "Orders", "Portion", "Usual"]

# perception is imported with its libraries where it is first used: a server that never hears needs none
Samples = NDArray[np.float32]


class Undecodable(ValueError):  # noqa: N818  reads as the sentence it is
    """A recording cannot be used; the message says why and what to do."""


def recorded(path: Path, side: str | None) -> Iterator[tuple[Samples, Samples | None]]:
    """Yield the customer's and the other side's samples of a recording, ten seconds at a time.

    side: which channel is the customer's, `left` or `right`, or `alone` where nobody else speaks. Raises Undecodable,
    at the latest in its midst.
    """
    from unspoken.perception.voice.decoding import NotDecodable, blocks
    from unspoken.perception.voice.sides import Side, sides

    try:
        for sound in blocks(path):
            yield sides(sound, Side(side) if side else None)
    except NotDecodable as error:
        raise Undecodable(str(error)) from error


def replayable(path: Path) -> Iterator[bytes]:
    """Yield a recording as it can be heard again: both sides in one, MP3; raises Undecodable, at the latest in its
    midst."""
    from unspoken.perception.voice import replay
    from unspoken.perception.voice.decoding import NotDecodable

    try:
        yield from replay.replayable(path)
    except NotDecodable as error:
        raise Undecodable(str(error)) from error


def ear(**described: Any) -> "Ear":
    """Return an ear of this process for a recorded call, made as `perception.voice.ear.Ear` says; raises
    PerceptionUnavailableError."""
    from unspoken.perception.artifacts import ModelUnavailable
    from unspoken.perception.voice.ear import Ear

    try:
        return Ear(**described)
    except ModelUnavailable as error:
        raise PerceptionUnavailableError(f"The voice model cannot be used: {error}") from error


@cache
def ears() -> "Ears":
    """Return the ears for calls under way, in a process of their own."""
    from unspoken.perception.voice.ears import EarsApart

    return EarsApart()


def orders(call: str) -> "Orders":
    """Return orders for the ear of a call, with nothing to do yet."""
    from unspoken.perception.voice.ears import Orders

    return Orders(call)
