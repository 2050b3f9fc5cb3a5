"""Ears for many calls: what each has to do is asked in one go, here or in a process of its own."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from unspoken.affect.reading import Producer
from unspoken.perception.artifacts import ModelUnavailable
from unspoken.perception.child import Child, serve
from unspoken.perception.voice.ear import Ear, Portion, Usual

LONGEST = 60.0  # seconds that one turn may take before the process counts as stuck

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Orders:
    """What one ear has to do, in order. opening: how it is made, where it is new; steps: names of its methods with
    what they are given; closing: whether it is not needed any more. An ear that must be forgotten has no steps."""

    call: str
    opening: dict[str, Any] | None = None
    steps: list[tuple[str, tuple[Any, ...]]] = field(default_factory=list)
    closing: bool = False


@dataclass(slots=True)
class Answer:
    """What an ear told. lost: it is not known here (the process was started anew); why: it cannot be made."""

    portion: Portion = field(default_factory=Portion)
    usual: Usual | None = None
    producer: Producer | None = None
    lost: bool = False
    why: str = ""


class Ears(Protocol):
    """Where ears are."""

    def listen(self, orders: Sequence[Orders]) -> list[Answer]:
        """Return what each of the ears told, in order."""


class EarsHere:
    """Ears in this process."""

    def __init__(self) -> None:
        self._ears: dict[str, Ear] = {}

    def listen(self, orders: Sequence[Orders]) -> list[Answer]:
        """Return what each of the ears told, in order."""
        return [self._guarded(one) for one in orders]

    def _guarded(self, orders: Orders) -> Answer:
        """One ear that breaks down must not deafen the others."""
        try:
            return self._one(orders)
        except ModelUnavailable as error:
            return Answer(why=str(error))
        except Exception as error:
            logger.exception("Listening to a call broke down.")
            self._ears.pop(orders.call, None)
            return Answer(why=f"listening broke down: {error}")

    def _one(self, orders: Orders) -> Answer:
        if orders.opening is not None:
            self._ears[orders.call] = Ear(**orders.opening)
        ear = self._ears.get(orders.call)
        if ear is None:
            return Answer(lost=not orders.closing)
        answer = Answer(producer=ear.producer)
        for name, given in orders.steps:
            answer.portion.add(getattr(ear, name)(*given))
        answer.usual = ear.usual
        if orders.closing:
            del self._ears[orders.call]
        return answer


class EarsApart(Child[list[Orders], list[Answer]]):
    """Ears in a process of their own, started when first needed; after its end every ear is lost."""

    def __init__(self) -> None:
        super().__init__(__name__, ended="The process that listens to calls ended in its midst; it is started anew.")

    def listen(self, orders: Sequence[Orders]) -> list[Answer]:
        """Return what each of the ears told, in order."""
        try:
            return self.ask(list(orders), within=LONGEST)
        except ModelUnavailable as error:
            logger.warning("%s", error)
            return [Answer(lost=True) for _ in orders]


def main() -> None:
    """Serve the parent."""
    serve(lambda: EarsHere().listen)


if __name__ == "__main__":
    from unspoken.perception.voice import ears  # not this module, whose name its classes would carry to the parent

    ears.main()
