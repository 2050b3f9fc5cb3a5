"""Music is heard by its chords that stand still, alone and behind a voice; a voice is not taken for it."""

import numpy as np
import pytest

from unspoken.affect.reading import Reason
from unspoken.perception.voice.mel import RATE, Samples
from unspoken.perception.voice.music import STEADY, music_in, steadiness
from unspoken.perception.voice.nobody import nobody
from unspoken.perception.voice.noise import pink
from unspoken.perception.voice.perceiver import shipped
from unspoken.perception.voice.telephone import carried

from .made import voice

LEVELS = (0.0, 10.0, 20.0)  # dB by which the voice is louder
CHORDS = ("organ", "electric piano", "guitar", "strings", "tune of a game", "choir", "song")


def tones(hertz: list[float], *, glide: float = 0.0) -> Samples:
    at = np.arange(3 * RATE) / RATE
    return np.sum([np.sin(2 * np.pi * tone * (at + glide * at**2)) for tone in hertz], axis=0).astype(np.float32)


@pytest.mark.parametrize("kind", CHORDS)
@pytest.mark.parametrize("seed", [0, 1])
def test_hears_music_with_chords(kind: str, seed: int) -> None:
    music = nobody(kind, 6.0, np.random.default_rng(seed))
    windows = [music[begin : begin + 3 * RATE] for begin in (0, RATE, 3 * RATE)]
    assert all(music_in(one) for one in windows)
    assert all(music_in(carried(one)) for one in windows)


@pytest.mark.parametrize("pitch", [90.0, 120.0, 180.0, 260.0])
def test_takes_no_voice_for_music(pitch: float) -> None:
    clear = voice(3.0, pitch=pitch, rate=4.5, seed=5)
    hiss = 0.01 * pink(len(clear), np.random.default_rng(0))
    assert not music_in(clear)
    assert not music_in(carried(clear + hiss))


@pytest.mark.parametrize("kind", ["traffic", "silence", "white noise", "pink noise", "drums"])
def test_takes_no_noise_for_music(kind: str) -> None:
    assert not music_in(nobody(kind, 3.0, np.random.default_rng(1)))


def test_hears_music_behind_a_voice_the_better_the_louder_it_is() -> None:
    random = np.random.default_rng(4)
    spoken = voice(3.0, pitch=180, seed=5)
    heard = []
    for level in LEVELS:
        songs = [nobody(kind, 3.0, random) for kind in CHORDS]
        mixed = [spoken + song * spoken.std() / song.std() * np.float32(10 ** (-level / 20)) for song in songs]
        heard.append(float(np.mean([steadiness(carried(one)) for one in mixed])))
    assert heard == sorted(heard, reverse=True)
    assert heard[0] > STEADY > steadiness(carried(spoken))


def test_a_tone_counts_by_how_long_it_lasts() -> None:
    chord = [523.0, 587.0, 701.0, 831.0, 1103.0, 1301.0, 1609.0, 1933.0, 2311.0, 2579.0, 2917.0, 3301.0]
    assert steadiness(tones(chord)) == pytest.approx(5.0, abs=0.1)
    assert steadiness(tones(chord, glide=0.05)) < STEADY


def test_a_voice_on_one_pitch_is_none_and_two_pitches_are() -> None:
    """Who speaks in a monotone has harmonics that stand still, all of them multiples of one pitch."""
    low, high = ([pitch * number for number in range(1, 16)] for pitch in (200.0, 317.0))
    assert steadiness(tones(low)) == pytest.approx(0.0, abs=0.1)
    assert music_in(tones([*low, *high]))


def test_says_nothing_of_less_than_a_second() -> None:
    assert steadiness(np.zeros(0, np.float32)) == 0.0
    assert steadiness(tones([523.0, 701.0, 1103.0])[:RATE]) == 0.0


def test_a_window_with_music_behind_a_voice_is_not_read_and_the_next_ones_are() -> None:
    spoken = voice(14.0, seed=5)
    song = np.zeros_like(spoken)
    song[: 6 * RATE] = nobody("organ", 6.0, np.random.default_rng(2))
    listener = shipped().listener()
    found = listener.feed(spoken + song)
    reasons = {round(one.end): one.reason for one in found}
    assert [reasons[end] for end in (3, 4, 5, 6)] == [Reason.MUSIC] * 4
    assert [reasons[end] for end in (9, 10, 11, 12)] == [None] * 4
    alone = shipped().listener().feed(song[: 6 * RATE])
    assert {one.reason for one in alone} == {Reason.MUSIC}
