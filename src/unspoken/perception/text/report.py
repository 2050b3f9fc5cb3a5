"""Measure the text model on public corpora; all of it through the perceiver, as the product uses it."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from unspoken.affect.reading import Producer, Reading
from unspoken.affect.vocabulary import CX, LABELS
from unspoken.perception.text import evaluation as measure
from unspoken.perception.text.calibration import CX_WEIGHTS
from unspoken.perception.text.corpora import SATISFACTION_SETS, emobank, goemotions, satisfaction_turns, snippets
from unspoken.perception.text.evaluation import Array, Figure, with_interval
from unspoken.perception.text.perceiver import TextPerceiver, TextSignal

Polarity = Callable[[str], float]
DISSATISFIED = ("anger", "annoyance", "disappointment", "disapproval", "disgust")
ENOUGH_ROWS = 40  # below this a label's F1 says little
_AT_ONCE = 2_048
_DELETIONS = 1_000
_OTHER_WORDS = 4


@dataclass(frozen=True, slots=True)
class Line:
    """One measured thing: ours and, where there is one, a peer's figure on the same rows."""

    corpus: str
    what: str
    ours: Figure
    peer: str = ""
    theirs: Figure | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """All figures, and per label: F1, threshold and test rows."""

    producer: Producer
    lines: tuple[Line, ...]
    labels: tuple[tuple[str, float, float, int], ...]


class Reader:
    """Reads texts with the perceiver and keeps the numbers in rows; a text that is not read expresses nothing."""

    def __init__(self, perceiver: TextPerceiver) -> None:
        self.perceiver = perceiver

    def readings(self, texts: Sequence[str]) -> Iterator[Reading | None]:
        """Yield the reading of each text, or None."""
        for start in range(0, len(texts), _AT_ONCE):
            for outcome in self.perceiver.read([TextSignal(text) for text in texts[start : start + _AT_ONCE]]):
                yield outcome if isinstance(outcome, Reading) else None

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
        f"macro-F1 of the {common.sum()} labels with {ENOUGH_ROWS} rows or more": with_interval(
            measure.macro_f1, tuned[:, common], truth[:, common]
        ),
        f"macro-F1 without the {(~unseen).sum()} texts that also occur in train or dev": with_interval(
            measure.macro_f1, tuned[unseen], truth[unseen]
        ),
        "calibration error of the likeliest label": with_interval(
            measure.calibration_error, probability.max(axis=1), right
        ),
        **_confidence(found, truth),
        **_faithfulness(reader, test.texts, found),
        "share of the texts that is read": with_interval(_mean, np.array([read is not None for read in found])),
    }
    f1 = measure.label_f1(tuned, truth)
    table = [(label, float(f1[i]), float(thresholds[i]), int(rows[i])) for i, label in enumerate(LABELS)]
    return [Line(corpus, what, figure) for what, figure in figures.items()], table


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
    """Return the mean loss of probability of the strongest span's label without that span, and without another word."""
    random = np.random.default_rng(0)
    cases: list[tuple[tuple[str, str], int, float]] = []
    for text, read in zip(texts, found, strict=True):
        if not read or not read.spans or len(cases) == _DELETIONS:
            continue
        span = read.spans[0]
        others = [word for word in re.finditer(r"\w+", text) if word.end() <= span.start or word.start() >= span.end]
        if len(others) >= _OTHER_WORDS:
            other = others[random.integers(len(others))]
            without = text[: span.start] + text[span.end :], text[: other.start()] + text[other.end() :]
            cases.append((without, LABELS.index(span.label), read.labels[span.label]))
    figures = {}
    for place, what in enumerate(("its strongest words", "one other word")):
        after = reader.labels([texts_without[place] for texts_without, _, _ in cases])
        lost = np.array([before - after[row, label] for row, (_, label, before) in enumerate(cases)])
        figures[f"loss of probability of the strongest label without {what}"] = with_interval(_mean, lost)
    return figures


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
