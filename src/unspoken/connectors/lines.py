"""The door for calls: `WSS /lines/<connector>/<inbox>`, one connection for each stream of a call.

Who connects is checked before the connection is accepted. What comes is put in its place at once and listened to
elsewhere; when listening falls behind, the other side has to wait.
"""

import asyncio
import logging
from typing import Any
from urllib.parse import parse_qsl

from asgiref.sync import sync_to_async
from django.db import InterfaceError, OperationalError, close_old_connections

from unspoken.calls import metrics
from unspoken.calls.exchange import Crowded
from unspoken.calls.happenings import Began, Ended, Noted
from unspoken.calls.line import Line
from unspoken.calls.opening import NotOpened, open_line
from unspoken.conversations.models import Inbox
from unspoken.intake.batcher import Busy
from unspoken.kit.clock import now

from .base import Delivery, PayloadError, SignatureError, source_of
from .calling import Calling, Frame, Talk
from .registry import connectors

PATH = "/lines/"
UNBEGUN = 20.0  # seconds after which a connection on which no call begins is closed
SILENT = 120.0  # seconds after which a connection that says nothing is closed
LONGEST = 12 * 3600.0  # seconds of one stream
PAUSE = 0.05  # seconds between two looks whether there is room again

GOING_AWAY, REFUSED, UNREADABLE, CROWDED = 1001, 1008, 1007, 1013  # RFC 6455, section 7.4.1, and 1013 of its registry

logger = logging.getLogger(__name__)
Receive = Any
Send = Any


async def answer(scope: Any, receive: Receive, send: Send) -> None:
    """Serve one WebSocket connection from its upgrade to its end."""
    await receive()  # websocket.connect
    found = await _found(scope["path"])
    if found is None:
        await send({"type": "websocket.close", "code": REFUSED})
        return
    connector, inbox = found
    try:
        talk = connector.admit(_upgrade(scope), inbox)
    except SignatureError as error:
        metrics.FRAMES.labels(inbox.connector, "refused").inc()
        logger.warning("A connection to the inbox %s was refused: %s", inbox.pk, error)
        await send({"type": "websocket.close", "code": REFUSED})
        return
    offered = [each for each in connector.subprotocols if each in scope.get("subprotocols", ())]
    await send({"type": "websocket.accept", "subprotocol": offered[0] if offered else None})
    await _Connection(talk, inbox, receive, send).serve()


async def _found(path: str) -> tuple[Calling, Inbox] | None:
    parts = path.removeprefix(PATH).split("/")
    if not path.startswith(PATH) or len(parts) != 2:
        return None
    connector = connectors().get(parts[0])
    if not isinstance(connector, Calling):
        return None
    inbox = await sync_to_async(_inbox)(*parts)
    return (connector, inbox) if inbox else None


def _inbox(connector: str, inbox_id: str) -> Inbox | None:
    close_old_connections()  # this thread serves no requests, after which that is done
    return Inbox.objects.filter(pk=inbox_id, connector=connector, is_active=True).first()


def _upgrade(scope: Any) -> Delivery:
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    raw = scope.get("raw_path") or scope["path"].encode()
    query = scope["query_string"].decode("latin-1")
    headers[":path"] = raw.decode("latin-1") + (f"?{query}" if query else "")
    headers[":scheme"] = scope.get("scheme", "ws")
    return Delivery(body=b"", headers=headers, query=dict(parse_qsl(query)), at=now())


