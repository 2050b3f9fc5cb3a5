"""From what the network says to what may be shown: probabilities, thresholds, scales and confidence.

Every number was fitted on development data with the shipped int8 weights; none on a test set.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from unspoken.affect.vocabulary import CX, LABELS, SERVICE

Array = NDArray[np.float64]

CX_WEIGHTS: Array = np.array([[category.weights.get(label, 0.0) for label in LABELS] for category in CX.values()])
_CATEGORY, _COUNTED = np.nonzero(CX_WEIGHTS)  # the labels that count towards a category, category by category
_COUNTED_WEIGHTS = CX_WEIGHTS[_CATEGORY, _COUNTED]
_CATEGORIES = np.searchsorted(_CATEGORY, np.arange(len(CX)))  # where each of them begins


@dataclass(frozen=True, slots=True)
class Calibration:
    """Platt's slope and offset per label, decision thresholds (probabilities), slope and offset of the scales; service:
    Platt's slope, offset and decision threshold (13, 3) per mark and move, None where the model tells none.

    possible: probability per label from which it belongs to the prediction set (class-conditional conformal, 90 %),
    None where that was not fitted. operating_point: confidence below which a reading is right too seldom to be shown.
    """

    slope: Array
    offset: Array
    thresholds: Array
    valence: tuple[float, float]
    arousal: tuple[float, float]
    dominance: tuple[float, float]
    service: Array | None
    confidence: tuple[float, float, float]
    possible: Array | None = None
    operating_point: float = 0.0

    def probabilities(self, logits: NDArray[np.float32]) -> Array:
        """Return calibrated probabilities (N, 28) of label logits (N, 28) (Platt 1999)."""
        return sigmoid(logits * self.slope + self.offset)

    def valences(self, ratings: NDArray[np.float32]) -> Array:
        """Return valence −1…1 (N,) of ratings (N, 3)."""
        return np.clip(ratings[:, 0] * self.valence[0] + self.valence[1], -1.0, 1.0)

    def arousals(self, ratings: NDArray[np.float32]) -> Array:
        """Return arousal 0…1 (N,) of ratings (N, 3)."""
        return np.clip(ratings[:, 1] * self.arousal[0] + self.arousal[1], 0.0, 1.0)

    def dominances(self, ratings: NDArray[np.float32]) -> Array:
        """Return dominance 0…1 (N,) of ratings (N, 3)."""
        return np.clip(ratings[:, 2] * self.dominance[0] + self.dominance[1], 0.0, 1.0)

    def services(self, logits: NDArray[np.float32]) -> Array:
        """Return calibrated probabilities (N, 13) of service logits (N, 13)."""
        if self.service is None:
            return logits.astype(float)
        return sigmoid(logits * self.service[:, 0] + self.service[:, 1])

    def confidences(self, cx: Array) -> Array:
        """Return the chance 0…1 (N,) that people would choose the top category of CX probabilities (N, 13)."""
        first, second, offset = self.confidence
        evidence = confidence_evidence(cx)
        return sigmoid(evidence[:, 0] * first + evidence[:, 1] * second + offset)


def load(path: Path) -> Calibration:
    """Read the calibration from its JSON file."""
    stored = json.loads(path.read_text(encoding="utf-8"))
    per_label = {
        name: np.array([stored["labels"][label][name] for label in LABELS])
        for name in ("slope", "offset", "threshold", "possible")
    }
    return Calibration(
        per_label["slope"],
        per_label["offset"],
        per_label["threshold"],
        tuple(stored["valence"]),
        tuple(stored["arousal"]),
        tuple(stored["dominance"]),
        np.array([[stored["service"][name][part] for part in ("slope", "offset", "threshold")] for name in SERVICE]),
        tuple(stored["confidence"]),
        per_label["possible"],
        float(stored["operating_point"]),
    )


def cx_probabilities(labels: Array) -> Array:
    """Return the CX probabilities (N, 13) of label probabilities (N, 28): noisy-or, as `affect.vocabulary.cx_of`."""
    result: Array = 1.0 - np.multiply.reduceat(1.0 - _COUNTED_WEIGHTS * labels[:, _COUNTED], _CATEGORIES, axis=1)
    return result


def confidence_evidence(cx: Array) -> Array:
    """Return (N, 2): the log-odds of the top category and its lead in log-odds over the second."""
    highest = np.clip(np.sort(cx, axis=1)[:, -2:], 1e-6, 1 - 1e-6)
    odds = np.log(highest / (1 - highest))
    return np.column_stack([odds[:, 1], odds[:, 1] - odds[:, 0]])


def sigmoid(values: Array) -> Array:
    """Return 1 / (1 + e^−x), without overflow."""
    return 0.5 * (1.0 + np.tanh(0.5 * values))
