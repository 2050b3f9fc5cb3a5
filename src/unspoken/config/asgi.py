"""The ASGI application that uvicorn serves.

Programs (`/api/`, `/hooks/`) bring a token or a signature instead of a session, so their requests take a way without
the middleware of the pages: each synchronous middleware would cost them two changes of thread.
"""

import os
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import django
from asgiref.sync import ThreadSensitiveContext
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.exception import convert_exception_to_response

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "unspoken.config.settings")
django.setup(set_prefix=False)

from unspoken.api.express import is_usual, receive_usual  # noqa: E402  needs the apps
from unspoken.connectors.lines import answer  # noqa: E402

from .gate import WITHOUT_SESSION, refusal  # noqa: E402

# Static files are small and come from the disk's cache; that Django reads them at once is no trouble here.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")


class BareHandler(ASGIHandler):
    """Django's handler with no middleware at all."""

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


pages, programs = ASGIHandler(), BareHandler()
idle: list[ThreadPoolExecutor] = []
MOST_IDLE = 16


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Send each request to the handler of its kind, with a thread (and its connection) that served others before.

    Left to itself, asgiref makes two threads for each request, and each of them opens the database anew.
    """
    if scope["type"] == "websocket":
        await answer(scope, receive, send)
        return
    handler = programs if scope["path"].startswith(WITHOUT_SESSION) else pages
    if response := refusal(scope):
        await handler.send_response(response, send)
        return
    if is_usual(scope):
        remaining = await receive_usual(receive, send)
        if remaining is None:
            return
        receive = remaining
    executor = idle.pop() if idle else ThreadPoolExecutor(1, thread_name_prefix="request")
    try:
        async with ThreadSensitiveContext(executor=executor):
            await handler(scope, receive, send)
    finally:
        if len(idle) < MOST_IDLE:
            idle.append(executor)
        else:
            executor.shutdown(wait=False)
