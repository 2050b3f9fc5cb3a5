"""Spectrograms and telephones."""

import numpy as np
import pytest

from unspoken.perception.voice.mel import BANDS, RATE, log_mel
from unspoken.perception.voice.telephone import carried, decoded, encoded


def tone(hertz: float, seconds: float = 1.0) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return np.sin(2 * np.pi * hertz * np.arange(int(seconds * RATE)) / RATE).astype(np.float32) * np.float32(0.5)


def test_a_frame_every_ten_milliseconds() -> None:
    assert log_mel(tone(440, 3.0)).shape == (BANDS, 300)
    assert log_mel(tone(440, 0.805)).shape == (BANDS, 80)


@pytest.mark.parametrize(("hertz", "band"), [(200, 4), (1000, 26), (4000, 62)])
def test_a_tone_lies_in_its_band(hertz: float, band: int) -> None:
    loudest = log_mel(tone(hertz)).mean(axis=1).argmax()
    assert abs(loudest - band) <= 1


def test_loudness_does_not_matter_beyond_a_shift() -> None:
    loud, soft = log_mel(tone(700)), log_mel(tone(700) * np.float32(0.1))
    assert np.allclose(loud - loud.max(), soft - soft.max(), atol=1e-4)


def test_mu_law_is_that_of_g711() -> None:
    assert decoded(bytes([0xFF, 0x7F, 0x00, 0x80, 0xD5])).tolist() == pytest.approx(
        [0.0, 0.0, -32124 / 32768, 32124 / 32768, 716 / 32768]
    )
    every = bytes(range(256))
    assert np.array_equal(decoded(encoded(decoded(every))), decoded(every))


def test_a_telephone_carries_the_middle_and_drops_the_rest() -> None:
    spectrum = np.abs(np.fft.rfft(carried(tone(1000) + tone(100) + tone(5000))))
    assert spectrum[1000] > 100 * max(spectrum[100], spectrum[5000])
    assert len(carried(tone(1000)[:15_999])) == 15_999
