"""Listening to one voice as it goes on: the same numbers whether it comes in pieces or as a whole.

Windows of three seconds, a new one every second. Each is read for itself; what is told is a smoothed mean, against how
the caller sounded at first. Nothing of the sound is kept beyond the last window, and of the voice only two numbers.
"""

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unspoken.affect.reading import Reason
from unspoken.perception.voice.activity import BEFORE, Activity
from unspoken.perception.voice.cues import Cues, changes, cues_of, mean_of
from unspoken.perception.voice.heads import EMOTIONS, SCALES
from unspoken.perception.voice.mel import RATE, Samples
from unspoken.perception.voice.music import music_in
from unspoken.perception.voice.network import FRAME, Network, Sound
from unspoken.perception.voice.windows import HOP, LEAST, WINDOW

ENOUGH = 2.0  # seconds of speech, of the last six, below which nothing is told
IN_WINDOW = 0.7  # seconds of speech that a window needs itself
SMOOTHING = 0.5  # weight of the newest window
QUIET = 6.0  # seconds without speech after which the mean begins anew
CLEAREST = 4.0  # dB that speech must stand out from what is around it
CROSSTALK = 0.5  # share of a window's speech in which the other side speaks too, from which it is not read
BEGINNING = 12.0  # seconds of calm speech that say how a caller sounds
TRUST = 1.5  # seconds of it that count as much as what callers sound like in general
_AGAINST_OWN = tuple(SCALES.index(name) for name in ("arousal", "stress"))
Logits = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Offsets:
    """How far a caller's calm voice lies from that of most people, in logits of arousal and stress, and how many
    seconds of speech say so. No voice can be told from these two numbers."""

    arousal: float = 0.0
    stress: float = 0.0
    seconds: float = 0.0

    def shrunk(self) -> tuple[float, float]:
        """Return both as far as they can be trusted."""
        trust = self.seconds / (self.seconds + TRUST)
        return self.arousal * trust, self.stress * trust


@dataclass(frozen=True, slots=True)
class Heard:
    """One window: begin and end (seconds from the start of the call), and what its tone expresses, smoothed, or why
    nothing is told. scales: chances 0…1 of `heads.SCALES`; single: of this window alone; emotions: a weak hint;
    activity: who spoke since the window before."""

    begin: float
    end: float
    speech: float
    reason: Reason | None
    scales: dict[str, float]
    single: dict[str, float]
    emotions: dict[str, float]
    cues: Cues
    changes: tuple[str, ...]
    activity: Activity


