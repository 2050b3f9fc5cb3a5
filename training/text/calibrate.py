"""Fit the calibration on development data with the exported weights: python -m training.text.calibrate --data DIR.

Runs in the product's environment (no PyTorch). Writes labels.json, calibration.json and SHA256SUMS beside the model.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from unspoken.affect.vocabulary import LABELS, SERVICE
from unspoken.perception.artifacts import seal
from unspoken.perception.text.calibration import (
    CX_WEIGHTS,
    confidence_evidence,
    cx_probabilities,
    sigmoid,
)
from unspoken.perception.text.corpora import HELD, SERVICE_DEV, emobank, goemotions, service, snippets
from unspoken.perception.text.evaluation import best_thresholds
from unspoken.perception.text.network import FOLDER, Network

NAME, VERSION = "unspoken-text", "2"
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


def marks(network: Network, folder: Path) -> dict[str, dict[str, float]]:
    """Return the calibration of each mark and move, fitted on the service messages held out for that."""
    dev = service(folder, SERVICE_DEV)
    logits = network.score(network.encode(dev.texts)).service.astype(float)
    truth = dev.marks.astype(float)
    platt = np.array([logistic(logits[:, [mark]], truth[:, mark], ridge=1.0) for mark in range(len(SERVICE))])
    thresholds = best_thresholds(sigmoid(logits * platt[:, 0] + platt[:, 1]), truth >= HELD)
    return named(SERVICE, platt, thresholds)


def named(names: Sequence[str], platt: Array, thresholds: Array) -> dict[str, dict[str, float]]:
    """Return slope, offset and threshold by name."""
    return {
        name: {"slope": round(float(a), 5), "offset": round(float(b), 5), "threshold": round(float(t), 5)}
        for name, (a, b), t in zip(names, platt, thresholds, strict=True)
    }


def fit(network: Network, data: Path, service_folder: Path) -> dict[str, object]:
    """Return the calibration of `network`, fitted on the development splits in `data` and of our own messages."""
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
        "labels": named(LABELS, platt, thresholds),
        "valence": valence_scale(network, data, ratings[:, 0], rated.ratings[:, 0].astype(float)),
        "arousal": scale(ratings[:, 1], rated.ratings[:, 1].astype(float)),
        "dominance": scale(ratings[:, 2], rated.ratings[:, 2].astype(float)),
        "service": marks(network, service_folder),
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
    arguments.add_argument("--service", type=Path, default=Path("training/text/service"), help="our own messages")
    arguments.add_argument("--model", type=Path, default=FOLDER)
    arguments.add_argument("--version", default=VERSION)
    given = arguments.parse_args()
    write(given.model, "labels.json", {"name": NAME, "version": given.version, "labels": list(LABELS)})
    if not (given.model / "calibration.json").exists():
        write(given.model, "calibration.json", {})
    seal(given.model)
    write(given.model, "calibration.json", fit(Network(given.model), given.data, given.service))
    seal(given.model)


if __name__ == "__main__":
    main()
