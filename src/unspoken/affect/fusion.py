"""Words and tone of voice together: the chance that what somebody said expresses distress, where both agree.

Late fusion: each channel is read and calibrated for itself, and only their log-odds are added, each by its reliability.
Nobody has calls labelled in words *and* tone, so the reliabilities rest on each channel's own held-out data, brought
together in pairs: service messages that served no model but for its calibration, as the text model reads them, beside
acted voices (angry or afraid; neutral or happy) by heads that never heard the speaker. `python -m training.voice.fuse`
draws the pairs and prints what stands below; `unspoken evaluate voice` measures it on other messages and speakers.

What is assumed, and may be wrong:

- Given whether distress is shown, words and voice are independent. In life a slip of the line spoils both, and whoever
  is very upset is so in both: two channels that agree say less than is counted here.
- Three pairs of ten show distress, and of those a quarter by the voice alone (unspoken) and a quarter by the words
  alone (sharp words, calmly said). Both shares were set by hand; no data tell them.
- Messages were written, not spoken, and voices are acted: on real calls both are less reliable than here.

So the chance orders what to look at; that six of ten with 0.6 are distressed is not promised.

Where words and voice part (`tone.parting`) no number is given: an average would hide what is unspoken. Both are told.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, NamedTuple

from unspoken.affect.tone import Parting, Window, parting, stress_during, stress_now

Noise = Literal["clean", "telephone"]
"""How a voice came: as recorded in quiet, or through a telephone with noise 5 to 20 dB below it."""

Says = Literal["words", "voice", "both", ""]
"""Which channel speaks for distress: makes it likelier than it was before; '': neither."""

PRIOR = 0.3  # chance of distress before anything is heard, in the pairs
SUREST = 0.99  # a channel that is surer than this counts as this sure
DISTRESS = 0.6  # chance from which words and voice together are said to express distress
FRESH = 20.0  # seconds within which what was said last still stands


class Reliability(NamedTuple):
    """What log-odds of each channel count for. words, tone: factors where both are read, and what is added to their
    sum; words_alone, tone_alone: factor and addend of one where the other is not read."""

    words: float
    tone: float
    added: float
    words_alone: tuple[float, float]
    tone_alone: tuple[float, float]

    def of_words(self, displeasure: float) -> float:
        """Return the chance (0…1) of distress by the words alone."""
        return _chance(self.words_alone[0] * log_odds(displeasure) + self.words_alone[1])

    def of_tone(self, stress: float) -> float:
        """Return the chance (0…1) of distress by the tone alone."""
        return _chance(self.tone_alone[0] * log_odds(stress) + self.tone_alone[1])

    def of_both(self, displeasure: float, stress: float) -> float:
        """Return the chance (0…1) of distress by words and tone together."""
        return _chance(self.words * log_odds(displeasure) + self.tone * log_odds(stress) + self.added)


RELIABILITY: Mapping[Noise, Reliability] = MappingProxyType(
    {
        "clean": Reliability(0.67, 0.54, 0.41, (0.59, 0.31), (0.52, -0.65)),
        "telephone": Reliability(0.64, 0.52, 0.41, (0.59, 0.31), (0.5, -0.65)),
    }
)
"""As `python -m training.voice.fuse` printed them."""


@dataclass(frozen=True, slots=True)
class Fused:
    """What words and tone together say. chance: 0…1 that what was said expresses distress, None where they part or
    neither was read; says: which of them speaks for it; parting: how they part."""

    chance: float | None
    says: Says = ""
    parting: Parting | None = None


def fused(
    displeasure: float | None, stress: float | None, *, noise: Noise,
    trust: Mapping[Noise, Reliability] = RELIABILITY,
) -> Fused:  # fmt: skip
    """Return what words and tone say together, of their chances (0…1) of displeasure and of stress; None: not read.

    noise: how the voice came. Where one was not read the other stands alone, by its own reliability.
    """
    trusted = trust[noise]
    words = None if displeasure is None else trusted.of_words(displeasure)
    tone = None if stress is None else trusted.of_tone(stress)
    says = _says(words, tone)
    apart = parting(stress, displeasure)
    if apart:
        return Fused(None, says, apart)
    if displeasure is not None and stress is not None:
        return Fused(trusted.of_both(displeasure, stress), says)
    return Fused(tone if words is None else words, says)


def together(
    windows: Sequence[Window], spoken: Mapping[str, tuple[float, float]], displeasure: Mapping[str, float], *,
    noise: Noise,
) -> dict[str, Fused]:  # fmt: skip
    """Return by name what words and tone say together of all that was said and read in both, in the order of time.

    spoken: when each was said (seconds); displeasure: of the words of each (0…1), where they were read.
    """
    found = {}
    for name in sorted(spoken, key=spoken.__getitem__):
        stress = stress_during(windows, *spoken[name])
        if stress is not None and name in displeasure:
            found[name] = fused(displeasure[name], stress, noise=noise)
    return found


def said_last(
    windows: Sequence[Window], spoken: Mapping[str, tuple[float, float]], displeasure: Mapping[str, float], *,
    until: float, noise: Noise,
) -> Fused:  # fmt: skip
    """Return what words and tone say at second `until` of a call: of what was said last, while that is fresh.

    Where nothing was written down lately, the tone stands alone, as it sounds now.
    """
    newest = max(spoken, key=lambda name: spoken[name][1], default=None)
    if newest is None or until - spoken[newest][1] > FRESH:
        return fused(None, stress_now(windows), noise=noise)
    return fused(displeasure.get(newest), stress_during(windows, *spoken[newest]), noise=noise)


def log_odds(chance: float) -> float:
    """Return the log-odds of a chance 0…1, of at most 99 to 1 either way."""
    kept = min(max(chance, 1.0 - SUREST), SUREST)
    return math.log(kept / (1.0 - kept))


def _chance(odds: float) -> float:
    return 1.0 / (1.0 + math.exp(-odds))


def _says(words: float | None, tone: float | None) -> Says:
    by_words, by_tone = (words or 0.0) > PRIOR, (tone or 0.0) > PRIOR
    if by_words:
        return "both" if by_tone else "words"
    return "voice" if by_tone else ""
