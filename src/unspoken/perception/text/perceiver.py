"""Read a batch of messages: one model call for all of them, a Reading or an Abstention for each."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding

from unspoken.affect.reading import Abstention, Outcome, Producer, Reading, Reason, Span
from unspoken.affect.vocabulary import CX, LABELS, SERVICE
from unspoken.perception.text.admission import reason_not_to_read
from unspoken.perception.text.calibration import Calibration, cx_probabilities, load
from unspoken.perception.text.features import spans_of
from unspoken.perception.text.network import FOLDER, Network, Scores

NEUTRAL = LABELS.index("neutral")
_CX_NAMES = tuple(CX)
_LABELS_WITH_SPANS = 3
_FAINTEST_WITH_SPANS = 0.1  # when nothing is over its threshold, the likeliest label is still shown from here on
_loading = Lock()


@dataclass(frozen=True, slots=True)
class TextSignal:
    """The customer's own words, without quoted history; `automatic` for auto-replies and delivery reports."""

    text: str
    automatic: bool = False


@dataclass(frozen=True, slots=True)
class _Judgement:
    """The numbers of a batch, a row per text."""

    labels: NDArray[np.float64]
    cx: NDArray[np.float64]
    valence: NDArray[np.float64]
    arousal: NDArray[np.float64]
    dominance: NDArray[np.float64]
    service: NDArray[np.float64]
    confidence: NDArray[np.float64]
    embedding: NDArray[np.float32]


class TextPerceiver:
    """The shipped text model. Loaded when first needed; safe to use from several threads."""

    def __init__(self, folder: Path = FOLDER, *, threads: int = 1) -> None:
        """Use the model in `folder` with at most `threads` processor cores."""
        self._folder, self._threads = folder, threads
        self._loaded: tuple[Network, Calibration] | None = None

    @property
    def producer(self) -> Producer:
        """Who makes these readings; raises ModelUnavailable when the model is missing or damaged."""
        return self._parts()[0].producer

    @property
    def thresholds(self) -> dict[str, float]:
        """The probability from which each of the 28 labels counts as expressed."""
        return dict(zip(LABELS, self._parts()[1].thresholds.tolist(), strict=True))

    @property
    def service_thresholds(self) -> dict[str, float]:
        """The probability from which each service mark and move counts as said."""
        return dict(zip(SERVICE, self._parts()[1].service[:, 2].tolist(), strict=True))

    def read(self, batch: Sequence[TextSignal], *, force: bool = False) -> list[Outcome]:
        """Return what each text expresses, in order, or why it is not read; raise ModelUnavailable without a model.

        force: read also what is not read otherwise, as long as it holds a word piece that is known.
        """
        network, calibration = self._parts()
        reasons = [None if force else reason_not_to_read(signal.text, automatic=signal.automatic) for signal in batch]
        read = [row for row, reason in enumerate(reasons) if reason is None]
        encodings = network.encode([batch[row].text for row in read])
        known = [(row, encoding) for row, encoding in zip(read, encodings, strict=True) if network.knows(encoding)]
        silent = {reason: Abstention(reason, network.producer) for reason in Reason}
        outcomes: list[Outcome] = [silent[reason or Reason.NO_TEXT] for reason in reasons]
        readings = _readings(network, calibration, [batch[row].text for row, _ in known], [found for _, found in known])
        for (row, _), reading in zip(known, readings, strict=True):
            outcomes[row] = reading
        return outcomes

    def _parts(self) -> tuple[Network, Calibration]:
        if self._loaded is None:
            with _loading:
                if self._loaded is None:
                    network = Network(self._folder, threads=self._threads)
                    self._loaded = network, load(self._folder / "calibration.json")
        return self._loaded


@lru_cache(maxsize=1)
def shipped() -> TextPerceiver:
    """Return the one perceiver of this process with the shipped model."""
    return TextPerceiver()


