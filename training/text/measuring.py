"""What a network says of rows, and its figures on the development splits."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional

from training.text.data import Rows, batches, encode
from training.text.model import Perception
from unspoken.affect.vocabulary import MARKS
from unspoken.perception.text.corpora import HELD

Array = NDArray[np.float32]


def padded(ids: Sequence[list[int] | NDArray[np.int64]], rows: NDArray[np.int64]) -> Tensor:
    """Return the ids (B, longest) of `rows`, padded with 0."""
    return nn.utils.rnn.pad_sequence([torch.as_tensor(ids[row]) for row in rows], batch_first=True)


@torch.no_grad()
def inferred(model: Perception, ids: list[list[int]], device: str, *, pooled: bool = False) -> list[Array]:
    """Return label logits (N, 28), ratings (N, 4) and service logits (N, 13) of every row; or, pooled, the unit mean
    embeddings (N, 384) alone."""
    model.eval()
    lengths = np.array([len(row) for row in ids])
    results: list[Array] = []
    for rows in batches(lengths, np.arange(len(ids)), size=256, seed=0):
        with torch.autocast(device, torch.bfloat16):
            batch = padded(ids, rows).to(device)
            if pooled:
                outputs = [functional.normalize(model.pooled(batch).float(), dim=1)]
            else:
                logits, rated, _, marked = model(batch)
                outputs = [logits, rated, marked]
        if not results:
            results = [np.zeros((len(ids), output.shape[1]), np.float32) for output in outputs]
        for result, output in zip(results, outputs, strict=True):
            result[rows] = output.float().cpu().numpy()
    return results


def best_macro_f1(scores: Array, truth: NDArray[np.bool_]) -> float:
    """Return macro-F1 with the best threshold per label (a development figure only)."""
    swept = []
    for threshold in np.arange(-4, 2, 0.1):
        said = scores > threshold
        swept.append(2 * (said & truth).sum(0) / np.maximum(1, said.sum(0) + truth.sum(0)))
    return float(np.max(swept, axis=0).mean())


def dev_figures(model: Perception, dev: dict[str, Rows], tokenizer: Tokenizer, device: str) -> dict[str, float]:
    """Return the figures of the development splits: macro-F1 of labels and of service marks, r of the ratings."""
    logits = inferred(model, encode(tokenizer, dev["emotions"]), device)[0]
    truth = dev["emotions"].labels > 0
    half = 2 * ((logits > 0) & truth).sum(0) / np.maximum(1, (logits > 0).sum(0) + truth.sum(0))
    care, rated = dev["service"], dev["rated"]
    said = inferred(model, encode(tokenizer, care), device)
    ratings = inferred(model, encode(tokenizer, rated), device)[1]

    def r(values: Array, people: Array) -> float:
        return float(np.corrcoef(values, people)[0, 1])

    return {
        "labels at 0.5": float(half.mean()),
        "labels": best_macro_f1(logits, truth),
        "marks": best_macro_f1(said[2][:, : len(MARKS)], care.marks[:, : len(MARKS)] >= HELD),
        "valence of service": r(said[1][:, 0], care.ratings[:, 0]),
        "valence": r(ratings[:, 0], rated.ratings[:, 0]),
        "arousal": r(ratings[:, 1], rated.ratings[:, 1]),
    }


def in_words(figures: dict[str, float]) -> str:
    """Return figures as one line."""
    return ", ".join(f"{name} {value:.4f}" for name, value in figures.items())
