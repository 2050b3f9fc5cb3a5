"""The shipped encoder: word pieces in; logits, ratings, sentence embedding and the evidence of each token out."""

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from unspoken.affect.reading import Producer
from unspoken.affect.vocabulary import LABELS, SERVICE
from unspoken.perception.artifacts import unavailable, verified
from unspoken.perception.text.context import Context
from unspoken.perception.text.pieces import Pieces, Window
from unspoken.perception.text.scores import Scores

FOLDER = Path(__file__).parent / "model"
_FILES = ("model.onnx", "tokenizer.json", "labels.json", "calibration.json")
_CHUNK_ROWS = 32
_CHUNK_TOKENS = 1_024  # together they stay in the processor's cache
_RUN_TOKENS = 16  # word pieces that one run of the network costs beside those it reads
_OUTPUTS = ["heads", "meaning", "evidence"]
_LABELS, _RATINGS, _SERVICE = len(LABELS), 4, len(SERVICE)
_HEADS = _LABELS + _RATINGS + _SERVICE


class Network:
    """The loaded model. Safe to use from several threads."""

    def __init__(self, folder: Path = FOLDER, *, threads: int = 1) -> None:
        """Load the model in `folder`; raise ModelUnavailable when a file is missing or damaged."""
        digests = verified(folder, *_FILES)
        described = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
        if tuple(described["labels"]) != LABELS:
            raise unavailable(f"{folder / 'labels.json'} does not name the 28 labels in the order of this version")
        self.producer = Producer(described["name"], described["version"], digests["model.onnx"])
        self._pieces = Pieces(folder / "tokenizer.json")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(folder / "model.onnx", options, providers=["CPUExecutionProvider"])
        self._pool = ThreadPoolExecutor(threads, "text") if threads > 1 else None

    def encode(self, texts: Sequence[str]) -> Sequence[Window]:
        """Return the word pieces of each text; what exceeds a window is in `.overflowing`."""
        return self._pieces.encode(texts)

    def knows(self, window: Window) -> bool:
        """Return whether any word piece of the text is in the vocabulary."""
        return self._pieces.knows(window)

    def behind(self, contexts: Sequence[Context]) -> list[list[int]]:
        """Return the ids that stand behind a message with each context; none without one."""
        return self._pieces.behind(contexts)

    def score(self, windows: Sequence[Window], contexts: Sequence[Sequence[int]] = ()) -> Scores:
        """Return the scores of the windows, in their order; they are computed in batches of like length.

        contexts: what stands behind each window (`behind`), if anything does.
        """
        owned = [window.ids for window in windows]
        ids = [[*own, *more] for own, more in zip(owned, contexts, strict=True)] if any(contexts) else owned
        lengths = np.fromiter(map(len, ids), np.int64, len(ids))
        heads = np.empty((len(ids), _HEADS), np.float32)
        meanings = np.empty((len(ids), 384), np.float32)
        told = [np.empty((0, _LABELS), np.float32)] * len(ids)

        def run(rows: NDArray[np.int64]) -> None:
            batch = np.zeros((len(rows), lengths[rows[-1]]), np.int64)
            for place, row in enumerate(rows):
                batch[place, : lengths[row]] = ids[row]
            heads[rows], meanings[rows], tokens = self._session.run(_OUTPUTS, {"ids": batch})
            for place, row in enumerate(rows):
                told[row] = tokens[place, : len(owned[row])]

        list((self._pool.map if self._pool else map)(run, _chunks(lengths)))
        ratings = heads[:, _LABELS : _LABELS + _RATINGS]
        return Scores(
            heads[:, :_LABELS], ratings, meanings, heads[:, -_SERVICE:],
            lambda wanted: [told[window][:, label] for window, label in wanted],
        )  # fmt: skip


def _chunks(lengths: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """Yield the indices in groups of like length that cost least: padding weighed against the price of one more run."""
    if len(lengths) == 1:
        yield np.zeros(1, np.int64)
        return
    order = np.argsort(lengths, kind="stable")
    padded = lengths[order]
    best = np.zeros(len(order) + 1)
    begins = np.zeros(len(order) + 1, np.int64)
    for end in range(1, len(order) + 1):
        most = max(1, min(_CHUNK_ROWS, end, _CHUNK_TOKENS // int(padded[end - 1])))
        rows = np.arange(1, most + 1)
        costs = best[end - rows] + rows * padded[end - 1] + _RUN_TOKENS
        cheapest = int(costs.argmin())
        best[end], begins[end] = costs[cheapest], end - rows[cheapest]
    end = len(order)
    while end:
        yield order[begins[end] : end]
        end = int(begins[end])
