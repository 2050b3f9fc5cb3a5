"""Recordings are read as telephones write them, and what cannot be played is said plainly."""

import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from unspoken.demo.recordings import (
    ADPCM,
    MULAW,
    PCM,
    RecordingError,
    decoded,
    encoded,
    recording_in,
)
from unspoken.demo.spoken import calls, recording_of

EVERY_SOUND = bytes(code for code in range(256) if code != 0x7F)  # which is 0xFF once more: nothing, below zero


def wav(data: bytes, *, code: int, bits: int, channels: int = 2, rate: int = 8_000, block: int = 0) -> bytes:
    block = block or bits // 8 * channels
    told = struct.pack("<HHIIHH", code, channels, rate, rate * block, block, bits)
    chunks = b"fmt " + struct.pack("<I", 16) + told + b"junk\x03\0\0\0abc\0" + b"data" + struct.pack("<I", len(data))
    return b"RIFF" + struct.pack("<I", 4 + len(chunks) + len(data)) + b"WAVE" + chunks + data


def written(folder: Path, content: bytes, name: str = "call.wav") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def both(left: bytes, right: bytes, size: int = 1) -> bytes:
    pairs = zip(range(0, len(left), size), range(0, len(right), size), strict=True)
    return b"".join(left[one : one + size] + right[other : other + size] for one, other in pairs)


def tone(hertz: float, *, rate: int, seconds: float) -> NDArray[np.float64]:
    return 0.5 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)


def pcm(samples: NDArray[np.float64]) -> bytes:
    return np.round(samples * 32_767).astype("<i2").tobytes()


def test_mulaw_goes_on_the_line_as_it_is(tmp_path: Path) -> None:
    left, right = EVERY_SOUND, EVERY_SOUND[::-1]
    recording = recording_in(written(tmp_path, wav(both(left, right), code=MULAW, bits=8)))
    assert (recording.left, recording.right) == (left, right)


def test_reads_mulaw_as_ffmpeg_reads_it(tmp_path: Path) -> None:
    av = pytest.importorskip("av")
    path = written(tmp_path, wav(EVERY_SOUND, code=MULAW, bits=8, channels=1))
    with av.open(str(path)) as opened:
        told = np.concatenate([frame.to_ndarray()[0] for frame in opened.decode(audio=0)])
    assert (decoded(EVERY_SOUND) * 32_768).tolist() == told.tolist()


