"""Windows of one voice and of two at once, made of recordings: what the detector of overlap learns from."""

from collections.abc import Sequence

import numpy as np

from unspoken.perception.voice.mel import RATE, Samples
from unspoken.perception.voice.noise import babble, pink, with_noise
from unspoken.perception.voice.telephone import carried

_FRAME = 320  # samples of 20 ms
_FADE = 160  # samples over which a second voice begins and ends


def talk(clips: Sequence[Samples], length: int, random: np.random.Generator) -> Samples:
    """Return a piece of what somebody says (length,): recordings of theirs in a row, louder and softer."""
    said: list[Samples] = []
    while sum(map(len, said)) < length + RATE:
        clip = clips[random.integers(len(clips))]
        said.append(clip / np.float32(max(clip.std(), 1e-9)) * np.float32(10 ** random.uniform(-0.2, 0.2)))
        if random.random() < 0.5:
            said.append(np.zeros(int(random.uniform(0.05, 0.6) * RATE), np.float32))
    whole = np.concatenate(said)
    begin = random.integers(0, len(whole) - length)
    return whole[begin : begin + length]


def over(voice: Samples, other: Samples, decibels: float, share: float, random: np.random.Generator) -> Samples:
    """Return a voice with another so many dB below it in a share (0…1) of its time: its beginning, end or within."""
    length = int(share * len(voice))
    begin = int(random.choice([0, len(voice) - length, random.integers(0, len(voice) - length + 1)]))
    factor = _level(voice) / _level(other[:length]) * 10 ** (-decibels / 20)
    fade = np.minimum(np.minimum(np.arange(length), np.arange(length)[::-1]) / _FADE, 1.0)
    mixed = voice.copy()
    mixed[begin : begin + length] += (other[:length] * fade * factor).astype(np.float32)
    return mixed


def in_room(voice: Samples, random: np.random.Generator) -> Samples:
    """Return a voice with the reverberation of a room: noise that fades by 60 dB within 0.15 to 0.7 seconds."""
    length = int(random.uniform(0.15, 0.7) * RATE)
    response = random.normal(size=length) * 10 ** (-3 * np.arange(length) / length)
    response *= 10 ** (random.uniform(-18, -4) / 20) / np.sqrt((response**2).sum())
    size = len(voice) + length
    tail = np.fft.irfft(np.fft.rfft(voice, size) * np.fft.rfft(response, size), size)
    return (voice + tail[: len(voice)]).astype(np.float32)


def with_echo(voice: Samples, random: np.random.Generator) -> Samples:
    """Return a voice that comes back once from the line."""
    late, factor = int(random.uniform(0.05, 0.3) * RATE), np.float32(10 ** (-random.uniform(6, 20) / 20))
    return voice + factor * np.concatenate([np.zeros(late, np.float32), voice[:-late]])


def rustling(voice: Samples, random: np.random.Generator) -> Samples:
    """Return noise as loud as a voice is from moment to moment: it comes and goes like one, and is none."""
    loudness = np.sqrt(np.convolve(voice**2, np.ones(480) / 480, "same"))
    return (pink(len(voice), random, slope=random.uniform(0.3, 1)) * loudness).astype(np.float32)


def heard(sound: Samples, crowd: Sequence[Samples], random: np.random.Generator) -> Samples:
    """Return a sound as it is, or by telephone: clear, or through 5 to 25 dB of noise or of a crowd's babble."""
    loudness = 10 ** random.uniform(-1.5, -0.05)
    way = random.choice(["clean", "clear", "noise", "babble"])
    if way == "clean":
        return (sound / np.abs(sound).max() * loudness).astype(np.float32)
    if way == "noise":
        sound = with_noise(sound, pink(len(sound), random, slope=random.choice([0, 0.5, 1])), random.uniform(5, 25))
    if way == "babble":
        sound = with_noise(sound, babble(len(sound), crowd, random), random.uniform(5, 25))
    return carried(sound, loudness=loudness)


def _level(sound: Samples) -> float:
    """Return the root mean square of the frames that are less than 30 dB below the loudest."""
    power = np.mean(sound[: len(sound) // _FRAME * _FRAME].reshape(-1, _FRAME) ** 2, axis=1)
    return float(np.sqrt(power[power >= power.max() * 1e-3].mean())) + 1e-9
