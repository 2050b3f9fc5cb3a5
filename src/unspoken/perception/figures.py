"""Figures of quality, numpy only: F1, AUROC, calibration error, correlation, each with a bootstrap interval."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Metric = Callable[..., float]
_STILL = 1e-6  # a step of the fit that moves nothing


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value with its 95 % bootstrap interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"


@dataclass(frozen=True, slots=True)
class Line:
    """One measured thing: ours and, where there is one, a peer's figure on the same rows."""

    corpus: str
    what: str
    ours: Figure
    peer: str = ""
    theirs: Figure | None = None


def with_interval(metric: Metric, *samples: NDArray[np.generic], draws: int = 500, seed: int = 0) -> Figure:
    """Return metric(*samples) with the 2.5 and 97.5 percentiles over resampled rows (Efron 1979)."""
    random = np.random.default_rng(seed)
    rows = len(samples[0])
    values = []
    for _ in range(draws):
        drawn = random.integers(0, rows, rows)
        values.append(metric(*(sample[drawn] for sample in samples)))
    low, high = np.nanpercentile(values, [2.5, 97.5])
    return Figure(metric(*samples), float(low), float(high))


def label_f1(said: NDArray[np.bool_], truth: NDArray[np.bool_]) -> Array:
    """Return F1 (labels,) of decisions and truth (N, labels); 0 where a label is neither said nor true."""
    both = (said & truth).sum(axis=0)
    result: Array = 2 * both / np.maximum(1, said.sum(axis=0) + truth.sum(axis=0))
    return result


def macro_f1(said: NDArray[np.bool_], truth: NDArray[np.bool_]) -> float:
    """Return the mean of the labels' F1."""
    return float(label_f1(said, truth).mean())


def micro_f1(said: NDArray[np.bool_], truth: NDArray[np.bool_]) -> float:
    """Return F1 over all decisions together."""
    return float(2 * (said & truth).sum() / max(1, said.sum() + truth.sum()))


def auroc(score: Array, positive: NDArray[np.bool_]) -> float:
    """Return the chance that a positive outranks a negative (ties count half); NaN without both kinds."""
    positives = int(positive.sum())
    negatives = len(positive) - positives
    if not positives or not negatives:
        return float("nan")
    _, place, counts = np.unique(score, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    return float((ranks[positive].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def correlation(left: Array, right: Array) -> float:
    """Return Pearson's r."""
    return float(np.corrcoef(left, right)[0, 1])


def share(found: NDArray[np.bool_]) -> float:
    """Return in which share (0…1) of all rows something was found."""
    return float(found.mean())


def calibration_error(probability: Array, correct: NDArray[np.bool_], *, bins: int = 15) -> float:
    """Return the expected calibration error (0…1) over bins of equal width (Guo et al., ICML 2017)."""
    place = np.minimum((probability * bins).astype(int), bins - 1)
    gaps = np.bincount(place, probability - correct, bins)
    return float(np.abs(gaps).sum() / len(probability))


def thresholds_for_f1(probability: Array) -> Array:
    """Return the threshold per label that promises the best F1, from calibrated probabilities (N, labels) alone.

    It is half of that F1 (Lipton, Elkan & Naryanaswamy, ECML 2014). Where few rows have a label, this is steadier than
    a threshold at which their F1 happened to be best.
    """
    ranked = -np.sort(-probability, axis=0)
    said = np.arange(1, len(ranked) + 1)[:, None]
    expected = 2 * np.cumsum(ranked, axis=0) / (said + ranked.sum(axis=0))
    best: Array = expected.max(axis=0) / 2
    return best


def best_thresholds(probability: Array, truth: NDArray[np.bool_], *, draws: int = 100, seed: int = 0) -> Array:
    """Return the threshold per label with the best F1 among many rows, smoothed: the median over resampled ones."""
    random = np.random.default_rng(seed)
    chosen = np.empty((draws, probability.shape[1]))
    for draw in range(draws):
        rows = random.integers(0, len(truth), len(truth))
        for label in range(probability.shape[1]):
            chosen[draw, label] = _best_threshold(probability[rows, label], truth[rows, label])
    result: Array = np.median(chosen, axis=0)
    return result


def _best_threshold(probability: Array, truth: NDArray[np.bool_]) -> float:
    """Return the middle between the last probability said and the first one not said, at the best F1."""
    order = np.argsort(-probability)
    hits = np.cumsum(truth[order])
    f1 = 2 * hits / (np.arange(1, len(order) + 1) + truth.sum())
    best = int(np.argmax(f1))
    ranked = probability[order]
    return float((ranked[best] + ranked[min(best + 1, len(order) - 1)]) / 2)


def logistic(features: Array, truth: Array, *, ridge: float = 1e-3, prior: Sequence[float] = ()) -> Array:
    """Return the weights and offset of a logistic regression: Newton's method, halving a step that would do harm.

    ridge: how much it costs to leave the `prior` weights (zeros unless given).
    """
    columns = np.column_stack([features, np.ones(len(features))])
    start = np.zeros(columns.shape[1])
    start[: len(prior)] = prior
    weights = start.copy()

    def cost(tried: Array) -> float:
        odds = columns @ tried
        return float(np.logaddexp(0.0, odds).sum() - truth @ odds + ridge / 2 * np.square(tried - start).sum())

    for _ in range(25):
        probability = 0.5 * (1.0 + np.tanh(0.5 * (columns @ weights)))
        slope = columns.T @ (probability - truth) + ridge * (weights - start)
        curve = (columns * (probability * (1 - probability))[:, None]).T @ columns + ridge * np.eye(len(weights))
        step = np.linalg.solve(curve, slope)
        before = cost(weights)
        while cost(weights - step) > before and np.abs(step).max() > _STILL:
            step /= 2
        weights -= step
        if np.abs(step).max() < _STILL:
            break
    return weights
