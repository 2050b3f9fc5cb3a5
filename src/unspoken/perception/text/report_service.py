"""Measure the service marks and moves on the messages of a writer, and of trades, that nothing was trained on."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from unspoken.affect.reading import Reading
from unspoken.affect.vocabulary import MARKS, MOVES, SERVICE
from unspoken.perception import figures as measure
from unspoken.perception.figures import Line, with_interval
from unspoken.perception.text.context import needs_context
from unspoken.perception.text.corpora import HELD, SERVICE_TEST, service
from unspoken.perception.text.report import Reader

_MARKS = np.arange(len(SERVICE)) < len(MARKS)


def service_lines(reader: Reader, folder: Path) -> Iterator[Line]:
    """Yield the figures; `folder` holds our own service messages."""
    test = service(folder, SERVICE_TEST)
    found = list(reader.readings(test.texts, test.contexts))
    said, truth = _said(reader, found), test.marks >= HELD
    corpus = f"Own service messages, {len(found):,} rows, writer and trades held out"
    yield Line(corpus, f"macro-F1 of the {len(MARKS)} marks", _macro(said, truth, _MARKS))
    alone = _said(reader, list(reader.readings(test.texts)))
    yield Line(corpus, "the same, each message without what came before", _macro(alone, truth, _MARKS))
    short = np.array([bool(one) and needs_context(text) for one, text in zip(test.contexts, test.texts, strict=True)])
    words = f"of the {short.sum()} short messages that follow others"
    yield Line(corpus, f"{words}, with what came before", _macro(said[short], truth[short], _MARKS))
    yield Line(corpus, f"{words}, without", _macro(alone[short], truth[short], _MARKS))
    yield Line(corpus, f"macro-F1 of the {len(MOVES)} moves", _macro(said, truth, ~_MARKS))
    yield Line(corpus, "macro-F1 of the marks, one reader against the other", _macro(*test.readers, _MARKS))
    for column, name in enumerate(SERVICE):
        yield Line(corpus, f"F1 of {name}", _macro(said, truth, np.arange(len(SERVICE)) == column))
    valence = np.array([read.valence if read else 0.0 for read in found])
    figure = with_interval(measure.correlation, valence, test.ratings[:, 0].astype(float))
    yield Line(corpus, "valence, Pearson's r", figure)
    yield Line(corpus, "accuracy of the likeliest label", _likeliest(found, test.labels >= HELD))


def _said(reader: Reader, found: Sequence[Reading | None]) -> NDArray[np.bool_]:
    """Return which marks and moves reach their thresholds (N, 13)."""
    probability = np.array([[read.service[name] if read else 0.0 for name in SERVICE] for read in found])
    decided: NDArray[np.bool_] = probability >= [reader.perceiver.service_thresholds[name] for name in SERVICE]
    return decided


def _macro(said: NDArray[np.bool_], truth: NDArray[np.bool_], columns: NDArray[np.bool_]) -> measure.Figure:
    return with_interval(measure.macro_f1, said[:, columns], truth[:, columns])


def _likeliest(found: Sequence[Reading | None], truth: NDArray[np.bool_]) -> measure.Figure:
    """Return how often one of the labels that readers gave is the likeliest."""
    right = [bool(read and truth[row][int(np.argmax(list(read.labels.values())))]) for row, read in enumerate(found)]
    return with_interval(lambda hits: float(hits.mean()), np.array(right))
