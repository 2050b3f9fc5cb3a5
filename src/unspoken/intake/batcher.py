"""Micro-batches: events that come close together share one model call and one transaction.

An event waits for company at most 10 ms, and only while others keep coming. Two threads: while one batch is being
committed, the next is already being read; so a batch takes half of what waits, and leaves the other half for meanwhile.
Both waits (the model's arithmetic and the disk) leave Python free for the other. Order is kept.
"""

import logging
import queue
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future

from unspoken.kit.clock import now

from . import metrics
from .inbound import Inbound
from .pipeline import Arrival, Pipeline
from .receipt import Receipt

LARGEST = 64
FEW = 8  # events that are enough for a batch while no more than twice as many wait; else half of them
LONGEST_WAIT = 0.010  # seconds that the first event of a batch waits for others
PAUSE = 0.001  # seconds without a further event after which it waits no longer
ROOM = 1024  # events that may wait; more are refused, so that waiting stays short and memory bounded

logger = logging.getLogger(__name__)


class Busy(RuntimeError):  # noqa: N818  a state, named as doors say it
    """More messages wait than can be taken in at once; nothing was kept of this one, send it again shortly."""


class _Waiting:
    __slots__ = ("future", "inbound", "since")

    def __init__(self, inbound: Inbound) -> None:
        self.inbound, self.since = inbound, time.monotonic()
        self.future: Future[Receipt] = Future()
        self.future.set_running_or_notify_cancel()  # whoever stops waiting does not stop the message


_Prepared = tuple[Sequence[_Waiting], Sequence[Arrival]]


class Batcher:
    """Collects events into batches for a pipeline. Start it before submitting; `close` finishes what waits."""

    def __init__(self, pipeline: Pipeline, *, largest: int = LARGEST, wait: float = LONGEST_WAIT, room: int = ROOM):
        self._pipeline, self._largest, self._wait = pipeline, largest, wait
        self._waiting: queue.Queue[_Waiting | None] = queue.Queue(room)
        self._prepared: queue.Queue[_Prepared | None] = queue.Queue(1)
        self._threads = [
            threading.Thread(target=self._prepare_all, name="intake-read", daemon=True),
            threading.Thread(target=self._commit_all, name="intake-commit", daemon=True),
        ]

    def start(self) -> None:
        """Start both threads."""
        for thread in self._threads:
            thread.start()

    def submit(self, inbound: Inbound, *, timeout: float = 0.0) -> Future[Receipt]:
        """Queue an event; its receipt comes once it is durable. Raises Busy if there is no room within `timeout` s."""
        waiting = _Waiting(inbound)
        try:
            self._waiting.put(waiting, block=timeout > 0, timeout=timeout or None)
        except queue.Full:
            raise Busy("Too many messages are waiting to be stored; send this one again in a second.") from None
        return waiting.future

    def close(self) -> None:
        """Take nothing more in, finish what waits, end the threads."""
        if self._threads[0].is_alive():
            self._waiting.put(None)
            for thread in self._threads:
                thread.join()

    def _prepare_all(self) -> None:
        while batch := self._next_batch():
            try:
                self._prepared.put((batch, self._pipeline.prepare([one.inbound for one in batch], now=now())))
            except Exception as error:
                logger.exception("A batch of %d messages could not be prepared.", len(batch))
                _fail(batch, error)
        self._prepared.put(None)

    def _next_batch(self) -> list[_Waiting]:
        """Return the next events, at most `largest`; none at all when the batcher is closing."""
        first = self._waiting.get()
        if first is None:
            return []
        batch, until = [first], time.monotonic() + self._wait
        enough = min(self._largest, max(FEW, self._waiting.qsize() // 2))
        while len(batch) < enough:
            left = until - time.monotonic()
            try:
                one = self._waiting.get(block=left > 0, timeout=min(left, PAUSE) if left > 0 else None)
            except queue.Empty:
                break
            if one is None:
                self._waiting.put(None)
                break
            batch.append(one)
        metrics.WAITING.set(self._waiting.qsize())
        return batch

    def _commit_all(self) -> None:
        while prepared := self._prepared.get():
            batch, arrivals = prepared
            try:
                settled = self._pipeline.settle(arrivals, now=now())
            except Exception as error:
                logger.exception("A batch of %d messages could not be stored.", len(batch))
                _fail(batch, error)
                continue
            for waiting, result in zip(batch, settled, strict=True):
                metrics.LATENCY.observe(time.monotonic() - waiting.since)
                if isinstance(result, Receipt):
                    waiting.future.set_result(result)
                else:
                    waiting.future.set_exception(result)


def _fail(batch: Sequence[_Waiting], error: Exception) -> None:
    for waiting in batch:
        waiting.future.set_exception(error)


_lock = threading.Lock()
_running: Batcher | None = None


def _batcher() -> Batcher:
    """Return this process's batcher, started when first needed."""
    global _running
    with _lock:
        if _running is None:
            _running = Batcher(Pipeline())
            _running.start()
        return _running


def submit(inbound: Inbound, *, timeout: float = 0.0) -> Future[Receipt]:
    """Queue one event in this process's batcher; see `Batcher.submit`."""
    return _batcher().submit(inbound, timeout=timeout)


def receive_many(events: Iterable[Inbound], *, timeout: float = 60.0) -> Iterator[Receipt]:
    """Take in many events, yielding their receipts in order as they become durable; holds few in memory at a time.

    Raises Busy when there is no room for `timeout` seconds, or what the pipeline raised for an event.
    """
    ahead: queue.SimpleQueue[Future[Receipt]] = queue.SimpleQueue()
    for event in events:
        ahead.put(submit(event, timeout=timeout))
        if ahead.qsize() >= 4 * LARGEST:
            yield ahead.get().result()
    while not ahead.empty():
        yield ahead.get().result()


def close() -> None:
    """Finish what waits and stop; the next `submit` starts anew."""
    global _running
    with _lock:
        running, _running = _running, None
    if running:
        running.close()
