"""How good the forecast is: by each beginning of a dialogue, does it know which will later express dissatisfaction?

The form of the forecast was chosen with every second rated dialogue in view (no weight was fitted to any), so that the
other half measures it: `parse_dialogues(text)[::2]`. AUROC is computed among beginnings of the same length only, so
that "long dialogues have more time to go wrong" cannot help, and averaged with the number of comparable pairs as
weight. Intervals come from resampling whole dialogues.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from unspoken.affect.reading import Reading
from unspoken.affect.repetition import askings
from unspoken.affect.trajectory import follow
from unspoken.affect.turns import Author, Turn

Reader = Callable[[Sequence[str]], Sequence[Reading | None]]
Scores = NDArray[np.float64]

OURS, WORDS, ORACLE = "forecast", "forecast, words only", "raters so far (for scale)"
PREFIXES = 10  # beginnings of one to ten customer turns
PACE = 30.0  # seconds between turns where a corpus has no times
DISSATISFIED = 3


class Line(NamedTuple):
    """One line of a rated dialogue; dissatisfied: whether half of its raters or more gave less than 3."""

    author: Author
    text: str
    dissatisfied: bool | None = None


Dialogue = Sequence[Line]


@dataclass(frozen=True, slots=True)
class Beginnings:
    """Beginnings of dialogues: scores by method (higher = worse), any later turn rated badly, length in turns,
    dialogue, corpus, next turn rated badly."""

    scores: Mapping[str, Scores]
    badly: NDArray[np.bool_]
    length: NDArray[np.int64]
    dialogue: NDArray[np.int64]
    corpus: NDArray[np.int64]
    next_badly: NDArray[np.bool_]

    def of_next_turn(self) -> "Beginnings":
        """Return the same beginnings with the very next turn, not any later one, as outcome."""
        return replace(self, badly=self.next_badly)


class Result(NamedTuple):
    """AUROC of one method with its 95 % interval, and by length of beginning."""

    method: str
    auroc: float
    low: float
    high: float
    by_length: Mapping[int, float]


class Comparison(NamedTuple):
    """Each method's result, and the forecast's lead in AUROC over each other method: value, and its 95 % interval."""

    results: list[Result]
    leads: Mapping[str, tuple[float, float, float]]


def parse_dialogues(text: str) -> list[Dialogue]:
    """Return the dialogues of a tab-separated file: role, text, action, ratings; a blank line between dialogues."""
    dialogues: list[Dialogue] = []
    for block in text.split("\n\n"):
        rows = [row.split("\t") for row in block.splitlines() if row.strip()]
        lines = [_line(row) for row in rows if len(row) >= 2 and row[1] != "OVERALL"]
        if lines:
            dialogues.append(lines)
    return dialogues


def _line(row: Sequence[str]) -> Line:
    if row[0] != "USER":
        return Line("agent", row[1])
    ratings = [int(rating) for rating in row[3].split(",")] if len(row) > 3 and row[3] else []
    low = sum(rating < DISSATISFIED for rating in ratings)
    return Line("customer", row[1], 2 * low >= len(ratings) > 0)


def beginnings(dialogues: Sequence[Dialogue], read: Reader) -> Beginnings:
    """Return every beginning of one to ten customer turns, read by `read` and scored by each method.

    A beginning ends just before the next customer turn, so our answer is part of it.
    """
    texts = [line.text for dialogue in dialogues for line in dialogue if line.author == "customer"]
    readings = iter(read(texts))
    rows: list[tuple[dict[str, float], bool, int, int, bool]] = []
    for number, dialogue in enumerate(dialogues):
        turns = [_turn(place, line, readings) for place, line in enumerate(dialogue)]
        starts = [place for place, line in enumerate(dialogue) if line.author == "customer"]
        for length, following in enumerate(starts[1 : PREFIXES + 1], start=1):
            badly = any(bool(line.dissatisfied) for line in dialogue[following:])
            marks = [bool(line.dissatisfied) for line in dialogue[:following] if line.author == "customer"]
            scores = _score(turns[:following]) | {ORACLE: sum(marks) / length}
            rows.append((scores, badly, length, number, bool(dialogue[following].dissatisfied)))
    methods = rows[0][0] if rows else {}
    return Beginnings(
        {method: np.array([row[0][method] for row in rows]) for method in methods},
        np.array([row[1] for row in rows], dtype=np.bool_),
        np.array([row[2] for row in rows], dtype=np.int64),
        np.array([row[3] for row in rows], dtype=np.int64),
        np.zeros(len(rows), dtype=np.int64),
        np.array([row[4] for row in rows], dtype=np.bool_),
    )


def _turn(place: int, line: Line, readings: Iterator[Reading | None]) -> Turn:
    reading = next(readings) if line.author == "customer" else None
    return Turn.of(f"{place:04d}", place * PACE, line.author, line.text, reading)


def _score(turns: Sequence[Turn]) -> dict[str, float]:
    valences = np.array([turn.reading.valence for turn in turns if turn.reading is not None] or [0.0])
    places = np.arange(len(valences)) - (len(valences) - 1) / 2
    slope = float(places @ valences / (places @ places)) if len(valences) > 1 else 0.0
    return {
        OURS: follow(turns).ends_badly,
        WORDS: follow([turn for turn in turns if turn.author == "customer"]).ends_badly,
        "mean valence": -float(valences.mean()),
        "last valence": -float(valences[-1]),
        "slope of valence": -slope,
    }


def together(parts: Sequence[Beginnings]) -> Beginnings:
    """Return the beginnings of several corpora as one; each is still compared only with those of its own corpus."""
    dialogues = np.cumsum([0] + [int(part.dialogue.max(initial=-1)) + 1 for part in parts])
    return Beginnings(
        {method: np.concatenate([part.scores[method] for part in parts]) for method in parts[0].scores},
        np.concatenate([part.badly for part in parts]),
        np.concatenate([part.length for part in parts]),
        np.concatenate([part.dialogue + first for part, first in zip(parts, dialogues, strict=False)]),
        np.concatenate([part.corpus + place for place, part in enumerate(parts)]),
        np.concatenate([part.next_badly for part in parts]),
    )


def auroc(scores: Scores, badly: NDArray[np.bool_]) -> float:
    """Return the chance (0…1) that a bad one scores higher than a good one, ties counting half; NaN without both."""
    positives = int(badly.sum())
    negatives = len(badly) - positives
    if not positives or not negatives:
        return float("nan")
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = np.cumsum(counts) - (counts - 1) / 2
    return float((ranks[inverse][badly].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def by_length(of: Beginnings, method: str, rows: NDArray[np.int64] | None = None) -> tuple[float, dict[int, float]]:
    """Return the AUROC of `method` over beginnings of equal length, and for each length; rows: those resampled."""
    chosen = np.arange(len(of.badly)) if rows is None else rows
    order = chosen[np.argsort(of.corpus[chosen] * 100 + of.length[chosen], kind="stable")]
    strata, starts = np.unique(of.corpus[order] * 100 + of.length[order], return_index=True)
    won: dict[int, float] = {}
    pairs: dict[int, int] = {}
    for stratum, same in zip(strata.tolist(), np.split(order, starts[1:]), strict=True):
        bad = int(of.badly[same].sum())
        comparable = bad * (len(same) - bad)
        if comparable:
            length = stratum % 100
            won[length] = won.get(length, 0.0) + comparable * auroc(of.scores[method][same], of.badly[same])
            pairs[length] = pairs.get(length, 0) + comparable
    value = sum(won.values()) / sum(pairs.values()) if pairs else float("nan")
    return value, {length: won[length] / pairs[length] for length in sorted(won)}


def compare(of: Beginnings, *, resamples: int = 500, seed: int = 0) -> Comparison:
    """Return how well each method separates, with intervals from `resamples` draws of whole dialogues."""
    members = [np.flatnonzero(of.dialogue == number) for number in np.unique(of.dialogue)]
    random = np.random.default_rng(seed)
    drawn: dict[str, list[float]] = {method: [] for method in of.scores}
    for _ in range(resamples):
        rows = np.concatenate([members[place] for place in random.integers(0, len(members), len(members))])
        for method, values in drawn.items():
            values.append(by_length(of, method, rows)[0])
    results = []
    for method in of.scores:
        value, lengths = by_length(of, method)
        results.append(Result(method, value, *_interval(np.array(drawn[method])), lengths))
    ours = np.array(drawn[OURS])
    leads = {
        result.method: (results[0].auroc - result.auroc, *_interval(ours - np.array(drawn[result.method])))
        for result in results[1:]
    }
    return Comparison(results, leads)


def _interval(values: Scores) -> tuple[float, float]:
    low, high = np.nanpercentile(values, (2.5, 97.5))
    return float(low), float(high)


class Recognition(NamedTuple):
    """Share 0…1 of repeated questions that are found, and of different questions that are taken for repeated."""

    found: float
    mistaken: float


def recognition(pairs: Sequence[tuple[bool, str, str]], read: Reader) -> Recognition:
    """Return how well `askings` tells a question asked again (True) from another one, each pair read by `read`."""
    readings = iter(read([text for _, *texts in pairs for text in texts]))
    again = {True: [0, 0], False: [0, 0]}
    for same, first, second in pairs:
        turns = [
            Turn.of(str(place), place, "customer", text, next(readings)) for place, text in enumerate((first, second))
        ]
        again[same][0] += askings(turns)[1][0] > 1
        again[same][1] += 1
    return Recognition(*(hits / max(count, 1) for hits, count in (again[True], again[False])))


def parse_questions(text: str) -> list[tuple[bool, str, str]]:
    """Return the pairs of a tab-separated file: 1 (the same is asked) or 0, first text, second text."""
    rows = [line.split("\t") for line in text.splitlines() if line.strip()]
    return [(row[0] == "1", row[1], row[2]) for row in rows]


def calibration(of: Beginnings, bins: int = 5) -> list[tuple[float, float, int]]:
    """Return (mean forecast, share that did end badly, beginnings) in `bins` equally filled groups, lowest first."""
    order = np.argsort(of.scores[OURS], kind="stable")
    return [
        (float(of.scores[OURS][group].mean()), float(of.badly[group].mean()), len(group))
        for group in np.array_split(order, bins)
        if len(group)
    ]
