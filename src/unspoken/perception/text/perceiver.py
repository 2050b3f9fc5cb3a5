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
from unspoken.affect.vocabulary import CX, LABELS, MARKS, SERVICE
from unspoken.perception.text.admission import reason_not_to_read
from unspoken.perception.text.calibration import Calibration, cx_probabilities
from unspoken.perception.text.choice import Opened, TextNetwork, opened
from unspoken.perception.text.context import NOTHING_BEFORE, Context, nearest, needs_context
from unspoken.perception.text.features import spans_of
from unspoken.perception.text.persons import Masked, mask, mask_context
from unspoken.perception.text.scores import Scores
from unspoken.perception.text.signal import TextSignal

NEUTRAL = LABELS.index("neutral")
_CX_NAMES = tuple(CX)
_LABELS_WITH_SPANS = 3
_FAINTEST_WITH_SPANS = 0.1  # when nothing is over its threshold, the likeliest label is still shown from here on
_loading = Lock()


@dataclass(frozen=True, slots=True)
class _Judgement:
    """The numbers of a batch, a row per text."""

    labels: NDArray[np.float64]
    cx: NDArray[np.float64]
    valence: NDArray[np.float64]
    arousal: NDArray[np.float64]
    dominance: NDArray[np.float64]
    intensity: NDArray[np.float64]
    service: NDArray[np.float64]
    confidence: NDArray[np.float64]
    embedding: NDArray[np.float32]  # no columns where the model gives none, as of `service`


@dataclass(frozen=True, slots=True)
class _Known:
    """A text to read: its row in the batch, as it is, without names and slips, its word pieces, what came before."""

    row: int
    text: str
    masked: Masked
    encoding: Encoding
    context: Context


class TextPerceiver:
    """A text model. Loaded when first needed; safe to use from several threads."""

    def __init__(self, model: str | Path = "standard", *, threads: int = 1, hides_persons: bool = True) -> None:
        """Use `standard`, `light` or the model in a folder, with at most `threads` processor cores.

        hides_persons: False only to measure what names would do to a reading.
        """
        self._model, self._threads, self._hides = model, threads, hides_persons
        self._loaded: Opened | None = None

    @property
    def producer(self) -> Producer:
        """Who makes these readings; raises ModelUnavailable when the model is missing or damaged."""
        return self._parts().network.producer

    @property
    def thresholds(self) -> dict[str, float]:
        """The probability from which each of the 28 labels counts as expressed."""
        return dict(zip(LABELS, self._parts().calibration.thresholds.tolist(), strict=True))

    @property
    def uncalibrated_half(self) -> NDArray[np.float64]:
        """The calibrated probability (28,) at which the network's own score, before calibration, is one half."""
        return self._parts().calibration.labels(np.zeros(len(LABELS)))

    @property
    def service_thresholds(self) -> dict[str, float]:
        """The probability from which each service mark and move counts as said."""
        service = self._parts().calibration.service_thresholds
        return {} if service is None else dict(zip(SERVICE, service.tolist(), strict=True))

    def possible(self, reading: Reading) -> list[str]:
        """Return the prediction set: the labels that cannot be ruled out. Each true label is in it nine times of ten on
        text like GoEmotions (class-conditional conformal prediction, Vovk 2012); on other text that is not promised."""
        least = self._parts().calibration.possible
        if least is None:
            return []
        return [label for label, limit in zip(LABELS, least.tolist(), strict=True) if reading.labels[label] >= limit]

    def read(self, batch: Sequence[TextSignal], *, force: bool = False) -> list[Outcome]:
        """Return what each text expresses, in order, or why it is not read; raise ModelUnavailable without a model.

        force: read also what is not read otherwise, as long as it holds a word piece that is known.
        """
        parts = self._parts()
        network = parts.network
        reasons = [
            None if force else reason_not_to_read(one.text, automatic=one.automatic, languages=parts.languages)
            for one in batch
        ]
        read = [row for row, reason in enumerate(reasons) if reason is None]
        masked = [self._hidden(batch[row].text, batch[row].names) for row in read]
        if parts.spelling:
            masked = [parts.spelling.mended(one) for one in masked]
        encodings = network.encode([one.text for one in masked])
        known = [
            _Known(row, batch[row].text, hidden, encoding, self._context(batch[row]))
            for row, hidden, encoding in zip(read, masked, encodings, strict=True)
            if network.knows(encoding)
        ]
        outcomes: list[Outcome] = [Abstention(reason or Reason.NO_TEXT, network.producer) for reason in reasons]
        for one, reading in zip(known, _readings(network, parts.calibration, known), strict=True):
            sure = force or reading.confidence >= parts.calibration.operating_point or self._is_marked(reading)
            outcomes[one.row] = reading if sure else Abstention(Reason.UNSURE, network.producer)
        return outcomes

    def _is_marked(self, reading: Reading) -> bool:
        thresholds = self.service_thresholds
        return any(reading.service[mark] >= thresholds[mark] for mark in MARKS if mark in thresholds)

    def _hidden(self, text: str, names: Sequence[str]) -> Masked:
        return mask(text, names) if self._hides else Masked(text)

    def _context(self, signal: TextSignal) -> Context:
        """Return what came before a text, persons hidden, where the text is so short that it counts."""
        if not signal.context or not needs_context(signal.text):
            return NOTHING_BEFORE
        near = nearest(signal.context)
        return mask_context(near, signal.names) if self._hides else near

    def _parts(self) -> Opened:
        if self._loaded is None:
            with _loading:
                if self._loaded is None:
                    self._loaded = opened(self._model, threads=self._threads)
        return self._loaded


