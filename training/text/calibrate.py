"""Fit the calibration on development data with the exported weights: python -m training.text.calibrate --data DIR.

Runs in the product's environment (no PyTorch). Writes labels.json, calibration.json and SHA256SUMS beside the model.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from unspoken.affect.vocabulary import LABELS, SERVICE
from unspoken.perception.artifacts import seal
from unspoken.perception.figures import logistic, thresholds_for_f1
from unspoken.perception.text.calibration import (
    CX_WEIGHTS,
    Curve,
    confidence_evidence,
    cx_probabilities,
    sigmoid,
    softplus,
)
from unspoken.perception.text.choice import TextNetwork, folder_of, is_light, mending
from unspoken.perception.text.context import Context, needs_context
from unspoken.perception.text.corpora import SERVICE_DEV, emobank, goemotions, service, snippets
from unspoken.perception.text.light import LightNetwork
from unspoken.perception.text.network import Network
from unspoken.perception.text.persons import mask, mask_context
from unspoken.perception.text.scores import Scores
from unspoken.perception.text.spelling import Spelling

NAME, VERSION = "unspoken-text", "7.2"
RATING_SETS = 3_000  # snippets that join EmoBank's development rows for the scale of valence
COVERAGE = 0.9
WORTH_SHOWING = 1 / 5
NEAR = 1.0  # what it costs to leave a plain sigmoid
LEAST_SLOPE = 0.2
Array = NDArray[np.float64]


def scale(predicted: Array, rated: Array) -> tuple[float, float]:
    """Return slope and offset that give the predictions the mean and spread of the ratings.

    A regression shrinks towards the mean; a scale on which people compare messages should not.
    """
    slope = rated.std() / predicted.std()
    return float(slope), float(rated.mean() - slope * predicted.mean())


@dataclass(frozen=True)
class Uncalibrated:
    """The exported weights, and what mends slips before they read."""

    network: TextNetwork
    spelling: Spelling

    def scored(self, texts: Sequence[str], contexts: Sequence[Context] = ()) -> Scores:
        """Return what they say of texts (of their first windows), persons hidden, as the product reads them."""

        def hidden(text: str, context: Context) -> Context:
            return mask_context(context) if needs_context(text) else Context()

        behind = self.network.behind(list(map(hidden, texts, contexts or [Context()] * len(texts))))
        windows = self.network.encode([self.spelling.mended(mask(text)).text for text in texts])
        return self.network.score(windows, behind)


def curve(logits: Array, truth: NDArray[np.generic]) -> Curve:
    """Return what makes probabilities of logits (N, columns), from the truth (0…1): beta calibration, fitted so near to
    the logits themselves that few rows bend little and a higher logit is always a higher probability."""
    return Curve(*np.array([_bent(own, shown.astype(float)) for own, shown in zip(logits.T, truth.T, strict=True)]).T)


def _bent(logits: Array, truth: Array, near: float = NEAR) -> Array:
    slope, bend, offset = logistic(np.column_stack([logits, softplus(logits)]), truth, ridge=near, prior=(1.0, 0.0))
    if min(slope, slope + bend) < LEAST_SLOPE:
        return _bent(logits, truth, 2 * near)
    return np.array([slope, bend, offset])


def named(names: Sequence[str], found: Curve, thresholds: Array) -> dict[str, dict[str, float]]:
    """Return slope, bend, offset and threshold by name."""
    columns = {"slope": found.slope, "bend": found.bend, "offset": found.offset, "threshold": thresholds}
    return {
        name: {part: round(float(values[place]), 5) for part, values in columns.items()}
        for place, name in enumerate(names)
    }


def fit(model: Uncalibrated, data: Path, service_folder: Path) -> dict[str, object]:
    """Return the calibration of `model`, fitted on the development splits in `data` and of our own messages."""
    dev = goemotions(data, "dev")
    logits = model.scored(dev.texts).logits.astype(float)
    truth = dev.labels > 0
    found = curve(logits, truth)
    probability = found(logits)
    thresholds = thresholds_for_f1(probability)
    cx = cx_probabilities(probability)
    right = hits(cx, truth)
    confidence = logistic(confidence_evidence(cx), right)
    sure = sigmoid(confidence_evidence(cx) @ confidence[:2] + confidence[2])
    rated = emobank(data, "dev")
    ratings = model.scored(rated.texts).ratings.astype(float)
    ours = service(service_folder, *SERVICE_DEV)
    scores = model.scored(ours.texts, ours.contexts)
    said, aroused = scores.service.astype(float), scores.ratings[:, 1].astype(float)
    marks = curve(said, ours.marks)
    labels = named(LABELS, found, thresholds)
    for column, label in enumerate(LABELS):
        labels[label]["possible"] = conformal(probability[truth[:, column], column])
    return {
        "labels": labels,
        "valence": valence_scale(model, data, ratings[:, 0], rated.ratings[:, 0].astype(float)),
        "arousal": scale(aroused, ours.ratings[:, 1].astype(float)),  # not EmoBank's measure
        "dominance": scale(ratings[:, 2], rated.ratings[:, 2].astype(float)),
        "service": named(SERVICE, marks, thresholds_for_f1(marks(said))),
        "confidence": [round(float(weight), 5) for weight in confidence],
        "operating_point": operating_point(sure, right),
    }


def hits(cx: Array, truth: NDArray[np.bool_]) -> Array:
    """Return 1 where the likeliest category is one of those that the labels (N, 28) belong to, else 0."""
    belongs = (truth.astype(float) @ (CX_WEIGHTS >= 0.5).T) > 0
    return belongs[np.arange(len(cx)), cx.argmax(axis=1)].astype(float)


def conformal(chances: Array) -> float:
    """Return the probability that at least 90 % of the rows with a label reach (class-conditional conformal prediction,
    Vovk 2012); 0 where there are too few rows to say."""
    allowed = int((1 - COVERAGE) * (len(chances) + 1))  # rows that may be missed
    return round(float(np.sort(chances)[allowed - 1]), 5) if allowed else 0.0


def operating_point(confidence: Array, right: Array) -> float:
    """Return the confidence up to which readings of everyday talk are right less often than one time in five: where the
    risk–coverage curve (El-Yaniv & Wiener 2010) has that slope.

    On our service messages even the least sure readings are right two times in five, so that few of them are silenced.
    """
    order = np.argsort(confidence)
    seldom = int(np.searchsorted(rising(right[order]), WORTH_SHOWING))
    return round(float(confidence[order][seldom - 1]), 5) if seldom else 0.0


def rising(values: Array) -> Array:
    """Return the rising steps that lie nearest to the values, in their order (isotonic regression; Ayer 1955)."""
    steps: list[tuple[float, int]] = []
    for value in values.tolist():
        total, count = value, 1
        while steps and steps[-1][0] * count >= total * steps[-1][1]:
            more, others = steps.pop()
            total, count = total + more, count + others
        steps.append((total, count))
    return np.concatenate([np.full(count, total / count) for total, count in steps])


def valence_scale(model: Uncalibrated, data: Path, predicted: Array, rated: Array) -> tuple[float, float]:
    """Return the scale of valence over EmoBank's development rows and as many of the snippets trained on."""
    movie = snippets(data, "movieReviewSnippets")
    texts, valence = movie.texts[:RATING_SETS], movie.ratings[:RATING_SETS, 0].astype(float)
    more = model.scored(texts).ratings[:, 0].astype(float)
    return scale(np.concatenate([predicted, more]), np.concatenate([rated, valence]))


def write(folder: Path, name: str, content: object) -> None:
    """Write JSON into the model's folder."""
    (folder / name).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """Fit, write and seal."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", type=Path, required=True, help="folder with goemotions/, emobank/ and vader-gt/")
    arguments.add_argument("--service", type=Path, default=Path("training/text/service"), help="our own messages")
    arguments.add_argument("--model", default="standard", help="standard, light, or a folder")
    arguments.add_argument("--version", default=VERSION)
    given = arguments.parse_args()
    folder = folder_of(given.model)
    light = is_light(folder)
    name = f"{NAME}-light" if light else NAME
    write(folder, "labels.json", {"name": name, "version": given.version, "labels": list(LABELS)})
    if not (folder / "calibration.json").exists():
        write(folder, "calibration.json", {})
    seal(folder)
    model = Uncalibrated((LightNetwork if light else Network)(folder), mending(folder))
    write(folder, "calibration.json", fit(model, given.data, given.service))
    seal(folder)


if __name__ == "__main__":
    main()
