"""On real recordings, where they lie beside the project: what is told of speakers whom the heads never heard."""

from pathlib import Path

import numpy as np
import pytest

from unspoken.perception.voice.corpora import load
from unspoken.perception.voice.heads import EMOTIONS, SCALES
from unspoken.perception.voice.perceiver import shipped
from unspoken.perception.voice.report import held_out

EMODB = Path(__file__).resolve().parents[6] / "shared" / "data" / "voice" / "emodb"
pytest.importorskip("av", reason="the extra unspoken[voice] is not installed")
pytestmark = pytest.mark.skipif(not EMODB.is_dir(), reason=f"EmoDB does not lie in {EMODB}")
AROUSAL = len(EMOTIONS) + SCALES.index("arousal")


@pytest.mark.parametrize("speaker", ["03", "08", "13", "16"])
def test_anger_is_told_from_calm_by_heads_that_never_heard_the_speaker(speaker: str) -> None:
    network = held_out(shipped().network)[speaker]

    def arousal(letter: str) -> list[float]:
        clips = sorted((EMODB / "audio").glob(f"{speaker}a*{letter}?.flac"))[:4]
        assert clips
        return [float(network.logits(network.hear(load(clip)[: 3 * 16_000]).pooled)[AROUSAL]) for clip in clips]

    assert min(arousal("W")) > max(arousal("N"))


def test_what_is_shipped_hears_speech_in_every_recording() -> None:
    clips = sorted((EMODB / "audio").glob("*.flac"))[::25]
    shares = [
        sound.seconds_of_speech / (len(sound.speech) * 0.02)
        for sound in (shipped().network.hear(load(clip)[: 3 * 16_000]) for clip in clips)
    ]
    assert np.median(shares) > 0.7
    assert min(shares) > 0.3
