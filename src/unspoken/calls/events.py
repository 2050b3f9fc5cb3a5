"""What is recorded of calls."""

from dataclasses import dataclass
from typing import ClassVar

from unspoken.journal.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBegan(Event):
    """A line was opened; again: it came back after it had been lost."""

    kind: ClassVar[str] = "call.began"
    again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEnded(Event):
    """A call is over after so many seconds."""

    kind: ClassVar[str] = "call.ended"
    seconds: float
