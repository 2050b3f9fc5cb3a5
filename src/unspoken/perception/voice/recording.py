"""Listening through a recorded call from its beginning to its end."""

from collections.abc import Callable, Iterator
from pathlib import Path

from unspoken.perception.voice.decoding import blocks
from unspoken.perception.voice.listener import Heard, Listener
from unspoken.perception.voice.sides import Side, sides

Tell = Callable[[float], None]
"""Called with the seconds of sound that have been listened to."""


def heard_in(recording: Path, side: Side | None, listener: Listener, *, tell: Tell | None = None) -> Iterator[Heard]:
    """Yield the windows of the customer's side of a recording; raises NotDecodable, at the latest in its midst."""
    for sound in blocks(recording):
        own, other = sides(sound, side)
        yield from listener.feed(own, other=other)
        if tell:
            tell(listener.seconds)
    yield from listener.finish()
