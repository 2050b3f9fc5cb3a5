"""Receipt: what became of one event."""

from dataclasses import dataclass
from typing import Literal

from .validation import Problem

Status = Literal["stored", "duplicate", "rejected"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """`stored` and `duplicate` name the one message that is stored; `rejected` says why nothing was kept.

    reading_state and reason as on the message.
    """

    status: Status
    message_id: str = ""
    conversation_id: str = ""
    reading_state: str = ""
    reason: str = ""
    error: str = ""
    problems: tuple[Problem, ...] = ()