def test_writes_every_sample_within_half_a_step_of_its_segment() -> None:
    samples = np.arange(-32_635, 32_636)
    wrong = np.abs(decoded(encoded(samples / 32_768)) * 32_768 - samples)
    step = 8 << np.log2((np.abs(samples) + 0x84) // 0x80).astype(int)
    assert (wrong <= step / 2).all()


def test_writes_nothing_and_the_loudest_as_telephones_do() -> None:
    assert encoded(np.array([0.0, 1.0, 7.0, -1.0])) == bytes([0xFF, 0x80, 0x80, 0x00])


def test_sixteen_bits_are_played(tmp_path: Path) -> None:
    left, right = tone(440, rate=8_000, seconds=0.1), tone(300, rate=8_000, seconds=0.1)
    recording = recording_in(written(tmp_path, wav(both(pcm(left), pcm(right), 2), code=PCM, bits=16)))
    assert np.abs(decoded(recording.left) - left).max() < 0.02
    assert np.abs(decoded(recording.right) - right).max() < 0.02


def test_eight_bits_are_played_around_their_middle(tmp_path: Path) -> None:
    recording = recording_in(written(tmp_path, wav(bytes([128, 255, 128, 0]), code=PCM, bits=8)))
    assert decoded(recording.left).tolist() == [0.0, 0.0]
    assert np.abs(decoded(recording.right) - [127 / 128, -1]).max() < 0.03


@pytest.mark.parametrize("rate", [16_000, 44_100, 48_000, 11_025])
def test_other_rates_are_brought_to_that_of_the_line(tmp_path: Path, rate: int) -> None:
    left, right = tone(1_000, rate=rate, seconds=21.3), tone(400, rate=rate, seconds=21.3)
    recording = recording_in(written(tmp_path, wav(both(pcm(left), pcm(right), 2), code=PCM, bits=16, rate=rate)))
    heard, told = decoded(recording.left), tone(1_000, rate=8_000, seconds=21.3)
    assert len(heard) == len(told) == len(recording.right)
    within = slice(800, -800)  # the ends ring
    assert np.abs(heard[within] - told[within]).max() < 0.03


def test_what_lies_above_the_band_is_not_folded_into_it(tmp_path: Path) -> None:
    high = pcm(tone(7_000, rate=16_000, seconds=2))
    recording = recording_in(written(tmp_path, wav(both(high, high, 2), code=PCM, bits=16, rate=16_000)))
    assert np.abs(decoded(recording.left)[800:-800]).max() < 0.001


def test_adpcm_of_our_own_calls_is_read_as_ffmpeg_reads_it() -> None:
    av = pytest.importorskip("av")
    for call in calls().values():
        path = recording_of(call)
        with av.open(str(path)) as opened:
            whole = np.concatenate([frame.to_ndarray() for frame in opened.decode(audio=0)], axis=1)
        recording = recording_in(path)
        for side, samples in zip((recording.left, recording.right), whole, strict=True):
            assert len(side) <= len(samples)  # FFmpeg plays the last block to its end
            assert side == encoded(samples[: len(side)].astype(np.float64) / 32_768)


def test_adpcm_with_blocks_that_fit_no_channels_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, wav(bytes(64), code=ADPCM, bits=4, block=8))
    with pytest.raises(RecordingError, match=r"call.wav is a broken WAV file: its blocks do not fit its channels\."):
        recording_in(path)


def test_one_channel_is_not_a_call(tmp_path: Path) -> None:
    path = written(tmp_path, wav(bytes(160), code=MULAW, bits=8, channels=1))
    with pytest.raises(RecordingError, match=r"has 1 channel\. A call is played from a stereo recording"):
        recording_in(path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"RIFF\0\0\0\0WAVE", "call.wav is a broken WAV file: it does not say what is in it."),
        (wav(b"", code=PCM, bits=16, rate=0), "call.wav is a broken WAV file: it has no channels or no usual rate."),
        (b"OggS" + bytes(40), "call.wav is no WAV file. Give a WAV file with PCM of 16 bits or mu-law."),
        (
            wav(bytes(8), code=3, bits=32),
            "call.wav is a WAV file of a kind that is not known here (format 3, 32 bits).",
        ),
    ],
)
def test_says_what_cannot_be_played(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(RecordingError) as raised:
        recording_in(written(tmp_path, content))
    assert str(raised.value).startswith(said)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=r"call.wav cannot be read: No such file"):
        recording_in(tmp_path / "call.wav")


def test_other_files_go_to_the_decoder_and_a_wav_of_ours_does_not(tmp_path: Path) -> None:
    opened: list[Path] = []

    def decode(path: Path) -> Iterator[NDArray[np.float32]]:
        opened.append(path)
        sound = np.stack([tone(500, rate=16_000, seconds=1), tone(800, rate=16_000, seconds=1)]).astype(np.float32)
        yield sound[:, :9_000]
        yield sound[:, 9_000:]

    ogg = written(tmp_path, b"OggS" + bytes(40), "call.ogg")
    recording = recording_in(ogg, decode=decode)
    recording_in(written(tmp_path, wav(bytes(320), code=MULAW, bits=8)), decode=decode)
    assert (opened, recording.seconds) == ([ogg], 1.0)
    heard = decoded(recording.right)
    assert np.abs(heard - tone(800, rate=8_000, seconds=1))[200:-200].max() < 0.02


def test_a_broken_wav_is_cut_to_whole_samples(tmp_path: Path) -> None:
    whole = wav(both(EVERY_SOUND, EVERY_SOUND), code=MULAW, bits=8)
    recording = recording_in(written(tmp_path, whole[:-3]))
    assert recording.left == recording.right == EVERY_SOUND[:-2]
