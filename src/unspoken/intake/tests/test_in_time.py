import threading
from collections.abc import Sequence

from unspoken.affect.reading import Outcome, Reading
from unspoken.intake.in_time import ReadInTime
from unspoken.readings.actions import PerceptionUnavailableError, Words, perceive

from .fake import read


def words(*texts: str) -> list[Words]:
    return [Words(text) for text in texts]


def test_gives_what_the_model_gives() -> None:
    outcomes = ReadInTime(read)(words("terrible", "thanks"))
    assert [outcome.valence for outcome in outcomes if outcome is not None] == [-0.8, 0.7]


def test_a_slow_model_gives_nothing_and_is_not_asked_again_until_it_is_done() -> None:
    done, calls = threading.Event(), []

    def slow(texts: Sequence[Words]) -> list[Outcome]:
        calls.append([one.text for one in texts])
        done.wait(10)
        return read(texts)

    in_time = ReadInTime(slow, limit=0.05)
    assert in_time(words("first")) == [None]
    assert in_time(words("second", "third")) == [None, None]
    assert calls == [["first"]]
    done.set()
    while in_time(words("fourth")) == [None]:
        pass
    assert calls[-1] == ["fourth"]


def test_a_broken_model_gives_nothing() -> None:
    def broken(texts: Sequence[Words]) -> list[Outcome]:
        raise PerceptionUnavailableError("no model file")

    assert ReadInTime(broken)(words("one", "two")) == [None, None]


def test_no_text_asks_no_model() -> None:
    def unwanted(texts: Sequence[Words]) -> list[Outcome]:
        raise AssertionError(texts)

    assert ReadInTime(unwanted)([]) == []


def test_a_batch_shared_among_cores_reads_as_it_would_alone() -> None:
    texts = [f"{'Thank you so much' if n % 2 else 'This is terrible'}, number {n}." for n in range(50)]
    together = perceive(words(*texts))
    alone = [perceive(words(text))[0] for text in texts]
    assert [one.top for one in together if isinstance(one, Reading)] == [
        one.top for one in alone if isinstance(one, Reading)
    ]
    assert len(together) == 50
