"""Recordings from outside: decoded apart, or refused by name."""

import struct
import wave
from pathlib import Path

import numpy as np
import pytest

from unspoken.perception.voice.decoding import NotDecodable, blocks
from unspoken.perception.voice.mel import RATE

from .made import voice

pytest.importorskip("av", reason="the extra unspoken[voice] is not installed")


def written(path: Path, *channels: "np.ndarray[tuple[int], np.dtype[np.float32]]", rate: int = RATE) -> Path:
    with wave.open(str(path), "wb") as opened:
        opened.setparams((len(channels), 2, rate, 0, "NONE", ""))
        opened.writeframes((np.stack(channels, axis=1) * 32767).astype(np.int16).tobytes())
    return path


def test_keeps_two_sides_apart(tmp_path: Path) -> None:
    left, right = voice(12.0), voice(12.0, pitch=200, seed=1)
    found = np.concatenate(list(blocks(written(tmp_path / "call.wav", left, right))), axis=1)
    assert found.shape == (2, 12 * RATE)
    assert np.allclose(found, [left, right], atol=1e-3)


def test_brings_other_rates_to_ours(tmp_path: Path) -> None:
    tone = np.sin(2 * np.pi * 440 * np.arange(8000 * 3) / 8000).astype(np.float32) * np.float32(0.5)
    [found] = blocks(written(tmp_path / "narrow.wav", tone, rate=8000))
    assert found.shape[0] == 1
    assert abs(found.shape[1] - 3 * RATE) < 50
    assert np.abs(np.fft.rfft(found[0, :RATE])).argmax() == 440


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"this is no sound at all", "this is no sound file"),
        (b"", "this is no sound file"),
        (b"RIFF" + struct.pack("<I", 36) + b"WAVEfmt ", "no sound"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 64, "no sound"),
    ],
)
def test_refuses_rubbish_by_name(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "rubbish.wav"
    path.write_bytes(content)
    with pytest.raises(NotDecodable, match=rf"^rubbish\.wav: .*{words}"):
        list(blocks(path))


def test_refuses_more_than_two_channels(tmp_path: Path) -> None:
    three = [voice(1.0)] * 3
    with pytest.raises(NotDecodable, match=r"it has 3 channels; give the two sides"):
        list(blocks(written(tmp_path / "conference.wav", *three)))


def test_refuses_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(NotDecodable, match="is not there"):
        list(blocks(tmp_path / "nothing.wav"))


def test_opens_no_address(tmp_path: Path) -> None:
    playlist = tmp_path / "list.m3u8"
    playlist.write_text("#EXTM3U\n#EXTINF:10,\nhttp://127.0.0.1:9/x.ts\n")
    with pytest.raises(NotDecodable):
        list(blocks(playlist))


def test_whoever_stops_early_leaves_no_process(tmp_path: Path) -> None:
    path = written(tmp_path / "long.wav", voice(40.0))
    sound = blocks(path)
    assert next(sound).shape == (1, 10 * RATE)
    sound.close()  # type: ignore[attr-defined]
