"""How a voice is cut to be read: windows of three seconds, a new one every second. Pure."""

from collections.abc import Iterator

from unspoken.perception.voice.mel import RATE

WINDOW, HOP = 3 * RATE, RATE  # samples
LEAST = int(0.8 * RATE)  # samples below which nothing is looked at


def windows(length: int) -> Iterator[tuple[int, int]]:
    """Yield begin and end (samples) of the windows of a sound: one that is shorter is a single window."""
    if length < LEAST:
        return
    yield 0, min(length, WINDOW)
    end = WINDOW + HOP
    while end <= length:
        yield end - WINDOW, end
        end += HOP
    if length > WINDOW and length - (end - HOP) >= HOP // 2:
        yield length - WINDOW, length