class _Connection:
    """One accepted connection."""

    def __init__(self, talk: Talk, inbox: Inbox, receive: Receive, send: Send) -> None:
        self._talk, self._inbox, self._receive, self._send = talk, inbox, receive, send
        self._line: Line | None = None
        self._loop = asyncio.get_running_loop()
        self._told = asyncio.Lock()

    async def serve(self) -> None:
        """Take frames until the stream or the connection ends, whatever the reason."""
        code, why = 1000, "the stream ended"
        try:
            code, why = await self._take_all()
        except PayloadError as error:
            metrics.FRAMES.labels(self._inbox.connector, "malformed").inc()
            logger.warning("A line of the inbox %s was closed: %s", self._inbox.pk, error)
            code, why = UNREADABLE, str(error)
        except (NotOpened, Crowded) as error:
            logger.warning("A line of the inbox %s could not be opened: %s", self._inbox.pk, error)
            code, why = (CROWDED if isinstance(error, Crowded) else REFUSED), str(error)
        except Exception:
            logger.exception("A line of the inbox %s broke down; the call goes on when it comes back.", self._inbox.pk)
            code, why = 1011, "something went wrong here; connect again"
        finally:
            if self._line:
                self._line.take(Ended(over=False))  # of no effect where the stream said itself that it ended
        await self._close(code, why)

    async def _take_all(self) -> tuple[int, str]:
        until = self._loop.time() + LONGEST
        while True:
            wait = SILENT if self._line else UNBEGUN
            try:
                message = await asyncio.wait_for(self._receive(), wait)
            except TimeoutError:
                return GOING_AWAY, f"nothing was heard for {wait:.0f} seconds"
            if message["type"] == "websocket.disconnect":
                return 0, ""
            if self._line and self._line.ended:
                return REFUSED, "this call is no longer listened to on this connection; another one took it over"
            frame: Frame = message["text"] if message.get("text") is not None else message["bytes"]
            if await self._take(frame):
                return 1000, "the stream ended"
            if self._loop.time() > until:
                return GOING_AWAY, f"a stream may last {LONGEST / 3600:.0f} hours; connect again to go on"

    async def _take(self, frame: Frame) -> bool:
        """Deal with one frame; return whether the stream has ended."""
        for happening in self._talk.take(frame, now=now()):
            if isinstance(happening, Began):
                if self._line:
                    raise PayloadError("A stream that has begun cannot begin again; open another connection.")
                self._line = await self._open(happening)
            elif isinstance(happening, Noted):
                logger.info("A line of the inbox %s: %s", self._inbox.pk, happening.what)
            elif self._line:
                self._line.take(happening)
                if isinstance(happening, Ended):
                    await self._tell()
                    return True
        metrics.FRAMES.labels(self._inbox.connector, "taken").inc()
        await self._tell()
        while self._line and self._line.is_full and not self._line.ended:
            await asyncio.sleep(PAUSE)
        return False

    async def _open(self, began: Began) -> Line:
        return await sync_to_async(self._opened, thread_sensitive=False)(began)

    def _opened(self, began: Began) -> Line:
        close_old_connections()
        try:
            return open_line(began, source=source_of(self._inbox), inbox=self._inbox, now=now(), quiet=self._quiet)
        except (OperationalError, InterfaceError, Busy, TimeoutError) as error:
            why = str(error) or "the database does not answer"
            raise Crowded(f"Nothing can be stored just now ({why}), so nothing was heard. Connect again.") from error

    def _quiet(self, why: str) -> None:
        """Tell the other side that nothing more is listened to; called from another thread."""
        asyncio.run_coroutine_threadsafe(self._tell_quiet(why), self._loop)

    async def _tell_quiet(self, why: str) -> None:
        self._talk.quiet(why)
        await self._tell()

    async def _tell(self) -> None:
        """Send what there is to answer, in its order: whoever comes meanwhile waits."""
        async with self._told:
            for frame in self._talk.answers():
                kind = "text" if isinstance(frame, str) else "bytes"
                try:
                    await self._send({"type": "websocket.send", kind: frame})
                except (OSError, RuntimeError):
                    return  # the other side has gone; the next receive says so

    async def _close(self, code: int, why: str) -> None:
        if not code:
            return
        self._talk.leave(why)
        await self._tell()
        try:
            await self._send({"type": "websocket.close", "code": code, "reason": _short(why)})
        except (OSError, RuntimeError):
            logger.debug("The other side had closed the connection before us.")


def _short(why: str) -> str:
    """Return as much of a reason as a close frame has room for: 123 bytes (RFC 6455, section 5.5)."""
    return why.encode("utf-8", "replace")[:123].decode("utf-8", "ignore")
