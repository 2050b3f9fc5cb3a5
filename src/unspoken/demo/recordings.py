"""Recorded calls as the demo plays them: WAV with numpy alone, anything else through a decoder that is handed in.

PCM of 8 and 16 bits, mu-law and IMA ADPCM: what telephones record, and what the demo's own calls are written in.
"""

import io
import struct
import wave
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

RATE = 8_000  # samples a second on the line
DECODED_RATE = 16_000  # … as a decoder hands them over
LONGEST = 3_600  # seconds
PCM, MULAW, ADPCM, EXTENSIBLE = 0x01, 0x07, 0x11, 0xFFFE  # what "fmt " calls them
STEPS = (
    7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66, 73, 80, 88, 97, 107,
    118, 130, 143, 157, 173, 190, 209, 230, 253, 279, 307, 337, 371, 408, 449, 494, 544, 598, 658, 724, 796, 876, 963,
    1060, 1166, 1282, 1411, 1552, 1707, 1878, 2066, 2272, 2499, 2749, 3024, 3327, 3660, 4026, 4428, 4871, 5358, 5894,
    6484, 7132, 7845, 8630, 9493, 10442, 11487, 12635, 13899, 15289, 16818, 18500, 20350, 22385, 24623, 27086, 29794,
    32767,
)  # fmt: skip
"""The steps of IMA ADPCM (IMA Digital Audio Focus and Technical Working Groups, 1992)."""
MOVES = (-1, -1, -1, -1, 2, 4, 6, 8)
"""… and by how many of them a difference of so many steps moves."""

_PIECE = 10  # seconds that are brought to the line's rate at once
_MARGIN = 1  # … and what is looked at before and after them
Sound = NDArray[np.float32]
Decode = Callable[[Path], Iterable[Sound]]
"""Yields a file's sound (channels, n), −1…1 at 16 kHz; raises ValueError with the reason where it cannot."""


class RecordingError(ValueError):
    """A recording that cannot be played; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Recording:
    """Both sides of a call as the line carries them: mu-law at 8 kHz, as long as each other."""

    left: bytes
    right: bytes

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.left) / RATE


@dataclass(frozen=True, slots=True)
class _Format:
    code: int
    channels: int
    rate: int
    block: int
    bits: int


def recording_in(path: Path, *, decode: Decode | None = None) -> Recording:
    """Return both sides of a stereo recording; decode: what opens other files than WAV. Raises RecordingError."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise RecordingError(f"{path} cannot be read: {error.strerror}.") from error
    try:
        sound, rate = _from_wav(content)
    except _NotOurs as error:
        if decode is None:
            raise RecordingError(f"{path.name} {error}. Give a WAV file with PCM of 16 bits or mu-law.") from None
        sound, rate = _decoded(path, decode), DECODED_RATE
    except RecordingError as error:
        raise RecordingError(f"{path.name} {error}.") from None
    if len(sound) != 2:
        raise RecordingError(
            f"{path.name} has {len(sound)} channel{'s' if len(sound) > 1 else ''}. A call is played from a stereo"
            " recording: the customer on one channel, the agent on the other."
        )
    if sound.shape[1] > LONGEST * rate:
        raise RecordingError(f"{path.name} is longer than an hour. Cut it; a call is played at the speed of a call.")
    left, right = (encoded(_at_line_rate(channel, rate)) for channel in sound)
    return Recording(left, right)


def replayable(recording: Recording) -> bytes:
    """Return both sides of a call in one, as a WAV file of 16 bits that every browser plays."""
    both = (decoded(recording.left) + decoded(recording.right)) / 2
    file = io.BytesIO()
    with wave.open(file, "wb") as opened:
        opened.setparams((1, 2, RATE, 0, "NONE", ""))
        opened.writeframes(np.round(both * 32_767).astype("<i2").tobytes())
    return file.getvalue()


def encoded(samples: NDArray[np.floating[Any]]) -> bytes:
    """Return samples −1…1 as mu-law (ITU-T G.711)."""
    whole = np.round(np.clip(samples, -1, 1) * 32_768).astype(np.int32)
    size = np.minimum(np.abs(whole), 32_635) + 0x84
    exponent = np.frexp(size)[1] - 8
    code = exponent << 4 | size >> exponent + 3 & 0x0F | np.where(whole < 0, 0x80, 0)
    return bytes((~code & 0xFF).astype(np.uint8))


def decoded(payload: bytes) -> Sound:
    """Return mu-law as samples −1…1."""
    code = ~np.frombuffer(payload, np.uint8).astype(np.int32) & 0xFF
    size = (((code & 0x0F) << 3) + 0x84 << ((code & 0x70) >> 4)) - 0x84
    return (np.where(code & 0x80, -size, size) / 32_768).astype(np.float32)


class _NotOurs(Exception):  # noqa: N818  reads as the sentence it is
    """What the file is instead of a WAV that is read here."""


