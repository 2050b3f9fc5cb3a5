"""What the tone of a voice says over a call: how tense it is now and since when, and where it parts from the words.

Pure. Live and afterwards the same numbers come from the same windows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

TENSE = 0.6  # chance of stress from which a voice reads as tense
CALM = 0.3  # … below which it reads as calm
SILENCE = 5.0  # seconds of which nothing is told that do not end a stretch
RECENT = 6.0  # seconds before now that do not count as what was before
PLEASANT, SHARP = 0.25, 0.5  # chance of displeasure in words that are no complaint, and in words that are one
STALE = 15.0  # seconds after which a window says nothing of now
REMEMBERED = 900  # windows of a call by which its tone is judged: a quarter of an hour
EVERY = 1.0  # seconds between two judgements of a call by rules
ANYWAY = 30.0  # … and between two looks at a call in which nothing stands out

Parting = Literal["voice_tense", "voice_calm"]
"""How words and voice part: the voice is tense and the words are not; the words complain and the voice is calm."""


@dataclass(frozen=True, slots=True)
class Window:
    """Seconds begins…ends of a call and the smoothed chance 0…1 of stress in them; None: nothing is told of them."""

    begins: float
    ends: float
    stress: float | None


@dataclass(frozen=True, slots=True)
class Tone:
    """How a voice sounds at one moment of a call. stress: chance 0…1; rise: by how much it is above the call before
    the last six seconds (−1…1); tense_for: seconds for which it has read as tense up to now, 0 where it does not."""

    at: float
    stress: float
    rise: float
    tense_for: float


def tone_of(windows: Sequence[Window]) -> Tone | None:
    """Return how the voice sounds at the end of `windows`, in their order; None where nothing is told of now."""
    told = [one for one in windows if one.stress is not None]
    if not told or windows[-1].ends - told[-1].ends > STALE:
        return None
    newest = told[-1]
    before = [one.stress for one in told if one.stress is not None and one.ends <= newest.ends - RECENT]
    stress = newest.stress or 0.0
    usual = sum(before) / len(before) if before else stress
    tense = stretches(windows)[-1:]
    tense_for = newest.ends - tense[0].begins if tense and tense[0].last == newest else 0.0
    return Tone(newest.ends, stress, stress - usual, tense_for)


def is_tense(windows: Sequence[Window]) -> bool:
    """Tell whether the voice reads as tense at the end of `windows`: as `tone_of` would, from the newest alone."""
    return (stress_now(windows) or 0.0) >= TENSE


def stress_now(windows: Sequence[Window]) -> float | None:
    """Return the chance of stress at the end of `windows`; None where nothing is told of now."""
    newest = next((one for one in reversed(windows) if one.stress is not None), None)
    return None if newest is None or windows[-1].ends - newest.ends > STALE else newest.stress


@dataclass(frozen=True, slots=True)
class Stretch:
    """Seconds begins…ends in which a voice reads as tense; first and last of its windows, and the most tense."""

    begins: float
    ends: float
    last: Window
    strongest: Window


def stretches(windows: Sequence[Window]) -> list[Stretch]:
    """Return the stretches in which the voice reads as tense, in order, also through a few seconds of silence."""
    found: list[list[Window]] = []
    going_on = False
    for window in windows:
        since = window.ends - found[-1][-1].ends if found else 0.0
        if window.stress is None:
            going_on = going_on and since <= SILENCE
        elif window.stress < TENSE:
            going_on = False
        elif going_on and since - 1.0 <= SILENCE:  # where windows are missing, nothing is told either
            found[-1].append(window)
        else:
            found.append([window])
            going_on = True
    return [
        Stretch(
            max(group[0].ends - 1.0, group[0].begins), group[-1].ends, group[-1],  # a window tells of its last second
            max(group, key=lambda one: one.stress or 0.0),
        )
        for group in found
    ]  # fmt: skip


def stress_during(windows: Sequence[Window], begins: float, ends: float) -> float | None:
    """Return the mean chance of stress while something was said from `begins` to `ends` (seconds); None: not told."""
    during = [
        one.stress for one in windows if one.stress is not None and begins + 1.0 <= one.ends <= ends + 1.0
    ]  # fmt: skip
    return sum(during) / len(during) if during else None


def parting(stress: float | None, displeasure: float | None) -> Parting | None:
    """Return how voice and words part, of their chances 0…1 of stress and of displeasure; None where they do not."""
    if stress is None or displeasure is None:
        return None
    if stress >= TENSE and displeasure <= PLEASANT:
        return "voice_tense"
    return "voice_calm" if stress <= CALM and displeasure >= SHARP else None


def partings(
    windows: Sequence[Window], spoken: Mapping[str, tuple[float, float]], displeasure: Mapping[str, float]
) -> dict[str, Parting]:
    """Return by name in which of what was said words and voice part, in the order of time.

    spoken: when each was said (seconds); displeasure: of the words of each (0…1), where they were read.
    """
    found = {}
    for name in sorted(spoken, key=spoken.__getitem__):
        said = parting(stress_during(windows, *spoken[name]), displeasure.get(name))
        if said:
            found[name] = said
    return found
