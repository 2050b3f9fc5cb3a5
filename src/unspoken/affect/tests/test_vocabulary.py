import pytest

from unspoken.affect.tests.readings import of_labels
from unspoken.affect.vocabulary import CX, LABELS, NEGATIVE, POSITIVE, any_of, cx_of


def test_every_category_is_made_of_known_labels_with_weights_up_to_one() -> None:
    for category in CX.values():
        assert category.weights.keys() <= set(LABELS)
        assert all(0 < weight <= 1 for weight in category.weights.values())
    assert {category.side for category in CX.values()} == {-1, 0, 1}
    assert not set(NEGATIVE) & set(POSITIVE)


def test_labels_that_point_the_same_way_add_up_without_passing_one() -> None:
    cx = cx_of(of_labels(annoyance=0.5, anger=0.5, disapproval=1.0).labels)
    assert cx["frustration"] == pytest.approx(1 - 0.5 * 0.7 * 0.5)
    assert cx["anger"] == pytest.approx(0.5)
    assert cx["delight"] == 0.0


def test_the_chance_of_any_is_more_than_that_of_each() -> None:
    assert any_of({"anger": 0.5, "worry": 0.5}, ("anger", "worry", "sadness")) == pytest.approx(0.75)
    assert any_of({}, ("anger",)) == 0.0