def _decoded(path: Path, decode: Decode) -> Sound:
    blocks, length = [], 0
    for block in decode(path):
        blocks.append(block)
        length += block.shape[1]
        if length > LONGEST * DECODED_RATE:
            break
    if not blocks:
        raise RecordingError(f"{path.name} holds no sound.")
    return np.concatenate(blocks, axis=1)


def _from_wav(content: bytes) -> tuple[Sound, int]:
    """Return sound (channels, n) and its rate."""
    if content[:4] != b"RIFF" or content[8:12] != b"WAVE":
        raise _NotOurs("is no WAV file")
    chunks = dict(_chunks(content))
    told = chunks.get(b"fmt ", b"")
    if len(told) < 16 or b"data" not in chunks:
        raise RecordingError("is a broken WAV file: it does not say what is in it")
    code, channels, rate, _, block, bits = struct.unpack("<HHIIHH", told[:16])
    if code == EXTENSIBLE and len(told) >= 26:
        code = struct.unpack("<H", told[24:26])[0]
    if not (channels and block and 1_000 <= rate <= 400_000):
        raise RecordingError("is a broken WAV file: it has no channels or no usual rate")
    form = _Format(code, channels, rate, block, bits)
    length = struct.unpack("<I", chunks[b"fact"][:4])[0] if len(chunks.get(b"fact", b"")) >= 4 else None
    return _samples(chunks[b"data"], form, length), rate


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = 12
    while place + 8 <= len(content):
        name, size = struct.unpack_from("<4sI", content, place)
        yield name, content[place + 8 : place + 8 + size]
        place += 8 + size + size % 2


def _samples(data: bytes, form: _Format, length: int | None) -> Sound:
    if form.code == ADPCM and form.bits == 4:
        return _from_adpcm(data, form)[:, :length]
    depths = {PCM: (8, 16), MULAW: (8,)}
    if form.bits not in depths.get(form.code, ()):
        raise _NotOurs(f"is a WAV file of a kind that is not known here (format {form.code}, {form.bits} bits)")
    size = form.bits // 8 * form.channels
    whole = data[: len(data) // size * size]
    flat: NDArray[np.floating[Any]]
    if form.code == MULAW:
        flat = decoded(whole)
    elif form.bits == 8:
        flat = np.frombuffer(whole, np.uint8).astype(np.float32) / 128 - 1
    else:
        flat = np.frombuffer(whole, "<i2").astype(np.float32) / 32_768
    return np.asarray(flat.reshape(-1, form.channels).T, np.float32)


def _from_adpcm(data: bytes, form: _Format) -> Sound:
    """Return sound (channels, n). Each block begins anew, so that all of them are decoded side by side."""
    channels, words = form.channels, form.block // 4
    if words <= channels or words % channels:
        raise RecordingError("is a broken WAV file: its blocks do not fit its channels")
    blocks = np.frombuffer(data[: len(data) // (4 * words) * 4 * words], np.uint8)
    blocks = blocks.reshape(-1, words // channels, channels, 4).transpose(2, 0, 1, 3)  # channel, block, word, byte
    heads, told = blocks[:, :, 0], blocks[:, :, 1:].reshape(channels, blocks.shape[1], -1)
    differences = np.stack([told & 0x0F, told >> 4], axis=-1).reshape(*told.shape[:2], -1)
    last = np.ascontiguousarray(heads[..., :2]).view("<i2")[..., 0].astype(np.int32)
    index = np.minimum(heads[..., 2].astype(np.int64), len(STEPS) - 1)
    steps, moves = np.array(STEPS, np.int32), np.array(MOVES, np.int64)
    samples = np.empty((*differences.shape[:2], differences.shape[2] + 1), np.float32)
    samples[..., 0] = last
    for place in range(differences.shape[2]):
        step, told_here = steps[index], differences[..., place].astype(np.int32)
        change = (step >> 3) + sum((step >> 2 - bit) * (told_here >> bit & 1) for bit in range(3))
        last = np.clip(np.where(told_here & 8, last - change, last + change), -32_768, 32_767)
        index = np.clip(index + moves[told_here & 7], 0, len(STEPS) - 1)
        samples[..., place + 1] = last
    return samples.reshape(channels, -1) / np.float32(32_768)


def _at_line_rate(samples: Sound, rate: int) -> NDArray[np.floating[Any]]:
    """Return one channel at 8 kHz, without what lies above the line's band."""
    if rate == RATE:
        return samples
    length = round(len(samples) * RATE / rate)
    pieces: list[NDArray[np.floating[Any]]] = []
    for begin in range(0, len(samples), _PIECE * rate):
        before = min(begin, _MARGIN * rate)
        piece = samples[begin - before : begin + (_PIECE + _MARGIN) * rate]
        seconds = -(-len(piece) // rate)
        spectrum = np.fft.rfft(piece, seconds * rate)
        kept = np.zeros(seconds * RATE // 2 + 1, complex)
        within = min(len(kept), len(spectrum))
        kept[:within] = spectrum[:within]
        narrow = np.fft.irfft(kept, seconds * RATE) * RATE / rate
        pieces.append(narrow[before // rate * RATE :][: _PIECE * RATE])
    return np.concatenate(pieces)[:length] if pieces else samples
