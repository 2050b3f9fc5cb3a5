"""From logits to probabilities: the curves that ship, and what they are made of."""

from pathlib import Path

import numpy as np
import pytest

from unspoken.perception.figures import logistic
from unspoken.perception.text.calibration import Curve, load
from unspoken.perception.text.choice import LIGHT, STANDARD


@pytest.mark.parametrize("folder", [STANDARD, LIGHT], ids=["standard", "light"])
def test_a_higher_logit_is_always_a_higher_probability(folder: Path) -> None:
    calibration = load(folder / "calibration.json")
    assert calibration.service is not None
    for curve in (calibration.labels, calibration.service):
        chances = curve(np.linspace(-15, 15, 400)[:, None].repeat(len(curve.slope), axis=1))
        assert (np.diff(chances, axis=0) > 0).all()


def test_without_a_bend_a_curve_is_a_sigmoid() -> None:
    plain = Curve(np.array([2.0]), np.array([0.0]), np.array([-1.0]))
    assert plain(np.array([[0.5]])) == pytest.approx(0.5)
    assert Curve(plain.slope, np.array([1.0]), plain.offset)(np.array([[0.0]])) == pytest.approx(2 / (2 + np.e))


def test_a_regression_stays_near_what_it_is_told_to_when_there_is_little_to_learn() -> None:
    random = np.random.default_rng(0)
    odds = random.normal(size=(4000, 1))
    truth = (random.random(4000) < 1 / (1 + np.exp(-3 * odds[:, 0]))).astype(float)
    slope, offset = logistic(odds, truth)
    assert (slope, offset) == (pytest.approx(3, abs=0.3), pytest.approx(0, abs=0.15))
    assert logistic(odds[:6], truth[:6], ridge=1e4, prior=(1.0, 0.0)) == pytest.approx([1, 0], abs=1e-2)


def test_a_regression_on_separable_rows_ends() -> None:
    slope, _ = logistic(np.array([[-1.0], [1.0]] * 50), np.array([0.0, 1.0] * 50))
    assert np.isfinite(slope) and slope > 1
