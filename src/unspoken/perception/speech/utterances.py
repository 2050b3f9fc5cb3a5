"""Cutting one side of a call into utterances as it goes on, by where somebody speaks. Pure; no model.

An utterance ends after 0.6 seconds without speech, or, when somebody goes on and on, at the quietest place before 14
seconds. The same utterances come out whether the sound comes in pieces or as a whole; no more than one is ever kept.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unspoken.perception.speech.transcriber import RATE, Samples

FRAME = RATE // 50  # samples of a frame
SPEAKS = 0.5  # chance of speech above which a frame counts as speech
PAUSE = round(0.6 * RATE)  # samples without speech that end an utterance
PADDING = round(0.2 * RATE)  # samples kept before and after speech, so that no sound of a word is cut off
LEAST = round(0.3 * RATE)  # samples of speech below which an utterance is dropped: a click, a cough
LONGEST = 14 * RATE  # samples at which an utterance is cut
_SOONEST = 7 * RATE  # samples before which it is not cut for its length
_AROUND = 2  # frames on each side of a cut that are to be quiet too


@dataclass(frozen=True, slots=True)
class Utterance:
    """Something said: from second `begin` to `end` of the call, with its samples (n,) at 16 kHz."""

    begin: float
    end: float
    samples: Samples


@dataclass(frozen=True, slots=True)
class _Frame:
    samples: Samples
    speech: bool


class Utterances:
    """Cuts a channel into utterances. `feed` it sound as it comes; `finish` at the end."""

    def __init__(self) -> None:
        self._anchor: float | None = None  # the second of the call with which unbroken sound begins
        self._taken = 0  # samples since then
        self._kept: deque[_Frame] = deque()  # the newest frames; the last of them ends at `_taken`
        self._held = 0  # samples in `_kept`
        self._spoken = 0  # of them, samples of speech
        self._silent = 0  # samples since speech
        self._goes_on = False  # whether what is kept goes on from an utterance that was cut

    def feed(self, at: float, samples: Samples, speech: Sequence[float] | NDArray[np.generic]) -> list[Utterance]:
        """Take in samples (n,) at 16 kHz that begin with second `at` of the call; return the utterances they complete.

        speech: the chance 0…1 of speech in each 20 ms of them. Sound that does not follow on the last, as when some of
        a call was lost, ends an utterance. Raises ValueError when `speech` is not as long as the samples.
        """
        if len(speech) != -(-len(samples) // FRAME):
            raise ValueError(f"{len(samples)} samples need {-(-len(samples) // FRAME)} chances, not {len(speech)}.")
        done = []
        if self._anchor is None or abs(at - self._now) * RATE > FRAME / 2:
            done = self.finish()
            self._anchor, self._taken = at, 0
        for number, chance in enumerate(speech):
            frame = np.array(samples[number * FRAME : (number + 1) * FRAME], np.float32)
            done += self._take(_Frame(frame, bool(chance > SPEAKS)))
        return done

    def finish(self) -> list[Utterance]:
        """Return the last utterance, where one was under way."""
        done = self._ended()
        self._kept.clear()
        self._held = self._spoken = self._silent = 0
        return done

    @property
    def _now(self) -> float:
        return (self._anchor or 0.0) + self._taken / RATE

    def _take(self, frame: _Frame) -> list[Utterance]:
        self._kept.append(frame)
        self._held += len(frame.samples)
        self._taken += len(frame.samples)
        self._spoken += len(frame.samples) if frame.speech else 0
        self._silent = 0 if frame.speech else self._silent + len(frame.samples)
        if not self._spoken:
            self._forget()
            return []
        if self._silent >= PAUSE:
            done = self._ended()
            self._spoken = 0
            self._forget()
            return done
        return self._cut() if self._held >= LONGEST else []

    def _forget(self) -> None:
        """Keep of silence only what goes before the next utterance."""
        self._goes_on = False
        while self._held - len(self._kept[0].samples) >= PADDING:
            self._held -= len(self._kept.popleft().samples)

    def _ended(self) -> list[Utterance]:
        """Return what was said until the last speech and a little after, if it is long enough."""
        silence = max(self._silent - PADDING, 0)
        frames = list(self._kept)
        while frames and silence >= len(frames[-1].samples):
            silence -= len(frames.pop().samples)
        return self._utterance(frames, until=self._taken - self._held + _length(frames))

    def _cut(self) -> list[Utterance]:
        """Return what was said until the quietest place, and go on with the rest."""
        frames = list(self._kept)
        place = _quietest(frames)
        rest = frames[place:]
        done = self._utterance(frames[:place], until=self._taken - _length(rest))
        self._kept, self._held, self._goes_on = deque(rest), _length(rest), True
        self._spoken = _length([one for one in rest if one.speech])
        return done

    def _utterance(self, frames: Sequence[_Frame], *, until: int) -> list[Utterance]:
        spoken = _length([one for one in frames if one.speech])
        if not spoken or (spoken < LEAST and not self._goes_on):
            return []
        samples = np.concatenate([one.samples for one in frames])
        end = (self._anchor or 0.0) + until / RATE
        return [Utterance(end - len(samples) / RATE, end, samples)]


def _length(frames: Sequence[_Frame]) -> int:
    return sum(len(one.samples) for one in frames)


def _quietest(frames: Sequence[_Frame]) -> int:
    """Return the number of the frame, from the seventh second on, around which it is quietest."""
    power = np.array([np.mean(np.square(one.samples)) for one in frames])
    around = np.convolve(power, np.ones(2 * _AROUND + 1), "valid")  # of frames _AROUND … len - _AROUND - 1
    first = next(n for n, length in enumerate(np.cumsum([len(one.samples) for one in frames])) if length >= _SOONEST)
    return first + int(np.argmin(around[first - _AROUND :]))
