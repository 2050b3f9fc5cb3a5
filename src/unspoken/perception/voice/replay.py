"""A recording as it can be heard again: both sides in one, as MP3, which every browser plays and seeks in.

It is decoded apart (`decoding.py`) and written anew: what else lies in the file (names, pictures, a film, both sides
on channels of their own) does not come along. Needs PyAV: `pip install unspoken[voice]`.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from unspoken.perception.voice.decoding import NotDecodable, blocks
from unspoken.perception.voice.mel import RATE

BITS = 32_000  # a second, constant: so a place in the file is a time in the call
FRAME = 576  # samples of one frame of MP3 at this rate


def replayable(path: Path) -> Iterator[bytes]:
    """Yield a recording as pieces of MP3 at 16 kHz, some for every ten seconds; raises NotDecodable."""
    return encoded(sound.mean(axis=0) for sound in blocks(path))


def encoded(sound: Iterable[NDArray[np.float32]]) -> Iterator[bytes]:
    """Yield sound (n,), −1…1 at 16 kHz, as MP3; raises NotDecodable where there is nothing to write it with."""
    try:
        import av
    except ImportError:
        raise NotDecodable("recordings need PyAV; install it with: pip install 'unspoken[voice]'") from None
    try:
        encoder = av.AudioCodecContext.create("libmp3lame", "w")
    except (av.FFmpegError, ValueError):
        raise NotDecodable("the installed PyAV cannot write MP3") from None
    encoder.sample_rate, encoder.layout, encoder.format, encoder.bit_rate = RATE, "mono", "fltp", BITS
    left = np.zeros(0, np.float32)
    for piece in sound:
        samples = np.concatenate([left, piece])
        whole = len(samples) - len(samples) % FRAME
        left = samples[whole:]
        yield b"".join(_packets(av, encoder, samples[:whole]))
    yield b"".join([*_packets(av, encoder, np.pad(left, (0, -len(left) % FRAME))), *map(bytes, encoder.encode(None))])


def _packets(av: object, encoder: object, samples: NDArray[np.float32]) -> Iterator[bytes]:
    for start in range(0, len(samples), FRAME):
        frame = av.AudioFrame.from_ndarray(samples[None, start : start + FRAME], "fltp", "mono")  # type: ignore[attr-defined]
        frame.sample_rate = RATE
        yield from map(bytes, encoder.encode(frame))  # type: ignore[attr-defined]
