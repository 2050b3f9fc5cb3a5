"""What is shown of the recordings of a call: what became of the last one, and whether one may be brought."""

from dataclasses import dataclass

from unspoken.calls.models import UNFINISHED
from unspoken.calls.waiting import in_words, obstacle
from unspoken.conversations.models import Conversation
from unspoken.readings.words import speech_is_on


@dataclass(frozen=True, slots=True)
class Brought:
    """words: what became of the newest recording, or ''; obstacle: why none can be brought just now, or '';
    is_written_down: whether what customers say is written down here, where they permit it."""

    words: str
    is_under_way: bool
    obstacle: str
    is_written_down: bool


def brought(conversation: Conversation) -> Brought:
    """Return what is shown of the recordings of a call, in at most four queries."""
    newest = conversation.recordings.order_by("-at", "-id").first()
    return Brought(
        words=in_words(newest) if newest else "", is_under_way=newest is not None and newest.state in UNFINISHED,
        obstacle=obstacle(conversation), is_written_down=speech_is_on(),
    )  # fmt: skip
