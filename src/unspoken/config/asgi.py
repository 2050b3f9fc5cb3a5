"""The ASGI application that uvicorn serves.

Programs (`/api/`, `/hooks/`) bring a token or a signature instead of a session, so their requests take a way without
the middleware of the pages: each synchronous middleware would cost them two changes of thread.
"""

import io
import os
import tempfile
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import django
from asgiref.sync import ThreadSensitiveContext
from django.conf import settings
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.exception import convert_exception_to_response

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "unspoken.config.settings")
django.setup(set_prefix=False)

from unspoken.api.express import is_usual, receive_usual  # noqa: E402  needs the apps
from unspoken.connectors.lines import answer  # noqa: E402

from .flowing import Flowing  # noqa: E402
from .gate import WITHOUT_SESSION, Bounded, flows, most, refusal, too_large  # noqa: E402

# Static files are small and come from the disk's cache; that Django reads them at once is no trouble here.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")


class Handler(ASGIHandler):
    """Django's handler; bodies that do not stay in memory lie in the data folder, and some are not taken in at all."""

    async def read_body(self, receive: Any) -> Any:
        """Take the body in; raise RequestAborted when the connection goes meanwhile."""
        body = tempfile.SpooledTemporaryFile(  # noqa: SIM115  closed by `handle`
            max_size=settings.FILE_UPLOAD_MAX_MEMORY_SIZE, mode="w+b", dir=str(settings.FILE_UPLOAD_TEMP_DIR)
        )
        more = True
        while more:
            event = await receive()
            if event["type"] == "http.disconnect":
                body.close()
                raise RequestAborted
            body.write(event.get("body", b""))
            more = event.get("more_body", False)
        body.seek(0)
        return body

    def create_request(self, scope: Any, body_file: Any) -> Any:
        """Let the request read its body from the connection, where it is to."""
        return super().create_request(scope, scope.get("flowing", body_file))


class BareHandler(Handler):
    """The same with no middleware at all."""

    _get_response: Any
    _get_response_async: Any

    def load_middleware(self, is_async: bool = False) -> None:
        """Connect the views directly."""
        self._view_middleware: list[Any] = []
        self._template_response_middleware: list[Any] = []
        self._exception_middleware: list[Any] = []
        get_response = self._get_response_async if is_async else self._get_response
        self._middleware_chain = self.adapt_method_mode(is_async, convert_exception_to_response(get_response), is_async)

    async def send_response(self, response: Any, send: Any) -> None:
        """Add what the middleware of pages adds for everybody."""
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Cache-Control", "no-store")
        if not response.streaming:
            response.headers.setdefault("Content-Length", str(len(response.content)))
        await super().send_response(response, send)


pages, programs = Handler(), BareHandler()
idle: list[ThreadPoolExecutor] = []
MOST_IDLE = 16
PIECE = 64 * 1024  # bytes of a flowing body that are asked for at once


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Send each request to the handler of its kind, unless the gate refuses it before anything of it is read."""
    if scope["type"] == "websocket":
        await answer(scope, receive, send)
        return
    handler = programs if scope["path"].startswith(WITHOUT_SESSION) else pages
    if response := await refusal(scope):
        await handler.send_response(response, send)
        return
    if is_usual(scope):
        remaining = await receive_usual(receive, send)
        if remaining is None:
            return
        receive = remaining
    if flows(scope):
        flowing = Flowing(receive)
        await _handle(handler, scope | {"flowing": io.BufferedReader(flowing, PIECE)}, flowing.receive, send)
        return
    bounded = Bounded(receive, most=most(scope))
    await _handle(handler, scope, bounded.receive, send)
    if bounded.exceeded:
        await handler.send_response(too_large(scope), send)


async def _handle(handler: Handler, scope: Any, receive: Any, send: Any) -> None:
    """Have a request handled by a thread (and its connection) that served others before.

    Left to itself, asgiref makes two threads for each request, and each of them opens the database anew.
    """
    executor = idle.pop() if idle else ThreadPoolExecutor(1, thread_name_prefix="request")
    try:
        async with ThreadSensitiveContext(executor=executor):
            await handler(scope, receive, send)
    finally:
        if len(idle) < MOST_IDLE:
            idle.append(executor)
        else:
            executor.shutdown(wait=False)
