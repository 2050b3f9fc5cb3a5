import threading
from collections.abc import Sequence

from unspoken.affect.reading import Outcome, Reading
from unspoken.intake.in_time import ReadInTime
from unspoken.readings.actions import PerceptionUnavailableError, perceive

from .fake import read


def test_gives_what_the_model_gives() -> None:
    outcomes = ReadInTime(read)(["terrible", "thanks"])
    assert [outcome.valence for outcome in outcomes if outcome is not None] == [-0.8, 0.7]


def test_a_slow_model_gives_nothing_and_is_not_asked_again_until_it_is_done() -> None:
    done, calls = threading.Event(), []

    def slow(texts: Sequence[str]) -> list[Outcome]:
        calls.append(list(texts))
        done.wait(10)
        return read(texts)

    in_time = ReadInTime(slow, limit=0.05)
    assert in_time(["first"]) == [None]
    assert in_time(["second", "third"]) == [None, None]
    assert calls == [["first"]]
    done.set()
    while in_time(["fourth"]) == [None]:
        pass
    assert calls[-1] == ["fourth"]


def test_a_broken_model_gives_nothing() -> None:
    def broken(texts: Sequence[str]) -> list[Outcome]:
        raise PerceptionUnavailableError("no model file")

    assert ReadInTime(broken)(["one", "two"]) == [None, None]


def test_no_text_asks_no_model() -> None:
    def unwanted(texts: Sequence[str]) -> list[Outcome]:
        raise AssertionError(texts)

    assert ReadInTime(unwanted)([]) == []


def test_a_batch_shared_among_cores_reads_as_it_would_alone() -> None:
    texts = [f"{'Thank you so much' if n % 2 else 'This is terrible'}, number {n}." for n in range(50)]
    together = perceive(texts)
    alone = [perceive([text])[0] for text in texts]
    assert [one.top for one in together if isinstance(one, Reading)] == [
        one.top for one in alone if isinstance(one, Reading)
    ]
    assert len(together) == 50
