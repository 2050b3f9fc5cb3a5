import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unspoken.affect.baseline import PRIOR_STRENGTH, SERVICE, Baseline, Usual

numbers = st.lists(st.tuples(st.floats(-1, 1), st.floats(0, 1)), max_size=30)


def kept(pairs: list[tuple[float, float]]) -> Baseline:
    baseline = Baseline()
    for valence, frustration in pairs:
        baseline = baseline.add(valence, frustration)
    return baseline


def test_an_empty_baseline_is_what_is_usual_around_it() -> None:
    assert Baseline().usual() == pytest.approx(SERVICE)
    around = Usual(0.4, 0.2, 0.1, 0.05)
    assert Baseline().usual(around) == pytest.approx(around)


def test_ten_readings_count_as_much_as_what_is_usual_around_them() -> None:
    baseline = kept([(-0.6, 0.8)] * PRIOR_STRENGTH)
    around = Usual(0.0, 0.3, 0.2, 0.2)
    assert baseline.mean(around) == pytest.approx(-0.3)
    assert baseline.usual(around).frustration == pytest.approx(0.5)
    # half of them lie 0.3 below the mean, half spread by 0.3 around a mean 0.3 above it
    assert baseline.sd(around) == pytest.approx((0.5 * 0.09 + 0.5 * (0.09 + 0.09)) ** 0.5)


def test_many_readings_outweigh_what_is_usual_around_them() -> None:
    assert kept([(-0.5, 0.5), (-0.3, 0.5)] * 5000).mean() == pytest.approx(-0.4, abs=1e-3)


@given(numbers, st.randoms())
def test_order_never_matters_to_the_last_digit(pairs: list[tuple[float, float]], random: object) -> None:
    shuffled = list(pairs)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert kept(shuffled) == kept(pairs)


@given(numbers, numbers)
def test_merging_two_contacts_is_having_seen_both(
    one: list[tuple[float, float]], two: list[tuple[float, float]]
) -> None:
    assert kept(one).merge(kept(two)) == kept(two).merge(kept(one)) == kept(one + two)


@given(numbers, st.floats(-1, 1), st.floats(0, 1))
def test_an_erased_reading_leaves_no_trace(
    pairs: list[tuple[float, float]], valence: float, frustration: float
) -> None:
    assert kept(pairs).add(valence, frustration).remove(valence, frustration) == kept(pairs)


@given(numbers)
def test_spread_is_positive_and_the_mean_in_range(pairs: list[tuple[float, float]]) -> None:
    usual = kept(pairs).usual()
    assert -1 <= usual.valence <= 1
    assert 0 <= usual.frustration <= 1
    assert usual.valence_sd > 0 < usual.frustration_sd


@given(numbers)
def test_survives_storage_as_json(pairs: list[tuple[float, float]]) -> None:
    assert Baseline.from_json(json.loads(json.dumps(kept(pairs).to_json()))) == kept(pairs)
