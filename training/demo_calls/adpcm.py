"""IMA ADPCM in WAV: four bits a sample, which every player opens and `unspoken.demo.recordings` reads with numpy."""

import struct

import numpy as np
from numpy.typing import NDArray

from unspoken.demo.recordings import ADPCM, MOVES, STEPS

_BLOCK = 256  # bytes of a channel in a block


def wav(sound: NDArray[np.float64], *, rate: int) -> bytes:
    """Return sound (channels, n), −1…1, as a WAV file."""
    channels, length = sound.shape
    in_block = (_BLOCK - 4) * 2 + 1
    blocks = -(-length // in_block)
    padded = np.zeros((channels, blocks * in_block), np.int64)
    padded[:, :length] = np.round(np.clip(sound, -1, 1) * 32_767)
    coded = [_channel(one.reshape(blocks, in_block).tolist()) for one in padded]
    data = b"".join(_interleaved([one[block] for one in coded]) for block in range(blocks))
    described = struct.pack(
        "<HHIIHHHH", ADPCM, channels, rate, rate * _BLOCK * channels // in_block, _BLOCK * channels, 4, 2, in_block
    )
    chunks = [(b"fmt ", described), (b"fact", struct.pack("<I", length)), (b"data", data)]
    body = b"WAVE" + b"".join(name + struct.pack("<I", len(held)) + held for name, held in chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _interleaved(channels: list[bytes]) -> bytes:
    """Return a block: the channels' headers, then four bytes of each in turn."""
    parts = [held[place : place + 4] for place in range(0, _BLOCK, 4) for held in channels]
    return b"".join(parts)


def _channel(blocks: list[list[int]]) -> list[bytes]:
    """Return the blocks of one channel: a sample and a place among the steps as they are, then differences."""
    coded, index = [], 0
    for first, *rest in blocks:
        last, nibbles = first, []
        header = struct.pack("<hBx", first, index)
        for sample in rest:
            step = STEPS[index]
            sign, left = (8, last - sample) if sample < last else (0, sample - last)
            size = min(left * 4 // step, 7)
            change = step // 8 + sum(step // (4 >> bit) for bit in range(3) if size >> bit & 1)
            last = max(-32_768, min(32_767, last - change if sign else last + change))
            index = max(0, min(len(STEPS) - 1, index + MOVES[size]))
            nibbles.append(sign | size)
        coded.append(header + bytes(low | high << 4 for low, high in zip(nibbles[::2], nibbles[1::2], strict=True)))
    return coded
