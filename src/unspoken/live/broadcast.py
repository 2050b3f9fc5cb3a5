"""One thread per process follows the journal and hands each new entry to every open stream of the process."""

import asyncio
import logging
import threading
from dataclasses import dataclass, field

from django.db import connections

from unspoken.journal.models import Entry
from unspoken.journal.notifier import notifier
from unspoken.journal.queries import entries_after, last_entry_id

logger = logging.getLogger(__name__)
POLL_SECONDS = 0.25  # how soon commits of other processes are noticed; those of this one wake us at once
BACKLOG = 1000  # entries a slow stream may lag behind before it is told to load anew


@dataclass(eq=False, slots=True)
class Listener:
    """One open stream's queue. `overrun` is set when it could not keep up."""

    loop: asyncio.AbstractEventLoop
    queue: "asyncio.Queue[Entry]" = field(default_factory=lambda: asyncio.Queue(BACKLOG))
    overrun: bool = False

    def put(self, entries: list[Entry]) -> None:
        """Add entries; runs in the stream's event loop."""
        for entry in entries:
            if self.queue.full():
                self.overrun = True
                return
            self.queue.put_nowait(entry)


class Broadcaster:
    """Follows the journal while somebody listens."""

    def __init__(self) -> None:
        self._listeners: set[Listener] = set()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def join(self, listener: Listener) -> None:
        """Begin to feed `listener` with entries that are committed from now on."""
        with self._lock:
            self._listeners.add(listener)
            if self._thread is None:
                position = last_entry_id()
                self._thread = threading.Thread(target=self._follow, args=(position,), name="live", daemon=True)
                self._thread.start()

    def leave(self, listener: Listener) -> None:
        """Stop feeding `listener`."""
        with self._lock:
            self._listeners.discard(listener)

    def _follow(self, position: int) -> None:
        seen = notifier.count
        while self._somebody_listens():
            try:
                entries = entries_after(position)
                if entries:
                    position = entries[-1].id
                    self._hand_out(entries)
                    continue
            except Exception:
                logger.exception("The journal could not be read for the live screens; trying again")
                connections.close_all()
            seen = notifier.wait(seen, timeout=POLL_SECONDS)
        connections.close_all()

    def _somebody_listens(self) -> bool:
        with self._lock:
            if not self._listeners:
                self._thread = None
            return bool(self._listeners)

    def _hand_out(self, entries: list[Entry]) -> None:
        with self._lock:
            listeners = list(self._listeners)
        for listener in listeners:
            try:
                listener.loop.call_soon_threadsafe(listener.put, entries)
            except RuntimeError:  # its event loop has ended
                self.leave(listener)


broadcaster = Broadcaster()
