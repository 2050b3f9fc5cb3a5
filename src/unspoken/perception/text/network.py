"""The shipped encoder: word pieces in; logits, ratings, sentence embedding and the evidence of each token out."""

import json
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from unspoken.affect.reading import Producer
from unspoken.affect.vocabulary import LABELS, SERVICE
from unspoken.perception.artifacts import unavailable, verified

FOLDER = Path(__file__).parent / "model"
WINDOW = 128  # word pieces read at once; a longer text is read window by window
_FILES = ("model.onnx", "tokenizer.json", "labels.json", "calibration.json")
_CHUNK_ROWS = 32
_CHUNK_TOKENS = 1_024  # together they stay in the processor's cache
_RUN_TOKENS = 10  # word pieces that one run of the network costs beside those it reads
_UNKNOWN = frozenset({"[CLS]", "[SEP]", "[UNK]", "[PAD]"})
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_OUTPUTS = ["logits", "ratings", "meaning", "service", "evidence"]


@dataclass(frozen=True, slots=True)
class Scores:
    """What the network says about N windows of text.

    Label logits (N, 28), ratings (N, 3) of valence −1…1, arousal and dominance 0…1, embeddings (N, 384), service logits
    (N, 13), and for each window the logits (tokens, 28) whose mean is the label logit.
    """

    logits: NDArray[np.float32]
    ratings: NDArray[np.float32]
    embeddings: NDArray[np.float32]
    service: NDArray[np.float32]
    evidence: list[NDArray[np.float32]]


class Network:
    """The loaded model. Safe to use from several threads."""

    def __init__(self, folder: Path = FOLDER, *, threads: int = 1) -> None:
        """Load the model in `folder`; raise ModelUnavailable when a file is missing or damaged."""
        digests = verified(folder, *_FILES)
        described = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
        if tuple(described["labels"]) != LABELS:
            raise unavailable(f"{folder / 'labels.json'} does not name the 28 labels in the order of this version")
        self.producer = Producer(described["name"], described["version"], digests["model.onnx"])
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(WINDOW)
        self._tokenizer.no_padding()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(folder / "model.onnx", options, providers=["CPUExecutionProvider"])
        self._pool = ThreadPoolExecutor(threads, "text") if threads > 1 else None
        self._silent_ids = frozenset(self._tokenizer.token_to_id(token) for token in _UNKNOWN)

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        """Return the word pieces of each text; what exceeds a window is in `.overflowing`."""
        try:
            return self._tokenizer.encode_batch(texts)
        except (TypeError, UnicodeEncodeError):  # half of a broken emoji: no text for UTF-8
            return self._tokenizer.encode_batch([_LONE_SURROGATE.sub("\ufffd", text) for text in texts])

    def knows(self, encoding: Encoding) -> bool:
        """Return whether any word piece of the text is in the vocabulary."""
        return not self._silent_ids.issuperset(encoding.ids)

    def score(self, windows: Sequence[Encoding]) -> Scores:
        """Return the scores of the windows, in their order; they are computed in batches of like length."""
        ids = [window.ids for window in windows]
        lengths = np.fromiter(map(len, ids), np.int64, len(ids))
        scores = Scores(
            np.empty((len(ids), len(LABELS)), np.float32),
            np.empty((len(ids), 3), np.float32),
            np.empty((len(ids), 384), np.float32),
            np.empty((len(ids), len(SERVICE)), np.float32),
            [np.empty((0, len(LABELS)), np.float32)] * len(ids),
        )

        def run(rows: NDArray[np.int64]) -> None:
            batch = np.zeros((len(rows), lengths[rows[-1]]), np.int64)
            for place, row in enumerate(rows):
                batch[place, : lengths[row]] = ids[row]
            logits, ratings, meaning, service, evidence = self._session.run(_OUTPUTS, {"ids": batch})
            scores.logits[rows], scores.ratings[rows], scores.embeddings[rows] = logits, ratings, meaning
            scores.service[rows] = service
            for place, row in enumerate(rows):
                scores.evidence[row] = evidence[place, : lengths[row]]

        list((self._pool.map if self._pool else map)(run, _chunks(lengths)))
        return scores


def _chunks(lengths: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """Yield the indices in groups of like length that cost least: padding weighed against the price of one more run."""
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
