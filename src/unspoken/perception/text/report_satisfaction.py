"""Measure how well dissatisfied turns of real service dialogues are told, with a linear head on the reading.

USS (Sun et al., SIGIR 2021): user turns rated by people; evaluation only, since no licence is stated for the ratings.
The head is a logistic regression on the sentence embedding and the reading's numbers, fitted and tested by dialogue in
ten folds; the threshold of F1 comes from the other folds. With context, the system's last line and what was read of the
user's earlier turns are features too, and short turns are read together with what came before.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from unspoken.affect.reading import Reading
from unspoken.affect.vocabulary import LABELS, SERVICE
from unspoken.perception import figures as measure
from unspoken.perception.figures import Array, Line, with_interval
from unspoken.perception.text.context import Context
from unspoken.perception.text.corpora import SATISFACTION_SETS
from unspoken.perception.text.report import Reader

FOLDS = 10
RIDGE = 30.0
_MEMORY = 0.5  # of earlier turns: each counts half of the next one


@dataclass(frozen=True, slots=True)
class RatedTurn:
    """A user's turn with what came before it in its dialogue."""

    dialogue: int
    text: str
    context: Context
    dissatisfied: bool


def rated_turns(folder: Path, name: str) -> list[RatedTurn]:
    """Read a USS set: user turns, their contexts, and whether half their ratings or more are below 3."""
    found: list[RatedTurn] = []
    dialogue, agent, before = 0, "", list[str]()
    with (folder / "uss/dataset" / f"{name}.txt").open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            fields = line.rstrip("\n").split("\t")
            if len(fields) < 2:
                dialogue, agent, before = dialogue + 1, "", []
            elif fields[0] == "SYSTEM":
                agent = fields[1]
            elif fields[0] == "USER" and fields[1] != "OVERALL":
                ratings = [int(rating) for rating in fields[3].split(",")] if len(fields) > 3 and fields[3] else []
                if ratings:
                    low = 2 * sum(rating < 3 for rating in ratings) >= len(ratings)
                    found.append(RatedTurn(dialogue, fields[1], Context(agent, tuple(before)), low))
                before.append(fields[1])
    return found


def satisfaction_lines(reader: Reader, data: Path) -> Iterator[Line]:
    """Yield AUROC and F1 of each set, from the message alone and with its context."""
    for name in SATISFACTION_SETS:
        turns = rated_turns(data, name)
        truth = np.array([turn.dissatisfied for turn in turns])
        corpus = f"USS {name}, {len(turns):,} user turns, linear head, {FOLDS} folds by dialogue"
        for words, features in (("message alone", _alone(reader, turns)), ("with context", _in_context(reader, turns))):
            scores, said = _cross_validated(features, truth, np.array([turn.dialogue for turn in turns]))
            yield Line(corpus, f"AUROC, {words}", with_interval(measure.auroc, scores, truth, draws=200))
            yield Line(
                corpus, f"F1, {words}", with_interval(measure.macro_f1, said[:, None], truth[:, None], draws=200)
            )


def _numbers(found: Sequence[Reading | None]) -> Array:
    """Return a row per reading: embedding (384), label and mark log-odds, valence, arousal."""
    rows = np.zeros((len(found), 384 + len(LABELS) + len(SERVICE) + 2))
    for place, read in enumerate(found):
        if read is not None and read.embedding is not None:
            chances = np.clip([*read.labels.values(), *read.service.values()], 1e-4, 1 - 1e-4)
            rows[place] = [*(read.embedding * 4), *np.log(chances / (1 - chances)), read.valence, read.arousal]
    return rows


def _alone(reader: Reader, turns: Sequence[RatedTurn]) -> Array:
    return _numbers(list(reader.readings([turn.text for turn in turns])))


def _in_context(reader: Reader, turns: Sequence[RatedTurn]) -> Array:
    read = _numbers(list(reader.readings([turn.text for turn in turns], [turn.context for turn in turns])))
    answers = list(dict.fromkeys(turn.context.agent for turn in turns))
    place = {text: row for row, text in enumerate(answers)}
    embedded = _numbers(list(reader.readings(answers)))[:, :384]
    agent = embedded[[place[turn.context.agent] for turn in turns]]
    earlier = np.zeros((len(turns), read.shape[1] - 384 + 1))
    for row in range(1, len(turns)):
        if turns[row].dialogue == turns[row - 1].dialogue:
            earlier[row, :-1] = _MEMORY * earlier[row - 1, :-1] + (1 - _MEMORY) * read[row - 1, 384:]
            earlier[row, -1] = 4 * float(read[row, :384] @ read[row - 1, :384]) / 16
    return np.hstack([read, agent, earlier])


def _cross_validated(features: Array, truth: NDArray[np.bool_], groups: NDArray[np.int64]) -> tuple[Array, Array]:
    """Return the score of each row by the fold that did not see it, and the decision at the other folds' threshold."""
    fold = groups * 2_654_435_761 % 2**32 % FOLDS
    scores = np.empty(len(truth))
    for number in range(FOLDS):
        held = fold == number
        weights = measure.logistic(features[~held], truth[~held].astype(float), ridge=RIDGE)
        scores[held] = features[held] @ weights[:-1] + weights[-1]
    chance = 1 / (1 + np.exp(-scores))
    said = np.zeros(len(truth), bool)
    for number in range(FOLDS):
        held = fold == number
        said[held] = chance[held] >= measure.best_thresholds(chance[~held, None], truth[~held, None], draws=10)[0]
    return scores, said
