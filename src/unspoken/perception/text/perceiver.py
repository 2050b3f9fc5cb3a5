"""Read a batch of messages: one model call for all of them, a Reading or an Abstention for each."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from unspoken.affect.reading import Abstention, Outcome, Producer, Reading, Reason, Span
from unspoken.affect.vocabulary import CX, LABELS, MARKS, SERVICE
from unspoken.perception.text.admission import reason_not_to_read
from unspoken.perception.text.calibration import Calibration, cx_probabilities
from unspoken.perception.text.choice import Opened, TextNetwork, opened
from unspoken.perception.text.context import NOTHING_BEFORE, Context, nearest, needs_context
from unspoken.perception.text.features import spans_of
from unspoken.perception.text.persons import Masked, mask, mask_context
from unspoken.perception.text.pieces import Window
from unspoken.perception.text.scores import Scores
from unspoken.perception.text.signal import TextSignal

NEUTRAL = LABELS.index("neutral")
_CX_NAMES = tuple(CX)
_LABELS_WITH_SPANS = 3
_FAINTEST_WITH_SPANS = 0.1  # when nothing is over its threshold, the likeliest label is still shown from here on
_loading = Lock()


@dataclass(frozen=True, slots=True)
class _Judgement:
    """The numbers of a batch, a row per text: probabilities of labels, CX categories, marks and moves; valence,
    arousal, dominance and intensity; confidence; embedding. No columns of what a model does not tell."""

    labels: NDArray[np.float64]
    cx: NDArray[np.float64]
    scales: NDArray[np.float64]
    service: NDArray[np.float64]
    confidence: NDArray[np.float64]
    embedding: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Known:
    """A text to read: its row in the batch, as it is, without names and slips, its word pieces, what came before."""

    row: int
    text: str
    masked: Masked
    window: Window
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
        windows = network.encode([one.text for one in masked])
        known = [
            _Known(row, batch[row].text, hidden, window, self._context(batch[row]))
            for row, hidden, window in zip(read, masked, windows, strict=True)
            if network.knows(window)
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
    windows = [(text, window) for text, one in enumerate(known) for window in (one.window, *one.window.overflowing)]
    if not windows:
        return []
    owners = np.fromiter((text for text, _ in windows), np.int64, len(windows))
    first = np.searchsorted(owners, np.arange(len(known)))
    behind = network.behind([one.context for one in known])
    scores = network.score([window for _, window in windows], [behind[text] for text, _ in windows])
    lengths = np.fromiter((len(window.ids) for _, window in windows), np.int64, len(windows))
    found = _judge(calibration, scores, owners, first, lengths)
    labels = found.labels.tolist()
    spans = _spans(calibration, scores, first, labels, known, [window for _, window in windows])
    columns = (labels, found.cx.tolist(), found.scales.tolist(), found.confidence.tolist(), spans,
               found.embedding, found.service.tolist())  # fmt: skip
    return [
        Reading(
            dict(zip(LABELS, labels, strict=True)), dict(zip(_CX_NAMES, cx, strict=True)), valence, arousal, confidence,
            carried, network.producer, embedding.copy() if embedding.size else None, dominance,
            dict(zip(SERVICE, service, strict=bool(service))), intensity,
        )
        for labels, cx, (valence, arousal, dominance, intensity), confidence, carried, embedding, service
        in zip(*columns, strict=True)
    ]  # fmt: skip


def _judge(
    calibration: Calibration,
    scores: Scores,
    owners: NDArray[np.int64],
    first: NDArray[np.int64],
    lengths: NDArray[np.int64],
) -> _Judgement:
    """Calibrate. Of several windows emotions and marks count where they are strongest; ratings, meaning are means.

    owners: each window's text; first: each text's first window; lengths: each window's tokens.
    """
    logits, ratings, meaning, service = scores.logits, scores.ratings, scores.embeddings, scores.service
    if len(first) < len(owners):
        sizes = lengths[:, None].astype(np.float32)
        sizes /= np.add.reduceat(sizes, first)[owners]
        logits = np.maximum.reduceat(scores.logits, first)
        logits[:, NEUTRAL] = np.minimum.reduceat(scores.logits[:, NEUTRAL], first)
        service = np.maximum.reduceat(service, first)
        ratings = np.add.reduceat(ratings * sizes, first)
        meaning = np.add.reduceat(meaning * sizes, first)
    labels = calibration.labels(logits)
    cx = cx_probabilities(labels)
    embedding = meaning / np.sqrt(np.square(meaning).sum(axis=1, keepdims=True)) if meaning.size else meaning
    return _Judgement(
        labels, cx, calibration.scales(ratings), calibration.services(service), calibration.confidences(cx), embedding
    )


def _spans(
    calibration: Calibration,
    scores: Scores,
    first: NDArray[np.int64],
    labels: Sequence[Sequence[float]],
    known: Sequence[_Known],
    windows: Sequence[Window],
) -> list[tuple[Span, ...]]:
    """Return the spans of every text, found in the window where each label is strongest."""
    starts, thresholds = first.tolist(), calibration.thresholds.tolist()
    shown = [
        _by_window(scores.logits, start, end, _worth_showing(chances, thresholds))
        for chances, start, end in zip(labels, starts, [*starts[1:], len(windows)], strict=True)
    ]
    wanted = [(window, column) for one in shown for window, worth in one.items() for column, _ in worth]
    told = iter(scores.evidence(wanted))
    result = []
    for one, by_window in zip(known, shown, strict=True):
        spans: list[Span] = []
        for window, worth in by_window.items():
            carried = [(LABELS[column], chance, next(told)) for column, chance in worth]
            if not carried[0][2].size:
                continue  # the model does not tell
            spans += spans_of(one.text, one.masked.originals(windows[window].offsets), carried)
        result.append(tuple(sorted(spans, key=lambda span: (-span.weight, span.start))))
    return result


def _worth_showing(chances: Sequence[float], thresholds: Sequence[float]) -> list[tuple[int, float]]:
    """Return the few emotions to point at (column, probability), the likeliest first."""
    emotions = [(chance, column) for column, chance in enumerate(chances) if column != NEUTRAL]
    expressed = [one for one in emotions if one[0] >= thresholds[one[1]]]
    if not expressed:
        best = max(emotions)
        expressed = [best] if best[0] >= _FAINTEST_WITH_SPANS else []
    return [(column, chance) for chance, column in sorted(expressed, reverse=True)[:_LABELS_WITH_SPANS]]


def _by_window(
    logits: NDArray[np.float32], start: int, end: int, labels: Sequence[tuple[int, float]]
) -> dict[int, list[tuple[int, float]]]:
    """Return, by window of a text, the labels that are strongest there."""
    if end - start == 1:
        return {start: [*labels]} if labels else {}
    shown: dict[int, list[tuple[int, float]]] = {}
    for label in labels:
        shown.setdefault(start + int(np.argmax(logits[start:end, label[0]])), []).append(label)
    return shown
