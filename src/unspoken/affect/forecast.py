"""The chance that a conversation ends badly, as a sum of log-odds with weights set by hand.

Nothing here was fitted: each weight is a judgement that can be read, argued with and measured (`make evaluate`).
"""

import math
from typing import NamedTuple


class Signs(NamedTuple):
    """What a forecast looks at, from the beginning of a conversation up to now.

    mean: mean valence -1…1 of all turns read; lowest: lowest valence; displeasure: mean, and recent: newest, chance
    0…1 that frustration, disappointment, anger or confusion is expressed; repeats: times the same thing was asked
    beyond the first; impatience: longest wait in multiples of what is acceptable; broken: promises not kept;
    refusals: our turns that said no; refused_last: whether our newest turn did; turns: customer turns read.
    """

    mean: float = 0.0
    lowest: float = 0.0
    displeasure: float = 0.0
    recent: float = 0.0
    repeats: int = 0
    impatience: float = 0.0
    broken: int = 0
    refusals: int = 0
    refused_last: bool = False
    turns: int = 0


PRIOR = -1.6
"""Log-odds of an ordinary conversation: about one in six goes badly at some point."""


def because(signs: Signs) -> dict[str, float]:
    """Return the log-odds that each sign adds to (or takes from) the prior, every part monotone in its sign.

    The level is the steadiest sign and weighs most; it counts as if one neutral turn had come before, so that a single
    word cannot decide. One bad turn stays remembered (`lowest`) after polite ones. What we did (refusing, letting
    wait, breaking a promise, making people repeat themselves) comes before the words it leads to.
    """
    shrink = signs.turns / (signs.turns + 1.0)
    return {
        "level": -1.5 * shrink * signs.mean,
        "lowest": 0.7 * max(0.0, -signs.lowest),
        "displeasure": 2.5 * shrink * signs.displeasure,
        "recent": 1.0 * signs.recent,
        "repeats": 0.4 * min(signs.repeats, 4),
        "waiting": 0.4 * math.log2(1.0 + min(max(0.0, signs.impatience - 1.0), 31.0)),
        "broken_promise": 0.8 * min(signs.broken, 2),
        "refusals": 0.4 * min(signs.refusals, 4),
        "refused_last": 0.4 * signs.refused_last,
    }


def ends_badly(signs: Signs) -> float:
    """Return the chance (0…1) that a later turn expresses dissatisfaction."""
    return 1.0 / (1.0 + math.exp(-PRIOR - sum(because(signs).values())))
