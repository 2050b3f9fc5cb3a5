"""The light model: word pieces and pairs of neighbours in an embedding bag, in numpy alone; the same outputs.

A message takes about a third of the encoder's time. It is read for itself, without what came before. The evidence of a
token is the part of each label's logit that its vectors contribute, by the gradient at this text (gradient × input;
Simonyan et al., 2014), shifted so that the mean over tokens is the logit, as the encoder's.
"""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding

from unspoken.affect.reading import Producer
from unspoken.affect.vocabulary import LABELS, SERVICE
from unspoken.perception.artifacts import unavailable, verified
from unspoken.perception.text.context import Context
from unspoken.perception.text.pieces import Pieces
from unspoken.perception.text.scores import Scores

FOLDER = Path(__file__).parent / "light"
BUCKETS = 65_536
VOCABULARY = 30_522
_FILES = ("model.npz", "tokenizer.json", "labels.json", "calibration.json")
_EPSILON = 1e-5
_L = len(LABELS)


def features(ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return a text's features: its word pieces (N), then the hashed pairs of neighbours (N − 1)."""
    pairs = VOCABULARY + (ids[:-1] * 1_000_003 + ids[1:]) * 2_654_435_761 % 2**32 % BUCKETS
    return np.concatenate([ids, pairs])


class LightNetwork:
    """The loaded light model, with the methods of `network.Network`. Safe to use from several threads."""

    def __init__(self, folder: Path = FOLDER, *, threads: int = 1) -> None:
        """Load the model in `folder`; raise ModelUnavailable when a file is missing or damaged. One thread is used."""
        digests = verified(folder, *_FILES)
        described = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
        if tuple(described["labels"]) != LABELS:
            raise unavailable(f"{folder / 'labels.json'} does not name the 28 labels in the order of this version")
        self.producer = Producer(described["name"], described["version"], digests["model.npz"])
        self._pieces = Pieces(folder / "tokenizer.json")
        with np.load(folder / "model.npz") as stored:
            self._w = {name: stored[name].astype(np.float32) for name in stored.files if not name.startswith("table")}
            self._table: NDArray[np.int8] = stored["table"]
            self._scale: NDArray[np.float32] = stored["table.scale"].astype(np.float32)

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        """Return the word pieces of each text; what exceeds a window is in `.overflowing`."""
        return self._pieces.encode(texts)

    def knows(self, encoding: Encoding) -> bool:
        """Return whether any word piece of the text is in the vocabulary."""
        return self._pieces.knows(encoding)

    def behind(self, contexts: Sequence[Context]) -> list[list[int]]:
        """Return nothing: this model reads without context."""
        return [[] for _ in contexts]

    def score(self, windows: Sequence[Encoding], contexts: Sequence[Sequence[int]] = ()) -> Scores:
        """Return the scores of the windows, in their order."""
        ids = [np.array(window.ids[1:-1] or [100], np.int64) for window in windows]
        found = [features(one) for one in ids]
        counts = np.array([len(one) for one in found])
        starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
        flat = np.concatenate(found)
        vectors = self._table[flat].astype(np.float32) * self._scale[flat]
        roots = np.sqrt(counts).astype(np.float32)[:, None]
        summed = np.add.reduceat(vectors, starts) / roots
        w = self._w
        centred = summed - summed.mean(axis=1, keepdims=True)
        spread = np.sqrt(np.square(centred).mean(axis=1, keepdims=True) + _EPSILON)
        bag = centred / spread * w["norm.weight"] + w["norm.bias"]
        hidden = np.maximum(bag @ w["hidden.weight"].T + w["hidden.bias"], 0.0)
        heads = bag @ w["direct.weight"].T + hidden @ w["deep.weight"].T + w["direct.bias"] + w["deep.bias"]
        meaning = np.hstack([bag, hidden]) @ w["meaning.weight"].T + w["meaning.bias"]
        logits = np.ascontiguousarray(heads[:, :_L])
        evidence = [
            self._evidence(vectors[start : start + count], len(own), centred[row] / spread[row], hidden[row] > 0,
                           float(spread[row, 0] * roots[row, 0]), logits[row])
            for row, (start, count, own) in enumerate(zip(starts.tolist(), counts.tolist(), ids, strict=True))
        ]  # fmt: skip
        return Scores(logits, heads[:, _L : _L + 4], meaning, heads[:, -len(SERVICE) :], evidence)

    def _evidence(
        self,
        vectors: NDArray[np.float32],
        own: int,
        normed: NDArray[np.float32],
        awake: NDArray[np.bool_],
        divisor: float,
        logits: NDArray[np.float32],
    ) -> NDArray[np.float32]:
        """Return (tokens, 28), [CLS] and [SEP] included: what each word piece and its pairs add to each logit."""
        w = self._w
        slopes = w["direct.weight"][:_L] + (w["deep.weight"][:_L] * awake) @ w["hidden.weight"]
        slopes = slopes * w["norm.weight"]
        through = (
            slopes - slopes.mean(axis=1, keepdims=True) - np.outer(slopes @ normed / len(normed), normed)
        ) / divisor
        parts = vectors @ through.T
        shares = np.zeros((own + 2, _L), np.float32)
        shares[1 : own + 1] = parts[:own]
        shares[1:own] += parts[own:] / 2
        shares[2 : own + 1] += parts[own:] / 2
        evidence: NDArray[np.float32] = shares * np.float32(len(shares)) + (logits - shares.sum(axis=0))
        return evidence
