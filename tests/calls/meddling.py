"""What comes between: ears in whose midst something happens, databases that give way, and a look at what is stored."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db import OperationalError

from unspoken.calls.tests.lines import Telephone
from unspoken.conversations.models import Message
from unspoken.perception.voice.ears import Answer, EarsHere, Orders
from unspoken.readings.models import ToneReading

FULL = OperationalError("database or disk is full")


class EarsAnd(EarsHere):
    """Ears in whose midst something happens, once they have heard."""

    def __init__(self, then: Callable[[], object]) -> None:
        super().__init__()
        self.then = then

    def listen(self, orders: Sequence[Orders]) -> list[Answer]:
        answers = super().listen(orders)
        self.then()
        return answers


class Broken:
    """Ears that cannot even be asked."""

    def listen(self, orders: Sequence[Orders]) -> list[Answer]:
        raise OSError("[Errno 12] Cannot allocate memory")


class Failing:
    """Fails so many times, then does what it stands for; counts how often it was asked."""

    def __init__(self, error: Exception, times: int, instead: Callable[..., Any]) -> None:
        self.error, self.times, self.instead, self.asked = error, times, instead, 0

    def __call__(self, *given: Any, **named: Any) -> Any:
        self.asked += 1
        if self.asked <= self.times:
            raise self.error
        return self.instead(*given, **named)


def timeline(call_id: str = "call-1") -> list[str]:
    """Return what the timeline of a call says."""
    rows = Message.objects.filter(conversation__external_id=call_id, author_kind="system")
    return list(rows.order_by("occurred_at", "id").values_list("text", flat=True))


def windows(call_id: str = "call-1") -> list[tuple[float, str]]:
    """Return begin and reason of the rows of a call."""
    rows = ToneReading.objects.filter(conversation__external_id=call_id).order_by("begins")
    return [(row.begins, row.reason) for row in rows]


def begins(call_id: str = "call-1") -> list[float]:
    """Return where the windows begin that were heard of a call."""
    return [begin for begin, reason in windows(call_id) if reason != "interrupted"]


def turns(phone: Telephone, count: int, *, at: float) -> None:
    """Let the exchange go on as its thread does, four times a second, while the database is out of reach too."""
    for number in range(count):
        try:
            phone.exchange.turn(phone.moment(at + number / 4))
        except OperationalError:
            continue
