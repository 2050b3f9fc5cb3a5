"""One turn of a call as sound: espeak-ng speaks it, numpy gives the voice its manner."""

import subprocess
from dataclasses import dataclass
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray

RATE = 8_000  # samples a second, as telephones carry it
_SPOKEN = 22_050  # … as espeak-ng speaks
_HEADER = 44  # bytes of a WAV file before its samples
_LOW, _HIGH, _FADE = 300.0, 3_400.0, 60.0  # Hz: the telephone's band and over how much it begins and ends
_AUDIBLE = 0.01  # of the peak, from which a turn begins and to which it goes on
Sound = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Manner:
    """How somebody speaks: pitch, pitch range (0…99, 50 is usual) and speed (words a minute) as espeak-ng has them;
    press: dB an octave above 500 Hz by which the voice is sharper, as a pressed voice is; level: dB of full scale."""

    pitch: int = 50
    range: int = 50
    speed: int = 160
    press: float = 0.0
    level: float = -27.0


def spoken(text: str, *, voice: str, manner: Manner) -> Sound:
    """Return a turn (n,) at 8 kHz, −1…1, from its first sound to its last."""
    told = f'<prosody range="{manner.range}">{escape(text)}</prosody>'
    command = ["espeak-ng", "-m", "-v", voice, "-p", str(manner.pitch), "-s", str(manner.speed), "--stdout", told]
    said = subprocess.run(command, capture_output=True, check=True)
    if said.stderr:
        raise RuntimeError(f"espeak-ng does not speak as {voice}: {said.stderr.decode()}")
    samples = np.frombuffer(said.stdout[_HEADER:], "<i2") / 32_768
    sound = _trimmed(_through_telephone(samples, manner.press))
    return np.asarray(sound * 10 ** (manner.level / 20) / np.sqrt(np.mean(sound**2)))


def _through_telephone(samples: Sound, press: float) -> Sound:
    """Return sound at 22,050 Hz as a telephone carries it, at 8 kHz."""
    length = len(samples) + -len(samples) % (2 * _SPOKEN // 50)
    kept = length * RATE // _SPOKEN
    spectrum = np.fft.rfft(samples, length)[: kept // 2 + 1]
    frequency = np.fft.rfftfreq(length, 1 / _SPOKEN)[: kept // 2 + 1]
    band = np.clip((frequency - _LOW) / _FADE, 0, 1) * np.clip((_HIGH - frequency) / _FADE, 0, 1)
    sharper = 10 ** (press * np.log2(np.maximum(frequency, 500) / 500) / 20)
    return np.asarray(np.fft.irfft(spectrum * band * sharper, kept))


def _trimmed(sound: Sound) -> Sound:
    heard = np.flatnonzero(np.abs(sound) > _AUDIBLE * np.abs(sound).max())
    return sound[heard[0] : heard[-1] + 1]
