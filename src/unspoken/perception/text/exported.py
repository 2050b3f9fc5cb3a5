"""A sequence-classification model of somebody else's, exported to ONNX in Hugging Face's layout.

The folder holds config.json (id2label; problem_type), tokenizer.json and model.onnx, and, where its labels are not
GoEmotions', `unspoken.json`:

    {"version": "1", "languages": ["de"], "labels": {"Wut": "anger", "Freude": {"joy": 1, "excitement": 0.5}}}

Each of the 28 labels is then a noisy-or over the model's labels that count towards it; valence and arousal follow from
the labels. Such a model gives no sentence embedding, no service marks and no evidence: readings come without them.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from unspoken.affect.reading import Producer
from unspoken.affect.vocabulary import CX, LABELS
from unspoken.perception.artifacts import unavailable
from unspoken.perception.text.calibration import Calibration, Curve
from unspoken.perception.text.context import Context
from unspoken.perception.text.pieces import WINDOW, Window
from unspoken.perception.text.scores import Scores, no_evidence

_FILES = ("config.json", "tokenizer.json", "model.onnx")
_BATCH = 32
_AROUSAL = {
    "anger": 0.8,
    "annoyance": 0.55,
    "amusement": 0.6,
    "excitement": 0.85,
    "fear": 0.75,
    "nervousness": 0.65,
    "surprise": 0.7,
    "joy": 0.65,
    "disgust": 0.6,
    "neutral": 0.3,
    "sadness": 0.4,
    "grief": 0.5,
    "relief": 0.4,
}  # fmt: skip  (0…1; what is not named: 0.5)


class ExportedNetwork:
    """The loaded model, with the methods of `choice.TextNetwork`. Safe to use from several threads."""

    def __init__(self, folder: Path, *, threads: int = 1) -> None:
        """Load the model in `folder`; raise ModelUnavailable, saying what to mend, when it cannot be used."""
        missing = [name for name in _FILES if not (folder / name).is_file()]
        if missing:
            raise unavailable(f"{folder} lacks {', '.join(missing)}")
        config = _json(folder / "config.json")
        ours = _json(folder / "unspoken.json") if (folder / "unspoken.json").exists() else {}
        names = [str(name) for _, name in sorted(config.get("id2label", {}).items(), key=lambda item: int(item[0]))]
        self._weights = _mapping(folder, names, ours.get("labels", {name: name for name in names}))
        self._many = config.get("problem_type") == "multi_label_classification"
        self.languages = frozenset(ours.get("languages", ["en"]))
        digest = hashlib.sha256((folder / "model.onnx").read_bytes()).hexdigest()
        self.producer = Producer(str(ours.get("name", folder.name)), str(ours.get("version", "")), digest)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        try:
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            self._session = onnxruntime.InferenceSession(
                folder / "model.onnx", options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # both libraries raise bare Exceptions for damaged files
            raise unavailable(f"{folder} cannot be loaded ({error})") from error
        self._tokenizer.enable_truncation(WINDOW)
        self._tokenizer.no_padding()
        self._inputs = {one.name for one in self._session.get_inputs()}
        self._pool = ThreadPoolExecutor(threads, "text") if threads > 1 else None

    @property
    def calibration(self) -> Calibration:
        """Probabilities as the model gives them; a label counts from one half."""
        ones, zeros = np.ones(len(LABELS)), np.zeros(len(LABELS))
        as_it_is = Curve(ones, zeros, zeros)
        return Calibration(as_it_is, ones * 0.5, np.ones(4), np.zeros(4), (1.0, 0.0, 0.0))

    def encode(self, texts: Sequence[str]) -> Sequence[Window]:
        """Return the word pieces of each text; what exceeds a window is in `.overflowing`."""
        return self._tokenizer.encode_batch([text.encode(errors="replace").decode() for text in texts])

    def knows(self, window: Window) -> bool:
        """Return whether there is anything to read."""
        return any(start < end for start, end in window.offsets)

    def behind(self, contexts: Sequence[Context]) -> list[list[int]]:
        """Return nothing: such a model reads without context."""
        return [[] for _ in contexts]

    def score(self, windows: Sequence[Window], contexts: Sequence[Sequence[int]] = ()) -> Scores:
        """Return the scores of the windows, in their order."""
        order = np.argsort([len(window.ids) for window in windows], kind="stable")
        chunks = [order[start : start + _BATCH] for start in range(0, len(order), _BATCH)]
        said = np.empty((len(windows), len(self._weights)))

        def run(rows: NDArray[np.int64]) -> None:
            length = len(windows[rows[-1]].ids)
            ids = np.zeros((len(rows), length), np.int64)
            mask = np.zeros_like(ids)
            for place, row in enumerate(rows):
                ids[place, : len(windows[row].ids)] = windows[row].ids
                mask[place, : len(windows[row].ids)] = 1
            given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
            logits = self._session.run(None, {name: given[name] for name in self._inputs})[0].astype(float)
            said[rows] = _chances(logits, many=self._many)

        list((self._pool.map if self._pool else map)(run, chunks))
        labels = 1 - np.prod(1 - said[:, :, None] * self._weights[None], axis=1)
        logits = np.log(np.clip(labels, 1e-6, 1 - 1e-6) / np.clip(1 - labels, 1e-6, 1)).astype(np.float32)
        return Scores(
            logits, _ratings(labels), np.zeros((len(windows), 0), np.float32), np.zeros((len(windows), 0), np.float32),
            no_evidence,
        )  # fmt: skip


def _json(path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise unavailable(f"{path} cannot be read ({error})") from error
    return content


def _mapping(folder: Path, names: Sequence[str], labels: Mapping[str, Any]) -> NDArray[np.float64]:
    """Return the weights (theirs, 28) of their labels in ours."""
    weights = np.zeros((len(names), len(LABELS)))
    for name, meant in labels.items():
        towards = {meant: 1.0} if isinstance(meant, str) else meant
        unknown = [label for label in towards if label not in LABELS]
        if name not in names or unknown:
            what = f"{name!r} is no label of the model" if name not in names else f"{unknown[0]!r} is no label of ours"
            raise unavailable(f"{what}: write their labels {list(names)} and ours into {folder / 'unspoken.json'}")
        for label, weight in towards.items():
            weights[names.index(name), LABELS.index(label)] = float(weight)
    return weights


def _chances(logits: NDArray[np.float64], *, many: bool) -> NDArray[np.float64]:
    if many:
        return 1 / (1 + np.exp(-logits))
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
    return shares


def _ratings(labels: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return valence −1…1, arousal 0…1, dominance 0.5 and intensity 0…1 (N, 4), as far as labels (N, 28) tell."""
    side = np.array([sum(one.side * one.weights.get(label, 0.0) for one in CX.values()) for label in LABELS])
    good, bad = (1 - np.prod(1 - labels * np.clip(sign * side, 0, 1), axis=1) for sign in (1, -1))
    arousal = labels @ [_AROUSAL.get(label, 0.5) for label in LABELS] / np.maximum(labels.sum(axis=1), 1e-6)
    strongest = np.where(np.array(LABELS) == "neutral", 0.0, labels).max(axis=1)
    return np.column_stack([good - bad, arousal, np.full(len(labels), 0.5), strongest]).astype(np.float32)
