"""What can be heard in plain words."""

import numpy as np
import pytest

from unspoken.perception.voice.cues import Cues, changes, cues_of, mean_of

from .made import voice

ALL = np.ones(150, np.float32)


@pytest.mark.parametrize("hertz", [90.0, 120.0, 220.0, 300.0])
def test_hears_the_pitch_of_a_voice(hertz: float) -> None:
    found = cues_of(voice(3.0, pitch=hertz, seed=3), ALL)
    assert found.pitch == pytest.approx(12 * np.log2(hertz / 55), abs=1.5)


def test_says_what_changed_and_the_plainest_first() -> None:
    calm = cues_of(voice(3.0, pitch=110, loudness=0.1, rate=3), ALL)
    tense = cues_of(voice(3.0, pitch=180, loudness=0.5, rate=5), ALL)
    said = changes(tense, calm)
    assert [words.split(" by ")[0] for words in said[:2]] == ["higher", "louder"]
    assert said[0] in {"higher by 8 semitones", "higher by 9 semitones"}
    assert "faster" in said
    assert changes(calm, calm) == []


def test_counts_pauses_between_words_only() -> None:
    speech = np.concatenate([np.zeros(30), np.ones(40), np.zeros(20), np.ones(40), np.zeros(20)]).astype(np.float32)
    assert cues_of(voice(3.0), speech).pauses == pytest.approx(0.2)


def test_tells_nothing_where_nobody_speaks() -> None:
    nothing = cues_of(np.zeros(48_000, np.float32), np.zeros(150, np.float32))
    assert np.isnan([nothing.loudness, nothing.pitch, nothing.movement, nothing.rate]).all()
    assert changes(nothing, Cues(-20.0, 12.0, 2.0, 4.0, 1.0)) == []


def test_means_leave_out_what_is_not_told() -> None:
    unknown = float("nan")
    found = mean_of([Cues(-20.0, unknown, 2.0, 4.0, 0.1), Cues(-30.0, 10.0, 4.0, 4.0, 0.3)])
    assert found == Cues(-25.0, 10.0, 3.0, 4.0, pytest.approx(0.2))
