"""The body of a request that is read only when, and only as far as, somebody wants it.

Django takes every body in before it asks who sends it. A recording is large: here it flows from the connection into the
hands of the page that takes it in, which has looked at member, consent and length before.
"""

import asyncio
import io
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import TimeoutError as TooLate
from typing import Any

Event = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Event]]
PATIENCE = 60.0  # seconds of silence after which a body has broken off


class Flowing(io.RawIOBase):
    """A body as a file to read from in a thread; what breaks off simply ends."""

    def __init__(self, receive: Receive) -> None:
        """To be made where the connection's event loop runs."""
        super().__init__()
        self._receive, self._loop = receive, asyncio.get_running_loop()
        self._over = asyncio.Event()
        self._rest, self._told = b"", False

    def readable(self) -> bool:
        """Say yes."""
        return True

    def readinto(self, room: Any) -> int:
        """Fill `room` as far as something is there, and wait for that; return how far, 0 at the end."""
        while not self._rest and not self._over.is_set():
            coming = asyncio.run_coroutine_threadsafe(self._next(), self._loop)
            try:
                self._rest = coming.result(PATIENCE)
            except TooLate:
                coming.cancel()
                break
        size = min(len(room), len(self._rest))
        room[:size], self._rest = self._rest[:size], self._rest[size:]
        return size

    async def _next(self) -> bytes:
        event = await self._receive()
        if not event.get("more_body"):
            self._over.set()
        return bytes(event.get("body", b""))

    async def receive(self) -> Event:
        """Tell Django of an empty body, and of what comes after the true one once that was read."""
        if not self._told:
            self._told = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._over.wait()
        return await self._receive()
