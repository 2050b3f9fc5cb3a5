"""From what the network says to what may be shown: probabilities, thresholds, scales and confidence.

Every number was fitted on development data with the shipped int8 weights; none on a test set.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspoken.affect.vocabulary import CX, LABELS, SERVICE

Array = NDArray[np.float64]

CX_WEIGHTS: Array = np.array([[category.weights.get(label, 0.0) for label in LABELS] for category in CX.values()])
_LEAST = np.array([-1.0, 0.0, 0.0, 0.0])
_CATEGORY, _COUNTED = np.nonzero(CX_WEIGHTS)  # the labels that count towards a category, category by category
_COUNTED_WEIGHTS = CX_WEIGHTS[_CATEGORY, _COUNTED]
_CATEGORIES = np.searchsorted(_CATEGORY, np.arange(len(CX)))  # where each of them begins


@dataclass(frozen=True, slots=True)
class Curve:
    """From logits to probabilities, a curve for each column: σ(slope·z + bend·softplus(z) + offset), which is beta
    calibration (Kull, Silva Filho & Flach, AISTATS 2017) of σ(z); without the bend, Platt's (1999)."""

    slope: Array
    bend: Array
    offset: Array

    def __call__(self, logits: NDArray[np.floating[Any]]) -> Array:
        """Return calibrated probabilities (N, columns) of logits (N, columns)."""
        return sigmoid(logits * self.slope + softplus(logits) * self.bend + self.offset)


@dataclass(frozen=True, slots=True)
class Calibration:
    """Curves and decision thresholds (probabilities) of the 28 labels and of the 13 marks and moves, these None where
    the model tells none; slopes and offsets (4,) of valence, arousal, dominance and intensity.

    possible: probability per label from which it belongs to the prediction set (class-conditional conformal, 90 %),
    None where that was not fitted. operating_point: confidence below which a reading is right too seldom to be shown.
    """

    labels: Curve
    thresholds: Array
    slopes: Array
    offsets: Array
    confidence: tuple[float, float, float]
    service: Curve | None = None
    service_thresholds: Array | None = None
    possible: Array | None = None
    operating_point: float = 0.0

    def scales(self, ratings: NDArray[np.float32]) -> Array:
        """Return valence −1…1, arousal, dominance and intensity 0…1 (N, 4) of ratings (N, 4)."""
        result: Array = np.minimum(np.maximum(ratings * self.slopes + self.offsets, _LEAST), 1.0)
        return result

    def services(self, logits: NDArray[np.float32]) -> Array:
        """Return calibrated probabilities (N, 13) of service logits (N, 13)."""
        return self.service(logits) if self.service else logits.astype(float)

    def confidences(self, cx: Array) -> Array:
        """Return the chance 0…1 (N,) that people would choose the top category of CX probabilities (N, 13)."""
        first, lead, offset = self.confidence
        return sigmoid(confidence_evidence(cx) @ np.array([first, lead]) + offset)


def load(path: Path) -> Calibration:
    """Read the calibration from its JSON file."""
    stored = json.loads(path.read_text(encoding="utf-8"))

    def column(part: str, names: Sequence[str], name: str) -> Array:
        return np.array([stored[part][one][name] for one in names])

    def curve(part: str, names: Sequence[str]) -> Curve:
        return Curve(*(column(part, names, name) for name in ("slope", "bend", "offset")))

    slopes, offsets = zip(*(stored[name] for name in ("valence", "arousal", "dominance")), (1.0, 0.0), strict=True)
    return Calibration(
        curve("labels", LABELS),
        column("labels", LABELS, "threshold"),
        np.array(slopes),
        np.array(offsets),
        tuple(stored["confidence"]),
        curve("service", SERVICE),
        column("service", SERVICE, "threshold"),
        column("labels", LABELS, "possible"),
        float(stored["operating_point"]),
    )


def cx_probabilities(labels: Array) -> Array:
    """Return the CX probabilities (N, 13) of label probabilities (N, 28): noisy-or, as `affect.vocabulary.cx_of`."""
    result: Array = 1.0 - np.multiply.reduceat(1.0 - _COUNTED_WEIGHTS * labels[:, _COUNTED], _CATEGORIES, axis=1)
    return result


def confidence_evidence(cx: Array) -> Array:
    """Return (N, 2): the log-odds of the top category and its lead in log-odds over the second."""
    highest = np.minimum(np.maximum(np.sort(cx, axis=1)[:, :-3:-1], 1e-6), 1 - 1e-6)
    odds = np.log(highest / (1 - highest))
    odds[:, 1] = odds[:, 0] - odds[:, 1]
    result: Array = odds
    return result


def sigmoid(values: Array) -> Array:
    """Return 1 / (1 + e^−x), without overflow."""
    return 0.5 * (1.0 + np.tanh(0.5 * values))


def softplus(values: NDArray[np.floating[Any]]) -> Array:
    """Return ln(1 + e^x), without overflow."""
    result: Array = np.logaddexp(0.0, values, dtype=np.float64)
    return result