def _readings(
    network: Network, calibration: Calibration, texts: Sequence[str], encodings: Sequence[Encoding]
) -> list[Reading]:
    windows = [(text, window) for text, found in enumerate(encodings) for window in (found, *found.overflowing)]
    if not windows:
        return []
    owners = np.fromiter((text for text, _ in windows), np.int64, len(windows))
    scores = network.score([window for _, window in windows])
    found = _judge(calibration, scores, owners)
    spans = _spans(calibration, scores, owners, found, texts, [window for _, window in windows])
    columns = (found.labels.tolist(), found.cx.tolist(), found.valence.tolist(), found.arousal.tolist(),
               found.confidence.tolist(), spans, found.embedding, found.dominance.tolist(),
               found.service.tolist())  # fmt: skip
    return [
        Reading(
            dict(zip(LABELS, labels, strict=True)), dict(zip(_CX_NAMES, cx, strict=True)), valence, arousal, confidence,
            carried, network.producer, embedding.copy(), dominance, dict(zip(SERVICE, service, strict=True)),
        )
        for labels, cx, valence, arousal, confidence, carried, embedding, dominance, service
        in zip(*columns, strict=True)
    ]  # fmt: skip


def _judge(calibration: Calibration, scores: Scores, owners: NDArray[np.int64]) -> _Judgement:
    """Calibrate. Of several windows emotions and marks count where they are strongest; ratings, meaning are means."""
    first = np.flatnonzero(np.diff(owners, prepend=-1))
    logits, ratings, meaning, service = scores.logits, scores.ratings, scores.embeddings, scores.service
    if len(first) < len(owners):
        sizes = np.array([[len(evidence)] for evidence in scores.evidence], np.float32)
        sizes /= np.add.reduceat(sizes, first)[owners]
        logits = np.maximum.reduceat(scores.logits, first)
        logits[:, NEUTRAL] = np.minimum.reduceat(scores.logits[:, NEUTRAL], first)
        service = np.maximum.reduceat(service, first)
        ratings = np.add.reduceat(ratings * sizes, first)
        meaning = np.add.reduceat(meaning * sizes, first)
    labels = calibration.probabilities(logits)
    cx = cx_probabilities(labels)
    embedding = meaning / np.linalg.norm(meaning, axis=1, keepdims=True)
    return _Judgement(
        labels, cx, calibration.valences(ratings), calibration.arousals(ratings), calibration.dominances(ratings),
        calibration.services(service), calibration.confidences(cx), embedding,
    )  # fmt: skip


def _spans(
    calibration: Calibration,
    scores: Scores,
    owners: NDArray[np.int64],
    found: _Judgement,
    texts: Sequence[str],
    windows: Sequence[Encoding],
) -> list[tuple[Span, ...]]:
    """Return the spans of every text, found in the window where each label is strongest."""
    first = np.flatnonzero(np.diff(owners, prepend=-1))
    ends = np.append(first[1:], len(owners))
    result = []
    for text, (start, end) in enumerate(zip(first.tolist(), ends.tolist(), strict=True)):
        spans: list[Span] = []
        for place, labels in _labels_to_show(calibration, scores.logits[start:end], found.labels[text]).items():
            window = start + place
            spans += spans_of(texts[text], windows[window].offsets, scores.evidence[window], labels)
        result.append(tuple(sorted(spans, key=lambda span: (-span.weight, span.start))))
    return result


def _labels_to_show(
    calibration: Calibration, logits: NDArray[np.float32], labels: NDArray[np.float64]
) -> dict[int, list[tuple[int, str, float]]]:
    """Return, by window, the emotions worth pointing at (column, name, probability)."""
    expressed = labels >= calibration.thresholds
    expressed[NEUTRAL] = False
    likely = [int(column) for column in np.flatnonzero(expressed)]
    if not likely:
        best = int(np.argmax(np.where(np.arange(len(labels)) == NEUTRAL, 0.0, labels)))
        likely = [best] if labels[best] >= _FAINTEST_WITH_SPANS else []
    likely.sort(key=lambda column: -labels[column])
    shown: dict[int, list[tuple[int, str, float]]] = {}
    for column in likely[:_LABELS_WITH_SPANS]:
        window = int(np.argmax(logits[:, column]))
        shown.setdefault(window, []).append((column, LABELS[column], float(labels[column])))
    return shown
