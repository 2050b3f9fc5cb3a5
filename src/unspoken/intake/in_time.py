"""Reading with a time limit: a model that is slow, broken or missing never holds up a message."""

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate

from unspoken.affect.reading import Outcome
from unspoken.readings.actions import PerceptionUnavailableError, Words, perceive

from . import metrics

LIMIT = 3.0
"""Seconds that a batch may wait for the model; some ten times what 64 long messages take."""

_QUIET = 60.0  # seconds between two lines in the log about the same trouble

logger = logging.getLogger(__name__)
Perceive = Callable[[Sequence[Words]], Sequence[Outcome]]


class ReadInTime:
    """Calls `perceive` in a thread of its own. While an overdue call still runs, further texts are not even tried."""

    def __init__(self, perceive: Perceive = perceive, *, limit: float = LIMIT) -> None:
        self._perceive, self._limit = perceive, limit
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="perception")
        self._running: Future[Sequence[Outcome]] | None = None
        self._complained = -_QUIET

    def __call__(self, texts: Sequence[Words]) -> Sequence[Outcome | None]:
        """Return an outcome per text, or None for each when the model gave no answer in time."""
        if not texts:
            return []
        if self._running and not self._running.done():
            return self._unread(texts, "busy", "it is still busy with an earlier batch")
        started = time.monotonic()
        self._running = self._thread.submit(self._perceive, texts)
        try:
            outcomes = self._running.result(self._limit)
        except TooLate:
            return self._unread(texts, "late", f"it took longer than {self._limit:g} seconds")
        except PerceptionUnavailableError as error:
            return self._unread(texts, "failed", str(error))
        metrics.MODEL.observe(time.monotonic() - started)
        return outcomes

    def _unread(self, texts: Sequence[Words], why: str, words: str) -> list[None]:
        metrics.MODEL_FAILURES.labels(why).inc()
        if time.monotonic() - self._complained >= _QUIET:
            self._complained = time.monotonic()
            logger.warning("%d messages were stored without being read, and are read later: %s.", len(texts), words)
        return [None] * len(texts)
