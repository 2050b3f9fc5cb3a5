"""Measure the text model on public corpora; all of it through the perceiver, as the product uses it."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from unspoken.affect.reading import Producer, Reading
from unspoken.affect.vocabulary import CX, LABELS
from unspoken.perception import figures as measure
from unspoken.perception.figures import Array, Figure, Line, with_interval
from unspoken.perception.text.calibration import CX_WEIGHTS
from unspoken.perception.text.context import NOTHING_BEFORE, Context
from unspoken.perception.text.corpora import (
    RATINGS,
    SATISFACTION_SETS,
    emobank,
    goemotions,
    satisfaction_turns,
    semeval,
    snippets,
)
from unspoken.perception.text.perceiver import TextPerceiver
from unspoken.perception.text.signal import TextSignal

Polarity = Callable[[str], float]
DISSATISFIED = ("anger", "annoyance", "disappointment", "disapproval", "disgust")
ENOUGH_ROWS = 40  # below this a label's F1 says little
_AT_ONCE = 2_048
_DELETIONS = 1_000
_OTHER_WORDS = 4


@dataclass(frozen=True, slots=True)
class Report:
    """All figures, and per label: F1, threshold and test rows."""

    producer: Producer
    lines: tuple[Line, ...]
    labels: tuple[tuple[str, float, float, int], ...]


class Reader:
    """Reads texts with the perceiver, also those that it would abstain from: a corpus is measured in all of its rows.

    A text without a word that is known expresses nothing.
    """

    def __init__(self, perceiver: TextPerceiver) -> None:
        self.perceiver = perceiver

    def readings(self, texts: Sequence[str], contexts: Sequence[Context] = ()) -> Iterator[Reading | None]:
        """Yield the reading of each text, in its context where one is given, or None."""
        beside = contexts or [NOTHING_BEFORE] * len(texts)
        signals = [TextSignal(text, context=context) for text, context in zip(texts, beside, strict=True)]
        for start in range(0, len(signals), _AT_ONCE):
            for outcome in self.perceiver.read(signals[start : start + _AT_ONCE], force=True):
                yield outcome if isinstance(outcome, Reading) else None

    def are_read(self, texts: Sequence[str]) -> NDArray[np.bool_]:
        """Return which texts the product does not abstain from."""
        outcomes = self.perceiver.read([TextSignal(text) for text in texts])
        return np.array([isinstance(outcome, Reading) for outcome in outcomes])

    def labels(self, texts: Sequence[str]) -> Array:
        """Return label probabilities (N, 28)."""
        distinct = {text: row for row, text in enumerate(dict.fromkeys(texts))}
        nothing = dict.fromkeys(LABELS, 0.0)
        rows = (reading.labels if reading else nothing for reading in self.readings(list(distinct)))
        table = np.array([[row[label] for label in LABELS] for row in rows])
        return table[[distinct[text] for text in texts]]

    def scales(self, texts: Sequence[str]) -> Array:
        """Return valence and arousal (N, 2)."""
        return np.array([(read.valence, read.arousal) if read else (0.0, 0.5) for read in self.readings(texts)])


def measured(perceiver: TextPerceiver, data: Path, polarity: Polarity | None = None) -> Report:
    """Return every figure; `data` holds goemotions/, emobank/, vader-gt/ and uss/; `polarity` is VADER, if there."""
    reader = Reader(perceiver)
    lines, labels = _emotions(reader, data)
    lines += _scales(reader, data, polarity)
    lines += _dissatisfaction(reader, data, polarity)
    return Report(perceiver.producer, tuple(lines), tuple(labels))


def _emotions(reader: Reader, data: Path) -> tuple[list[Line], list[tuple[str, float, float, int]]]:
    test = goemotions(data, "test")
    truth = test.labels > 0
    found = list(reader.readings(test.texts))
    probability = np.array([[read.labels[label] if read else 0.0 for label in LABELS] for read in found])
    thresholds = np.array([reader.perceiver.thresholds[label] for label in LABELS])
    half, tuned = probability >= 0.5, probability >= thresholds
    rows = truth.sum(axis=0)
    common = rows >= ENOUGH_ROWS
    seen = {text for split in ("train", "dev") for text in goemotions(data, split).texts}
    unseen = np.array([text not in seen for text in test.texts])
    corpus = f"GoEmotions test, {len(test.texts):,} rows"
    best = probability.argmax(axis=1)
    right = truth[np.arange(len(best)), best]
    figures = {
        "macro-F1, thresholds of development": with_interval(measure.macro_f1, tuned, truth),
        "micro-F1, thresholds of development": with_interval(measure.micro_f1, tuned, truth),
        "macro-F1, all thresholds 0.5": with_interval(measure.macro_f1, half, truth),
        "micro-F1, all thresholds 0.5": with_interval(measure.micro_f1, half, truth),
        "macro-F1, all thresholds 0.5, of the scores before calibration, as others publish it": with_interval(
            measure.macro_f1, probability >= reader.perceiver.uncalibrated_half, truth
        ),
        f"macro-F1 of the {common.sum()} labels with {ENOUGH_ROWS} rows or more": with_interval(
            measure.macro_f1, tuned[:, common], truth[:, common]
        ),
        f"macro-F1 without the {(~unseen).sum()} texts that also occur in train or dev": with_interval(
            measure.macro_f1, tuned[unseen], truth[unseen]
        ),
        "calibration error of the likeliest label": with_interval(
            measure.calibration_error, probability.max(axis=1), right
        ),
        "calibration error over all labels": with_interval(
            lambda chances, hits: measure.calibration_error(chances.ravel(), hits.ravel()),
            probability,
            truth,
            draws=100,
        ),
        **_prediction_sets(reader, found, truth),
        **_confidence(found, truth),
        **_faithfulness(reader, test.texts, found),
        "share of the texts that is read in the product": with_interval(_mean, reader.are_read(test.texts)),
    }
    f1 = measure.label_f1(tuned, truth)
    table = [(label, float(f1[i]), float(thresholds[i]), int(rows[i])) for i, label in enumerate(LABELS)]
    return [Line(corpus, what, figure) for what, figure in figures.items()], table


def _prediction_sets(reader: Reader, found: Sequence[Reading | None], truth: NDArray[np.bool_]) -> dict[str, Figure]:
    """Return how often a true label is in the prediction set, as the mean over labels, and how large that set is."""
    sets = [set(reader.perceiver.possible(read)) if read else set() for read in found]
    inside = np.array([[label in one for label in LABELS] for one in sets])

    def coverage(within: NDArray[np.bool_], true: NDArray[np.bool_]) -> float:
        return float(np.mean((within & true).sum(axis=0) / np.maximum(1, true.sum(axis=0))))

    return {
        "true labels that are in the prediction set (90 % aimed at)": with_interval(coverage, inside, truth, draws=100),
        "labels in the prediction set": with_interval(_mean, inside.sum(axis=1).astype(float)),
    }


def _confidence(found: Sequence[Reading | None], truth: NDArray[np.bool_]) -> dict[str, Figure]:
    """Return how often the top CX category was chosen by people, and the calibration error of `confidence`."""
    chosen = (truth.astype(float) @ (CX_WEIGHTS >= 0.5).T) > 0
    names = list(CX)
    right = np.array([bool(read and row[names.index(read.top)]) for read, row in zip(found, chosen, strict=True)])
    confidence = np.array([read.confidence if read else 0.0 for read in found])
    return {
        "accuracy of the top CX category": with_interval(_mean, right),
        "calibration error of the confidence": with_interval(measure.calibration_error, confidence, right),
    }


def _faithfulness(reader: Reader, texts: Sequence[str], found: Sequence[Reading | None]) -> dict[str, Figure]:
    """Return comprehensiveness and sufficiency (ERASER; DeYoung et al., ACL 2020) of the spans of the likeliest label:
    the probability it loses without its spans, and with them alone; and the same for as many other words by chance."""
    random = np.random.default_rng(0)
    cases: list[tuple[list[str], int, float]] = []
    for text, read in zip(texts, found, strict=True):
        if not read or not read.spans or len(cases) == _DELETIONS:
            continue
        label = read.spans[0].label
        words = [(word.start(), word.end()) for word in re.finditer(r"\w+(?:['’]\w+)*", text)]
        carried = [
            (start, end) for start, end in words
            if any(one.start <= start < one.end for one in read.spans if one.label == label)
        ]  # fmt: skip
        others = [word for word in words if word not in carried]
        if len(others) >= max(_OTHER_WORDS, len(carried)):
            drawn = [others[place] for place in random.choice(len(others), len(carried), replace=False)]
            changed = [_without(text, carried), _only(text, carried), _without(text, drawn), _only(text, drawn)]
            cases.append((changed, LABELS.index(label), read.labels[label]))
    names = ("comprehensiveness: loss of probability without its words", "sufficiency: loss with its words alone",
             "the first for words drawn by chance", "the second for words drawn by chance")  # fmt: skip
    figures = {}
    for place, what in enumerate(names):
        after = reader.labels([changed[place] for changed, _, _ in cases])
        lost = np.array([before - after[row, label] for row, (_, label, before) in enumerate(cases)])
        figures[what] = with_interval(_mean, lost)
    return figures


def _without(text: str, words: Sequence[tuple[int, int]]) -> str:
    kept, at = [], 0
    for start, end in sorted(words):
        kept.append(text[at:start])
        at = end
    return "".join((*kept, text[at:]))


def _only(text: str, words: Sequence[tuple[int, int]]) -> str:
    return " ".join(text[start:end] for start, end in sorted(words))


def _mean(values: Array) -> float:
    return float(values.mean())


def _scales(reader: Reader, data: Path, polarity: Polarity | None) -> Iterator[Line]:
    rated = emobank(data, "test")
    found = reader.scales(rated.texts)
    truth = rated.ratings.astype(float)
    corpus = f"EmoBank test, {len(rated.texts):,} rows"
    for column, name in enumerate(("valence", "arousal")):
        figure = with_interval(measure.correlation, found[:, column], truth[:, column])
        peer = _polarities(polarity, rated.texts) if name == "valence" else None
        yield _beside_vader(corpus, f"{name}, Pearson's r", figure, measure.correlation, peer, truth[:, column])
    strong = semeval(data, "dev")
    said = np.array(
        [read.intensity if read and read.intensity is not None else 0.0 for read in reader.readings(strong.texts)]
    )
    figure = with_interval(measure.correlation, said, strong.ratings[:, RATINGS.index("intensity")].astype(float))
    yield Line(f"SemEval-2025 task 11, English dev, {len(said)} rows", "intensity, Pearson's r", figure)
    for file, name in (("amazonReviewSnippets", "Amazon review snippets"), ("tweets", "Tweets")):
        human = snippets(data, file)
        valence = human.ratings[:, 0].astype(float)
        figure = with_interval(measure.correlation, reader.scales(human.texts)[:, 0], valence)
        peer = _polarities(polarity, human.texts)
        corpus = f"{name}, {len(human.texts):,} rows, never trained on"
        yield _beside_vader(corpus, "valence, Pearson's r", figure, measure.correlation, peer, valence)


def _dissatisfaction(reader: Reader, data: Path, polarity: Polarity | None) -> Iterator[Line]:
    for name in SATISFACTION_SETS:
        texts, bad = zip(*satisfaction_turns(data, name), strict=True)
        truth = np.array(bad)
        found = list(reader.readings(texts))
        said = np.array([[read.labels[label] if read else 0.0 for label in DISSATISFIED] for read in found])
        score = 1 - np.prod(1 - said, axis=1)
        figure = with_interval(measure.auroc, score, truth, draws=200)
        peer = _polarities(polarity, texts)
        corpus = f"USS {name}, {len(texts):,} user turns, {truth.mean():.1%} dissatisfied, never trained on"
        less = None if peer is None else -peer
        yield _beside_vader(corpus, "dissatisfied turn, AUROC", figure, measure.auroc, less, truth)
        marked = np.array([read.service["dissatisfied"] if read else 0.0 for read in found])
        yield Line(
            corpus, "the same by the mark “dissatisfied”", with_interval(measure.auroc, marked, truth, draws=200)
        )


def _polarities(polarity: Polarity | None, texts: Sequence[str]) -> Array | None:
    return None if polarity is None else np.array([polarity(text) for text in texts])


def _beside_vader(
    corpus: str, what: str, ours: Figure, metric: measure.Metric, peer: Array | None, truth: NDArray[np.generic]
) -> Line:
    if peer is None:
        return Line(corpus, what, ours)
    return Line(corpus, what, ours, "VADER", with_interval(metric, peer, truth, draws=200))
