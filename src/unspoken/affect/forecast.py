"""The chance that a conversation ends badly, as a sum of log-odds with weights set by hand.

No weight was fitted to rated dialogues: each is a round judgement that can be read, argued with and measured
(`evaluation.py`). What we did (asking back, refusing, not understanding, saying the same again, letting wait, breaking
a promise) stands beside what was expressed, because it comes before the words that it leads to.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

from unspoken.affect.turns import Turn
from unspoken.affect.waiting import Waits

PRIOR = -1.6
"""Log-odds before any sign. With the signs of an ordinary beginning (we ask something back, nobody is upset) about one
conversation in five goes badly at some point."""

MOST = 4  # of a kind: a fifth refusal says no more than a fourth


class Signs(NamedTuple):
    """What a forecast looks at, from the beginning of a conversation up to now.

    turns: customer turns read. level: mean valence -1…1 of all of them. displeasure: mean chance 0…1 that frustration,
    disappointment or anger is expressed; recent: chance that the newest turn is dissatisfied with us; pleased, thanks:
    mean chance that a turn is satisfied with us, that it thanks. repeats: times the same thing was asked beyond the
    first. impatience: longest wait in multiples of what is acceptable. broken: promises not kept. refusals,
    misunderstandings, stuck: our turns that said no, did not understand, or said the same as an earlier one. questions:
    share 0…1 of our turns that asked back. refused, asked, leaving: whether the newest turn says no, asks back, takes
    leave.
    """

    turns: int = 0
    level: float = 0.0
    displeasure: float = 0.0
    recent: float = 0.0
    pleased: float = 0.0
    thanks: float = 0.0
    repeats: int = 0
    impatience: float = 0.0
    broken: int = 0
    refusals: int = 0
    misunderstandings: int = 0
    stuck: int = 0
    questions: float = 0.0
    refused: bool = False
    asked: bool = False
    leaving: bool = False


def because(signs: Signs) -> dict[str, float]:
    """Return the log-odds that each sign adds to (or takes from) the prior; each part is monotone in its sign.

    What was expressed counts as if one neutral turn had come before, so that a single word cannot decide. Thanks and
    satisfaction say that a need was met, and say it best; a complaint that has been dealt with says little, one that
    stands unanswered more. Valence as a whole says least, because plain questions and statements have a valence too.
    Asking back instead of answering is effort for
    the customer and leaves the end far. Taking leave brings it near, and little can go wrong after it.
    """
    seen = signs.turns / (signs.turns + 1.0)
    return {
        "level": -0.25 * seen * signs.level,
        "displeasure": 0.5 * seen * signs.displeasure,
        "recent": 1.0 * signs.recent,
        "pleased": -1.5 * seen * signs.pleased,
        "thanks": -1.0 * seen * signs.thanks,
        "repeats": 0.4 * min(signs.repeats, MOST),
        "waiting": 0.4 * math.log2(1.0 + min(max(0.0, signs.impatience - 1.0), 31.0)),
        "broken_promise": 0.8 * min(signs.broken, 2),
        "refusals": 0.1 * min(signs.refusals, MOST) + 0.4 * signs.refused,
        "misunderstandings": 0.6 * min(signs.misunderstandings, MOST),
        "stuck": 0.6 * min(signs.stuck, MOST),
        "questions": 1.0 * signs.questions + 0.2 * signs.asked,
        "leaving": -0.5 * signs.leaving,
    }


def ends_badly(signs: Signs) -> float:
    """Return the chance (0…1) that a later turn expresses dissatisfaction."""
    return 1.0 / (1.0 + math.exp(-PRIOR - sum(because(signs).values())))


def signs_of(turns: Sequence[Turn], *, repeats: int, waits: Waits, patience: float) -> Signs:
    """Return the signs of a conversation given in order; repeats: times one thing was asked; patience: seconds."""
    readings = [turn.reading for turn in turns if turn.reading is not None]
    count = len(readings)
    ours = [turn for turn in turns if turn.author in ("agent", "bot")]
    newest = turns[-1] if turns else None
    said = [turn.text_key for turn in ours if turn.text_key]
    signs = Signs(
        repeats=max(repeats - 1, 0),
        impatience=waits.longest / patience,
        broken=sum(wait.broken is not None for wait in waits.at),
        refusals=sum(turn.refused for turn in ours),
        misunderstandings=sum(turn.misunderstood for turn in ours),
        stuck=len(said) - len(set(said)),
        questions=sum(turn.asked for turn in ours) / max(len(ours), 1),
        refused=newest is not None and newest.refused,
        asked=newest is not None and newest.asked,
        leaving=newest is not None and newest.closing,
    )
    if not count:
        return signs
    return signs._replace(
        turns=count,
        level=sum(reading.valence for reading in readings) / count,
        displeasure=sum(reading.displeasure for reading in readings) / count,
        recent=readings[-1].dissatisfied,
        pleased=sum(reading.satisfied for reading in readings) / count,
        thanks=sum(reading.thanks for reading in readings) / count,
    )
