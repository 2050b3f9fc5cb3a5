"""The light model: word pieces and patterns over three of them, in numpy alone; the same outputs as the encoder's.

A message is the sum of its pieces' vectors (an embedding bag; Joulin et al., 2017) beside the strongest answer that
each pattern finds anywhere in it (a convolution with max-pooling; Kim, 2014). It is read for itself, without what came
before. The evidence of a token is the part of each label's logit that its vector contributes, by the gradient at this
text (gradient × input; Simonyan et al., 2014), shifted so that the mean over tokens is the logit, as the encoder's.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from unspoken.affect.reading import Producer
from unspoken.affect.vocabulary import LABELS, SERVICE
from unspoken.perception.artifacts import unavailable, verified
from unspoken.perception.text.context import Context
from unspoken.perception.text.pieces import Pieces, Window
from unspoken.perception.text.scores import Scores

FOLDER = Path(__file__).parent / "light"
VOCABULARY = 30_522
PATTERN = (-1, 0, 1)  # a pattern looks at a piece and at its neighbours
UNKNOWN = 100  # the piece that stands for a text without any
_FILES = ("model.npz", "tokenizer.json", "labels.json", "calibration.json")
_EPSILON = 1e-5
_AT_ONCE = 32  # texts whose numbers stay in the processor's cache
_L = len(LABELS)
Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Seen:
    """The pieces of all texts, one text after the other, and what was made of them.

    firsts: where each text begins, and the end; vectors (pieces, width); taps (pieces, 3 × patterns): what a piece adds
    to each pattern as the later, the middle and the earlier one of three; answers (pieces, patterns), and the strongest
    of each text; bags and peaks (texts, width and patterns), normed, and what they were divided by (texts, 1).
    """

    firsts: list[int]
    vectors: Array
    taps: Array
    answers: Array
    strongest: Array
    bags: Array
    bag_divisors: Array
    peaks: Array
    peak_divisors: Array


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
            self._scale: Array = stored["table.scale"].astype(np.float32)
        # (patterns, 3 × width): of the piece before, of the piece itself and of the one after it
        self._taps = np.hstack(np.split(self._w["patterns.weight"].T, len(PATTERN)))

    def encode(self, texts: Sequence[str]) -> Sequence[Window]:
        """Return the word pieces of each text; what exceeds a window is in `.overflowing`."""
        return self._pieces.encode(texts)

    def knows(self, window: Window) -> bool:
        """Return whether any word piece of the text is in the vocabulary."""
        return self._pieces.knows(window)

    def behind(self, contexts: Sequence[Context]) -> list[list[int]]:
        """Return nothing: this model reads without context."""
        return [[] for _ in contexts]

    def score(self, windows: Sequence[Window], contexts: Sequence[Sequence[int]] = ()) -> Scores:
        """Return the scores of the windows, in their order."""
        parts = [self._scored(windows[begin : begin + _AT_ONCE]) for begin in range(0, len(windows), _AT_ONCE)]
        logits, ratings, meaning, service = (
            np.concatenate([getattr(part, name) for part in parts]) if len(parts) > 1 else getattr(parts[0], name)
            for name in ("logits", "ratings", "embeddings", "service")
        )

        def evidence(wanted: Sequence[tuple[int, int]]) -> list[Array]:
            of_parts = [iter(part.evidence(
                [(window % _AT_ONCE, label) for window, label in wanted if window // _AT_ONCE == number]
            )) for number, part in enumerate(parts)]  # fmt: skip
            return [next(of_parts[window // _AT_ONCE]) for window, _ in wanted]

        return Scores(logits, ratings, meaning, service, evidence)

    def _scored(self, windows: Sequence[Window]) -> Scores:
        w = self._w
        seen = self._seen([window.ids[1:-1] or [UNKNOWN] for window in windows])
        bags, peaks = seen.bags * w["norm.weight"] + w["norm.bias"], seen.peaks * w["peaks.weight"] + w["peaks.bias"]
        state = np.hstack([bags, peaks])
        hidden = np.maximum(state @ w["hidden.weight"].T + w["hidden.bias"], 0.0)
        heads = state @ w["direct.weight"].T + hidden @ w["deep.weight"].T + w["direct.bias"] + w["deep.bias"]
        meaning = np.hstack([state, hidden]) @ w["meaning.weight"].T + w["meaning.bias"]
        return Scores(
            heads[:, :_L], heads[:, _L : _L + 4], meaning, heads[:, -len(SERVICE) :],
            lambda wanted: self._evidence(seen, hidden, heads, wanted),
        )  # fmt: skip

    def _seen(self, ids: Sequence[Sequence[int]]) -> _Seen:
        w = self._w
        lengths = np.array([len(one) for one in ids])
        firsts = np.concatenate([[0], np.cumsum(lengths)])
        flat = np.concatenate([np.array(one, np.int64) for one in ids])
        vectors = self._table[flat].astype(np.float32) * self._scale[flat]
        roots = np.sqrt(lengths).astype(np.float32)[:, None]
        bags, spreads = _normed(np.add.reduceat(vectors, firsts[:-1]) / roots)
        taps = (_normed(vectors)[0] * w["pieces.weight"] + w["pieces.bias"]) @ self._taps
        before, here, after = np.split(taps, len(PATTERN), axis=1)
        begins = firsts[1:-1]  # nothing stands before a text's first piece, nor after its last
        before[begins - 1], after[begins] = 0.0, 0.0
        answers = here + w["patterns.bias"]
        answers[1:] += before[:-1]
        answers[:-1] += after[1:]
        np.maximum(answers, 0.0, out=answers)
        strongest = np.maximum.reduceat(answers, firsts[:-1])
        peaks, heights = _normed(strongest)
        return _Seen(firsts.tolist(), vectors, taps, answers, strongest, bags, spreads * roots, peaks, heights)

    def _evidence(self, seen: _Seen, hidden: Array, heads: Array, wanted: Sequence[tuple[int, int]]) -> list[Array]:
        """Return (tokens,) of each text and label wanted, [CLS] and [SEP] included: what each word piece adds."""
        if not wanted:
            return []
        w, width = self._w, seen.vectors.shape[1]
        texts, labels = np.array(wanted).T
        slopes = w["direct.weight"][labels] + (w["deep.weight"][labels] * (hidden[texts] > 0)) @ w["hidden.weight"]
        of_bag = _through(slopes[:, :width] * w["norm.weight"], seen.bags[texts], seen.bag_divisors[texts])
        of_peaks = _through(slopes[:, width:] * w["peaks.weight"], seen.peaks[texts], seen.peak_divisors[texts])
        patterns = _of_patterns(seen)
        told = []
        for place, (text, label) in enumerate(wanted):
            first, end = seen.firsts[text : text + 2]
            shares = seen.vectors[first:end] @ of_bag[place] + patterns[first:end] @ of_peaks[place]
            own = np.full(end - first + 2, heads[text, label] - shares.sum())
            own[1:-1] += shares * np.float32(len(own))
            told.append(own)
        return told


def _normed(values: Array) -> tuple[Array, Array]:
    """Return each row less its mean over its spread, and the spread (N, 1)."""
    centred = values - values.mean(axis=1, keepdims=True)
    spread = np.sqrt(np.square(centred).mean(axis=1, keepdims=True) + np.float32(_EPSILON))
    return centred / spread, spread


def _through(slopes: Array, normed: Array, divisors: Array) -> Array:
    """Return, from the slopes (N, width) towards what became `normed`, those towards what it was made of."""
    along = (slopes * normed).mean(axis=1, keepdims=True)
    through: Array = (slopes - slopes.mean(axis=1, keepdims=True) - along * normed) / divisors
    return through


def _of_patterns(seen: _Seen) -> Array:
    """Return what each piece (pieces, patterns) adds to the strongest answers it is part of; equal ones share it."""
    texts = np.repeat(np.arange(len(seen.firsts) - 1), np.diff(seen.firsts))
    found = (seen.answers == seen.strongest[texts]) & (seen.answers > 0)
    share = found / np.maximum(np.add.reduceat(found, seen.firsts[:-1], dtype=np.float32), 1.0)[texts]
    before, here, after = np.split(seen.taps, len(PATTERN), axis=1)
    adds: Array = here * share
    adds[:-1] += before[:-1] * share[1:]
    adds[1:] += after[1:] * share[:-1]
    return adds