@lru_cache(maxsize=1)
def shipped() -> TextPerceiver:
    """Return the one perceiver of this process with the shipped model."""
    return TextPerceiver()


def _readings(network: TextNetwork, calibration: Calibration, known: Sequence[_Known]) -> list[Reading]:
    windows = [(text, window) for text, one in enumerate(known) for window in (one.encoding, *one.encoding.overflowing)]
    if not windows:
        return []
    owners = np.fromiter((text for text, _ in windows), np.int64, len(windows))
    first = np.searchsorted(owners, np.arange(len(known)))
    behind = network.behind([one.context for one in known])
    scores = network.score([window for _, window in windows], [behind[text] for text, _ in windows])
    found = _judge(calibration, scores, owners, first)
    spans = _spans(calibration, scores, first, found, known, [window for _, window in windows])
    columns = (found.labels.tolist(), found.cx.tolist(), found.valence.tolist(), found.arousal.tolist(),
               found.confidence.tolist(), spans, found.embedding, found.dominance.tolist(),
               found.service.tolist(), found.intensity.tolist())  # fmt: skip
    return [
        Reading(
            dict(zip(LABELS, labels, strict=True)), dict(zip(_CX_NAMES, cx, strict=True)), valence, arousal, confidence,
            carried, network.producer, embedding.copy() if embedding.size else None, dominance,
            dict(zip(SERVICE, service, strict=bool(service))), intensity,
        )
        for labels, cx, valence, arousal, confidence, carried, embedding, dominance, service, intensity
        in zip(*columns, strict=True)
    ]  # fmt: skip


def _judge(calibration: Calibration, scores: Scores, owners: NDArray[np.int64], first: NDArray[np.int64]) -> _Judgement:
    """Calibrate. Of several windows emotions and marks count where they are strongest; ratings, meaning are means.

    owners: each window's text; first: each text's first window.
    """
    logits, ratings, meaning, service = scores.logits, scores.ratings, scores.embeddings, scores.service
    if len(first) < len(owners):
        sizes = np.array([[len(evidence)] for evidence in scores.evidence], np.float32)
        sizes /= np.add.reduceat(sizes, first)[owners]
        logits = np.maximum.reduceat(scores.logits, first)
        logits[:, NEUTRAL] = np.minimum.reduceat(scores.logits[:, NEUTRAL], first)
        service = np.maximum.reduceat(service, first)
        ratings = np.add.reduceat(ratings * sizes, first)
        meaning = np.add.reduceat(meaning * sizes, first)
    labels = calibration.labels(logits)
    cx = cx_probabilities(labels)
    embedding = meaning / np.linalg.norm(meaning, axis=1, keepdims=True) if meaning.size else meaning
    return _Judgement(
        labels, cx, calibration.valences(ratings), calibration.arousals(ratings), calibration.dominances(ratings),
        np.clip(ratings[:, 3].astype(float), 0.0, 1.0),
        calibration.services(service), calibration.confidences(cx), embedding,
    )  # fmt: skip


def _spans(
    calibration: Calibration,
    scores: Scores,
    first: NDArray[np.int64],
    found: _Judgement,
    known: Sequence[_Known],
    windows: Sequence[Encoding],
) -> list[tuple[Span, ...]]:
    """Return the spans of every text, found in the window where each label is strongest."""
    starts = first.tolist()
    result = []
    for text, (start, end) in enumerate(zip(starts, [*starts[1:], len(windows)], strict=True)):
        spans: list[Span] = []
        for place, labels in _labels_to_show(calibration, scores.logits[start:end], found.labels[text]).items():
            window = start + place
            if not scores.evidence[window].any():
                continue  # the model does not tell
            offsets = known[text].masked.originals(windows[window].offsets)
            spans += spans_of(known[text].text, offsets, scores.evidence[window], labels)
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