class Listener:
    """Listens to the customer's channel of one call. `feed` it samples as they come; `finish` at the end."""

    def __init__(self, network: Network, *, usual: Offsets | None = None, begins: float = 0.0) -> None:
        """usual: how the caller sounded before, in this call or, where they permit that it is kept, in earlier ones;
        begins: the second of the call with which the first sample comes."""
        self._network, self._usual = network, usual or Offsets()
        self._kept = np.empty(0, np.float32)
        self._other: NDArray[np.float32] | None = None
        self._others_speech = np.empty(0, np.bool_)
        self._spoken: deque[tuple[float, float]] = deque()  # until when (s), and seconds of speech since the last
        self._mean: Logits | None = None
        self._taken = round(begins * RATE)
        self._begin_anew()
        self._calm: list[tuple[float, Logits]] = []
        self._first: list[Cues] = []

    @property
    def seconds(self) -> float:
        """The second of the call up to which has been listened."""
        return self._taken / RATE

    @property
    def offsets(self) -> Offsets:
        """How the caller's calm voice sounded, in this call and before."""
        seconds = sum(one for one, _ in self._calm)
        if not seconds:
            return self._usual
        weights = [length for length, _ in self._calm]
        arousal, stress = np.average([logits for _, logits in self._calm], axis=0, weights=weights)
        before = min(self._usual.seconds, BEGINNING)
        total = seconds + before
        return Offsets(
            float((arousal * seconds + self._usual.arousal * before) / total),
            float((stress * seconds + self._usual.stress * before) / total),
            total,
        )

    def feed(self, samples: Samples, *, other: Samples | None = None) -> list[Heard]:
        """Take in the next samples at 16 kHz, −1…1, and return the windows that they complete.

        other: what the other side's channel holds meanwhile (as long); only looked at for whether somebody speaks.
        """
        if other is not None and len(other) != len(samples):
            raise ValueError(f"Both channels must be as long: {len(samples)} and {len(other)} samples.")
        self._kept = np.concatenate([self._kept, samples])
        if other is not None or self._other is not None:
            before = self._other if self._other is not None else np.zeros(len(self._kept) - len(samples), np.float32)
            self._other = np.concatenate([before, np.zeros_like(samples) if other is None else other])
        self._taken += len(samples)
        heard = []
        while self._taken >= self._due:
            heard.append(self._window(self._due, WINDOW))
            self._due += HOP
        self._kept = self._kept[-WINDOW:]
        self._other = None if self._other is None else self._other[-WINDOW:]
        return heard

    def skip(self, seconds: float) -> list[Heard]:
        """Pass over seconds of the call that were not heard; return the last window before them, as `finish` does.

        The next windows begin with a whole second of the call, so that whoever listens anew hears the same ones.
        """
        heard = self.finish()
        self._taken += round(seconds * RATE)
        self._begin_anew()
        return heard

    def finish(self) -> list[Heard]:
        """Return the last window, where half a second or more has not been looked at."""
        seen = self._due - HOP if self._due > self._from + WINDOW else self._from
        if self._taken - seen < HOP // 2 or self._taken - self._from < LEAST:
            return []
        return [self._window(self._taken, min(self._taken - self._from, WINDOW))]

    def _begin_anew(self) -> None:
        self._kept = self._kept[:0]
        self._other = None
        self._others_speech = self._others_speech[:0]
        self._spoken.clear()
        self._mean = None
        self._from = -(-self._taken // RATE) * RATE
        self._due = self._from + WINDOW
        self._seen = self._last_speech = self._from / RATE

    def _window(self, end: int, length: int) -> Heard:
        offset = len(self._kept) - (self._taken - end)
        samples = self._kept[offset - length : offset]
        other = None if self._other is None else self._other[offset - length : offset]
        sound = self._network.hear(samples)
        activity = self._activity(sound, other, end / RATE)
        reason = self._reason(samples, sound, activity)
        cues = cues_of(samples, sound.speech)
        begin, finish, speech = (end - length) / RATE, end / RATE, sound.seconds_of_speech
        if reason is not None:
            return Heard(begin, finish, speech, reason, {}, {}, {}, cues, (), activity)
        logits = self._network.logits(sound.pooled)
        scales = self._network.calibrated(logits)
        self._learn(scales, cues, speech)
        scales[list(_AGAINST_OWN)] -= self.offsets.shrunk()
        weight = 1.0 if self._mean is None else SMOOTHING
        self._mean = scales if self._mean is None else (1 - weight) * self._mean + weight * scales
        likely = np.exp(logits[: len(EMOTIONS)] - logits[: len(EMOTIONS)].max())
        return Heard(
            begin, finish, speech, None, _chances(self._mean), _chances(scales),
            dict(zip(EMOTIONS, (likely / likely.sum()).tolist(), strict=True)), cues,
            tuple(changes(cues, mean_of(self._first))) if self._first else (), activity,
        )  # fmt: skip

    def _activity(self, sound: Sound, other: Samples | None, now: float) -> Activity:
        """Return who spoke since the last window. Of the other side nothing else is looked at."""
        fresh = max(round((now - self._seen) / FRAME), 1)
        begins, self._seen = self._seen, now
        own = sound.speech[-fresh:] > 0.5
        if other is None:
            self._others_speech = np.zeros(len(sound.speech), np.bool_)
            return Activity(begins, now, own, None)
        theirs = self._network.activity(other[-round((fresh * FRAME + BEFORE) * RATE) :])[-fresh:] > 0.5
        self._others_speech = np.concatenate([self._others_speech, theirs])[-len(sound.speech) :]
        return Activity(begins, now, own, theirs)

    def _reason(self, samples: Samples, sound: Sound, activity: Activity) -> Reason | None:
        """Return why nothing is told of a window, if so; keep count of speech."""
        now, newest = activity.ends, activity.own_seconds
        if newest and now - self._last_speech > QUIET:
            self._mean = None
        self._last_speech = now if newest else self._last_speech
        self._spoken.append((now, newest))
        while self._spoken[0][0] <= now - QUIET:
            self._spoken.popleft()
        if sound.speech.any() and music_in(samples):
            return Reason.MUSIC
        if sound.seconds_of_speech < IN_WINDOW or sum(seconds for _, seconds in self._spoken) < ENOUGH:
            return Reason.TOO_SHORT
        if _clearness(samples, sound.speech) < CLEAREST:
            return Reason.NOISE
        if self._crosstalk(sound) > CROSSTALK or self._network.overlap.hears_two(sound.pooled):
            return Reason.OVERLAP
        return None

    def _crosstalk(self, sound: Sound) -> float:
        """Return the share of this side's speech in the window in which the other side speaks."""
        ours = sound.speech[-len(self._others_speech) :] > 0.5
        return float((ours & self._others_speech).sum() / max(ours.sum(), 1))

    def _learn(self, scales: Logits, cues: Cues, speech: float) -> None:
        """Let the first calm windows say how this caller sounds."""
        seconds = sum(one for one, _ in self._calm)
        if seconds >= BEGINNING or scales[_AGAINST_OWN[0]] > 2.0:
            return
        self._calm.append((min(speech, 1.0), scales[list(_AGAINST_OWN)] - self._network.calm))
        self._first.append(cues)


def _chances(logits: Logits) -> dict[str, float]:
    return dict(zip(SCALES, (1.0 / (1.0 + np.exp(-logits))).tolist(), strict=True))


def _clearness(samples: Samples, speech: NDArray[np.float32]) -> float:
    """Return by how many dB the loud frames of 20 ms exceed the quiet ones: about the ratio of speech to noise."""
    count = min(len(speech), len(samples) // 320)
    power = np.mean(samples[: count * 320].reshape(count, 320) ** 2, axis=1) + 1e-10
    return float(10.0 * np.log10(np.percentile(power, 90) / np.percentile(power, 10)))
