"""Two voices at once on one channel are not read; one voice, however it comes over the line, is not taken for two."""

from pathlib import Path

import numpy as np
import pytest

from unspoken.affect.reading import Reason
from unspoken.perception.voice.corpora import load
from unspoken.perception.voice.listener import Heard, Listener
from unspoken.perception.voice.mel import RATE, Samples
from unspoken.perception.voice.overlap import OverlapDetector
from unspoken.perception.voice.perceiver import shipped
from unspoken.perception.voice.report import held_out
from unspoken.perception.voice.telephone import carried

from .made import voice

EMODB = Path(__file__).resolve().parents[6] / "shared" / "data" / "voice" / "emodb"
DETECTOR = OverlapDetector(
    np.array([[1, 0], [0, 1]], np.float32), np.array([0, -1], np.float32), np.array([1, -2], np.float32), -1.0
)


def heard(sound: Samples) -> list[Heard]:
    listener = shipped().listener()
    return [*listener.feed(sound), *listener.finish()]


def test_scores_one_window_and_many_alike() -> None:
    windows = np.array([[3, 0], [3, 2], [-1, 0]], np.float32)
    assert DETECTOR.score(windows).tolist() == [2.0, 0.0, -1.0]
    assert [DETECTOR.hears_two(one) for one in windows] == [True, True, False]


def test_takes_one_out_of_several() -> None:
    kept = {
        "inner": np.stack([DETECTOR.inner, 2 * DETECTOR.inner]), "outer": np.stack([DETECTOR.outer] * 2),
        "inner_bias": np.stack([DETECTOR.inner_bias] * 2), "outer_bias": np.array([-1.0, -5.0]),
    }  # fmt: skip
    assert OverlapDetector.of(kept, 1).score(np.array([3, 0], np.float32)) == 1.0


@pytest.mark.parametrize("pitch", [90.0, 120.0, 180.0, 260.0])
def test_takes_no_single_voice_for_two(pitch: float) -> None:
    clear = voice(9.0, pitch=pitch, rate=4.5, seed=5)
    for sound in (clear, carried(clear)):
        assert Reason.OVERLAP not in {one.reason for one in heard(sound)}


def test_nothing_is_kept_of_whose_voices_they_are() -> None:
    assert DETECTOR.__slots__ == ("inner", "inner_bias", "outer", "outer_bias")


@pytest.mark.skipif(not EMODB.is_dir(), reason=f"EmoDB does not lie in {EMODB}")
def test_nothing_is_told_while_two_speak_and_the_rest_is() -> None:
    """Of two speakers whom this detector never heard: one goes on, the other speaks too for six seconds."""
    pytest.importorskip("av", reason="the extra unspoken[voice] is not installed")
    network = held_out(shipped().network)["09"]
    one, other = (_said(speaker) for speaker in ("09", "10"))
    both = one.copy()
    both[8 * RATE : 14 * RATE] += other[8 * RATE : 14 * RATE]
    alone, mixed = (Listener(network).feed(carried(sound)) for sound in (one, both))
    assert {window.reason for window in alone} == {None}
    refused = {round(window.end) for window in mixed if window.reason == Reason.OVERLAP}
    assert len(refused & {11, 12, 13, 14}) >= 3
    assert not refused - set(range(9, 17))


def _said(speaker: str) -> Samples:
    """Return twenty seconds of what a speaker says, as loud as anybody's."""
    clips = [load(clip) for clip in sorted((EMODB / "audio").glob(f"{speaker}*.flac"))[:12]]
    return np.concatenate([clip / clip.std() for clip in clips])[: 20 * RATE]
