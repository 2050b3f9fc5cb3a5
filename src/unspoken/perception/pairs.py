"""Words and voices of people who never met, brought together in pairs: from these the reliabilities of
`affect.fusion` are learnt and measured. What is assumed in that, and its weakness, stands there. Numpy only."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unspoken.affect.fusion import PRIOR, Reliability, log_odds
from unspoken.affect.tone import parting
from unspoken.perception.figures import Array, logistic

ONE_ONLY = 0.25  # of the pairs that show distress: by the voice alone, and as many by the words alone
PAIRS = 4_000
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Channel:
    """Held-out readings of one channel: chances (N,) of displeasure or stress, whether distress is shown (N,), and
    whose each is (N,): those of one owner are resampled together."""

    chance: Array
    distressed: NDArray[np.bool_]
    owner: Rows

    def of(self, rows: NDArray[np.bool_]) -> "Channel":
        """Return the readings in `rows` alone."""
        return Channel(self.chance[rows], self.distressed[rows], self.owner[rows])


@dataclass(frozen=True)
class Pairs:
    """Pairs of rows of words and of voices: chances (P,) of each, whose they are, and whether either shows distress.

    single: whether just one of the two does; apart: whether they part, so that no number is told of them."""

    displeasure: Array
    stress: Array
    distressed: NDArray[np.bool_]
    single: NDArray[np.bool_]
    apart: NDArray[np.bool_]
    owners: tuple[Rows, Rows]


def drawn(words: Channel, voices: Channel, *, seed: int, count: int = PAIRS) -> Pairs:
    """Return pairs in which words and voice are independent, given whether each shows distress."""
    random = np.random.default_rng(seed)
    shown, way = random.random(count) < PRIOR, random.random(count)
    by_words, by_voice = shown & (way >= ONE_ONLY), shown & (way < 1.0 - ONE_ONLY)
    said, heard = _rows(words, by_words, random), _rows(voices, by_voice, random)
    displeasure, stress = words.chance[said], voices.chance[heard]
    apart = [parting(*both) is not None for both in zip(stress.tolist(), displeasure.tolist(), strict=True)]
    return Pairs(
        displeasure, stress, shown, by_words ^ by_voice, np.array(apart), (words.owner[said], voices.owner[heard])
    )


def _rows(channel: Channel, shown: NDArray[np.bool_], random: np.random.Generator) -> Rows:
    with_it, without = (np.flatnonzero(channel.distressed == which) for which in (True, False))
    return np.where(shown, random.choice(with_it, len(shown)), random.choice(without, len(shown)))


def reliability(pairs: Pairs) -> Reliability:
    """Return what each channel's log-odds count for, by logistic regression: together on the pairs that do not part,
    of which alone a number is told; each alone on all."""
    odds = np.array(
        [[log_odds(one), log_odds(other)] for one, other in zip(pairs.displeasure, pairs.stress, strict=True)]
    )
    shown = pairs.distressed.astype(float)
    words, tone, added = logistic(odds[~pairs.apart], shown[~pairs.apart])
    alone = [tuple(map(float, logistic(odds[:, [column]], shown))) for column in (0, 1)]
    return Reliability(float(words), float(tone), float(added), (alone[0][0], alone[0][1]), (alone[1][0], alone[1][1]))
