"""The figures, on cases that can be worked out by hand."""

import math

import numpy as np
import pytest

from unspoken.perception import figures as measure

TRUTH = np.array([[1, 0], [1, 0], [0, 1], [0, 0]], bool)
SAID = np.array([[1, 0], [0, 0], [1, 1], [0, 0]], bool)


def test_f1_per_label_macro_and_micro() -> None:
    assert measure.label_f1(SAID, TRUTH).tolist() == [0.5, 1.0]
    assert measure.macro_f1(SAID, TRUTH) == 0.75
    assert measure.micro_f1(SAID, TRUTH) == pytest.approx(2 * 2 / 6)


def test_f1_of_a_label_that_nobody_says_is_zero() -> None:
    nothing = np.zeros((3, 1), bool)
    assert measure.label_f1(nothing, nothing).tolist() == [0.0]


def test_auroc_counts_pairs_and_half_of_ties() -> None:
    assert measure.auroc(np.array([0.1, 0.4, 0.4, 0.9]), np.array([False, False, True, True])) == 0.875


def test_auroc_needs_both_kinds() -> None:
    assert math.isnan(measure.auroc(np.array([0.1, 0.2]), np.array([True, True])))


def test_calibration_error_is_the_gap_of_each_bin() -> None:
    probability, correct = np.array([0.8, 0.8, 0.2, 0.2]), np.array([True, False, False, False])
    assert measure.calibration_error(probability, correct) == pytest.approx((0.6 + 0.4) / 4)


def test_best_threshold_separates_what_can_be_separated() -> None:
    probability = np.array([[0.1], [0.2], [0.6], [0.8]] * 10)
    threshold = measure.best_thresholds(probability, probability > 0.5)
    assert threshold == pytest.approx([0.4])


def test_a_threshold_is_half_of_the_f1_that_can_be_expected() -> None:
    certain = np.array([[1.0], [0.0], [1.0], [0.0]])
    assert measure.thresholds_for_f1(certain).tolist() == [0.5]
    two = np.array([[0.6, 0.1], [0.2, 0.1]])
    assert measure.thresholds_for_f1(two) == pytest.approx([0.6 / 1.8, 0.2 / 2.2])


def test_the_threshold_is_where_f1_is_best_of_outcomes_that_come_as_often_as_said() -> None:
    random = np.random.default_rng(4)
    probability = random.beta(0.4, 2.5, (40_000, 1))
    truth = random.random((40_000, 1)) < probability
    chosen = measure.thresholds_for_f1(probability)[0]
    found = {round(cut, 2): measure.macro_f1(probability >= cut, truth) for cut in np.arange(0.05, 0.6, 0.05)}
    assert measure.macro_f1(probability >= chosen, truth) > max(found.values()) - 0.005


def test_interval_holds_the_value() -> None:
    values = np.arange(200.0)
    figure = measure.with_interval(lambda sample: float(sample.mean()), values)
    assert figure.value == 99.5
    assert 85 < figure.low < 99.5 < figure.high < 115
