"""Writing down what customers say on calls under way: one utterance after the other, each a message of its call.

Sound waits here for the length of a sentence or two, and only while the customer permits that their words are read.
"""

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from unspoken.conversations.models import Author, Kind
from unspoken.intake import batcher
from unspoken.intake.inbound import Inbound
from unspoken.people.models import Channel
from unspoken.readings.actions import PerceptionUnavailableError
from unspoken.readings.words import written_down

from . import metrics
from .models import Call

if TYPE_CHECKING:
    from unspoken.readings.words import Utterance

ROOM = 120  # utterances that may wait
AT_REST = 30.0  # seconds without work after which the thread ends

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Spoken:
    """An utterance of a call. is_permitted: whether it still may be written down; lost: is told why it was not."""

    call: Call
    utterance: "Utterance"
    author: Author
    language: str
    is_permitted: Callable[[], bool]
    lost: Callable[[float, str], None]


class Scribe:
    """Writes down utterances in the order in which they come. Its thread runs while there are any."""

    def __init__(self) -> None:
        self._waiting: queue.Queue[Spoken] = queue.Queue(ROOM)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def add(self, spoken: Spoken) -> None:
        """Let an utterance be written down; when too many wait, it is not, which is told."""
        try:
            self._waiting.put_nowait(spoken)
        except queue.Full:
            spoken.lost(spoken.utterance.begin, "too much is waiting to be written down")
            metrics.UNWRITTEN.inc()
            return
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="scribe", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            try:
                spoken = self._waiting.get(timeout=AT_REST)
            except queue.Empty:
                with self._lock:
                    if self._waiting.empty():
                        self._thread = None
                        return
                continue
            try:
                write_down(spoken)
            except Exception:
                logger.exception("Something said on a call could not be written down.")
                spoken.lost(spoken.utterance.begin, "something went wrong")
                metrics.UNWRITTEN.inc()


def write_down(spoken: Spoken) -> int:
    """Write down one utterance and send what was said into its call; return how many messages that made."""
    if not spoken.is_permitted():
        return 0
    try:
        transcript = written_down(spoken.utterance.samples, language=spoken.language)
    except PerceptionUnavailableError as error:
        spoken.lost(spoken.utterance.begin, str(error))
        metrics.UNWRITTEN.inc()
        return 0
    if not spoken.is_permitted():  # withdrawn meanwhile: what is in flight is dropped
        return 0
    made = [
        message_of(spoken.call, segment.later(spoken.utterance.begin), spoken.author, transcript.language or "")
        for segment in transcript.segments
    ]
    for inbound in made:
        batcher.submit(inbound, timeout=5.0).result(timeout=60)
    return len(made)


def message_of(call: Call, segment: Any, author: Author, language: str) -> Inbound:
    """Return what was said as a message of its call; said again (the line came back), it is the same one."""
    conversation = call.conversation
    return Inbound(
        source=conversation.source, external_id=f"{conversation.external_id}#said-{segment.begin:.1f}",
        conversation_id=conversation.external_id, channel=Channel.CALL, kind=Kind.SEGMENT, author=author,
        occurred_at=call.began_at + timedelta(seconds=segment.end), text=segment.text, language=language,
        inbox=conversation.inbox.name, metadata=_metadata(segment),
    )  # fmt: skip


def _metadata(segment: Any) -> dict[str, Any]:
    words = [[word.text, round(word.begin, 2), round(word.end, 2), round(word.confidence, 3)] for word in segment.words]
    return {
        "begins": round(segment.begin, 2), "ends": round(segment.end, 2), "words": words,
        "written_down": "by a machine", "confidence": round(segment.confidence, 3),
    }  # fmt: skip


scribe = Scribe()
"""The scribe of this process."""
