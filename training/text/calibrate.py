"""Fit the calibration on development data with the exported weights: python -m training.text.calibrate --data DIR.

Runs in the product's environment (no PyTorch). Writes labels.json, calibration.json and SHA256SUMS beside the model.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from unspoken.affect.vocabulary import LABELS
from unspoken.perception.artifacts import seal
from unspoken.perception.text.calibration import (
    CX_WEIGHTS,
    confidence_evidence,
    cx_probabilities,
    sigmoid,
)
from unspoken.perception.text.corpora import emobank, goemotions, snippets
from unspoken.perception.text.evaluation import best_thresholds
from unspoken.perception.text.network import FOLDER, Network

NAME, VERSION = "unspoken-text", "1"
RATING_SETS = 3_000  # snippets that join EmoBank's development rows for the scale of valence
Array = NDArray[np.float64]


def logistic(features: Array, truth: Array, *, ridge: float = 1e-3) -> Array:
    """Return the weights and offset of a logistic regression (Newton's method)."""
    columns = np.column_stack([features, np.ones(len(features))])
    weights = np.zeros(columns.shape[1])
    for _ in range(50):
        probability = sigmoid(columns @ weights)
        slope = columns.T @ (probability - truth) + ridge * weights
        curve = (columns * (probability * (1 - probability))[:, None]).T @ columns + ridge * np.eye(len(weights))
        weights -= np.linalg.solve(curve, slope)
    return weights


def scale(predicted: Array, rated: Array) -> tuple[float, float]:
    """Return slope and offset that give the predictions the mean and spread of the ratings.

    A regression shrinks towards the mean; a scale on which people compare messages should not.
    """
    slope = rated.std() / predicted.std()
    return float(slope), float(rated.mean() - slope * predicted.mean())


def fit(network: Network, data: Path) -> dict[str, object]:
    """Return the calibration of `network`, fitted on the development splits in `data`."""
    dev = goemotions(data, "dev")
    logits = network.score(network.encode(dev.texts)).logits.astype(float)
    truth = dev.labels > 0
    platt = np.array([logistic(logits[:, [label]], truth[:, label]) for label in range(len(LABELS))])
    probability = sigmoid(logits * platt[:, 0] + platt[:, 1])
    thresholds = best_thresholds(probability, truth)
    cx = cx_probabilities(probability)
    chosen = (truth.astype(float) @ (CX_WEIGHTS >= 0.5).T) > 0
    hit = chosen[np.arange(len(cx)), cx.argmax(axis=1)].astype(float)
    confidence = logistic(confidence_evidence(cx), hit)
    rated = emobank(data, "dev")
    ratings = network.score(network.encode(rated.texts)).ratings.astype(float)
    return {
        "labels": {
            label: {"slope": round(float(a), 5), "offset": round(float(b), 5), "threshold": round(float(t), 5)}
            for label, (a, b), t in zip(LABELS, platt, thresholds, strict=True)
        },
        "valence": valence_scale(network, data, ratings[:, 0], rated.ratings[:, 0].astype(float)),
        "arousal": scale(ratings[:, 1], rated.ratings[:, 1].astype(float)),
        "confidence": [round(float(weight), 5) for weight in confidence],
    }


def valence_scale(network: Network, data: Path, predicted: Array, rated: Array) -> tuple[float, float]:
    """Return the scale of valence over EmoBank's development rows and as many of the snippets trained on."""
    movie = snippets(data, "movieReviewSnippets")
    texts, valence = movie.texts[:RATING_SETS], movie.ratings[:RATING_SETS, 0].astype(float)
    more = network.score(network.encode(texts)).ratings[:, 0].astype(float)
    return scale(np.concatenate([predicted, more]), np.concatenate([rated, valence]))


def write(folder: Path, name: str, content: object) -> None:
    """Write JSON into the model's folder."""
    (folder / name).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """Fit, write and seal."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", type=Path, required=True, help="folder with goemotions/, emobank/ and vader-gt/")
    arguments.add_argument("--model", type=Path, default=FOLDER)
    arguments.add_argument("--version", default=VERSION)
    given = arguments.parse_args()
    write(given.model, "labels.json", {"name": NAME, "version": given.version, "labels": list(LABELS)})
    if not (given.model / "calibration.json").exists():
        write(given.model, "calibration.json", {})
    seal(given.model)
    write(given.model, "calibration.json", fit(Network(given.model), given.data))
    seal(given.model)


if __name__ == "__main__":
    main()
