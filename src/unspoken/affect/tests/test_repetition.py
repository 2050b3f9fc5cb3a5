import numpy as np

from unspoken.affect.repetition import askings, mean_embedding, same_thing
from unspoken.affect.tests.readings import about, agent, customer, reading
from unspoken.affect.turns import Turn


def test_counts_the_same_question_by_the_similarity_of_its_embedding() -> None:
    turns = [
        customer(1, 0, reading(topic=3)),
        agent(1, 10),
        customer(2, 20, reading(topic=9)),
        customer(3, 30, reading(topic=3, lean=0.2)),
        customer(4, 40, reading(topic=3, lean=0.1)),
    ]
    assert askings(turns) == [(1, None), (0, None), (1, None), (2, "c1"), (3, "c3")]


def test_a_different_question_starts_anew() -> None:
    turns = [customer(1, 0, reading(topic=3)), customer(2, 10, reading(topic=3, lean=0.9))]
    assert [times for times, _ in askings(turns)] == [1, 1]


def test_thanks_are_not_a_question_asked_again() -> None:
    thanks = reading(0.8, topic=3, gratitude=0.9)
    assert [times for times, _ in askings([customer(1, 0, thanks), customer(2, 10, thanks)])] == [0, 0]


def test_counts_the_same_words_where_nothing_was_read() -> None:
    turns = [Turn.of(f"c{place}", place, "customer", "Where is my parcel? Ordered in May.") for place in range(3)]
    assert askings(turns) == [(1, None), (2, "c0"), (3, "c1")]


def test_never_looks_at_what_agents_repeat() -> None:
    turns = [Turn.of(f"a{place}", place, "agent", "Which order number do you mean?") for place in range(3)]
    assert askings(turns) == [(0, None)] * 3


def test_half_precision_storage_does_not_change_what_is_the_same() -> None:
    exact = reading(topic=3, lean=0.6)
    assert exact.embedding is not None
    stored = reading()
    object.__setattr__(stored, "embedding", exact.embedding.astype(np.float16).astype(np.float32))
    first = customer(1, 0, reading(topic=3))
    assert askings([first, customer(2, 1, exact)]) == askings([first, customer(2, 1, stored)])


def test_finds_earlier_conversations_about_the_same_thing_oldest_first() -> None:
    earlier = [("late", 30.0, about(3, lean=0.1)), ("other", 20.0, about(8)), ("early", 10.0, about(3))]
    assert same_thing(about(3), earlier) == ("early", "late")
    assert same_thing(np.stack([about(8), about(3)]), earlier) == ("early", "other", "late")
    assert same_thing(about(50), earlier) == ()
    assert same_thing(about(3), []) == ()


def test_the_mean_of_what_was_read_is_a_unit_vector() -> None:
    mean = mean_embedding([reading(topic=3), None, reading(), reading(topic=5)])
    assert mean is not None
    assert mean.dtype == np.float32
    assert np.isclose(np.linalg.norm(mean), 1.0)
    assert np.isclose(mean[3], 0.5**0.5)
    assert mean_embedding([None, reading()]) is None
