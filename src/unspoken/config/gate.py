"""What is refused before anything of a request is read, and how much of one is read at all."""

import re
from collections.abc import Mapping
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import close_old_connections
from django.http import HttpResponse

from unspoken.api.problems import Problem
from unspoken.api.tokens import bearer_of, remembered
from unspoken.connectors.pages import LARGEST_BODY
from unspoken.kit.clock import now
from unspoken.staff.queries import member_of_token

from .flowing import Event, Receive

WITHOUT_SESSION = ("/api/", "/hooks/", "/healthz", "/metrics")
_FLOWING = re.compile(r"(/api/v1)?/conversations/[^/]+/recording")


async def refusal(scope: Mapping[str, Any]) -> HttpResponse | None:
    """Return why a request is not let in, or None.

    An address or a header with a NUL names nothing that could be here, and PostgreSQL cannot even be asked for it. A
    body that would not stay in memory is taken in for the holder of a token only, and for hooks, which sign it.
    """
    if "\x00" in scope["path"] or b"%00" in scope["query_string"] or any(b"\x00" in one for _, one in scope["headers"]):
        return _refused(scope, 400, "The request cannot be read.", "It contains a NUL character (%00); leave it out.")
    length = length_of(scope)
    if flows(scope) or (length is not None and length <= settings.FILE_UPLOAD_MAX_MEMORY_SIZE):
        return None
    if length is not None and length > most(scope):
        return too_large(scope)
    if scope["path"].startswith("/api/") and not await _has_token(scope):
        return _refused(scope, 401, "No valid token.", "Send `Authorization: Bearer uns_…`. Nothing was read.")
    return None


def flows(scope: Mapping[str, Any]) -> bool:
    """Tell whether the body of a request is read only where it is taken in."""
    return scope["method"] == "POST" and _FLOWING.fullmatch(scope["path"]) is not None


def length_of(scope: Mapping[str, Any]) -> int | None:
    """Return how many bytes a request says that its body has: 0 without a body, None when it does not say."""
    told = dict(scope["headers"])
    if b"transfer-encoding" in told:
        return None
    length: bytes = told.get(b"content-length", b"0")
    return int(length) if length.isdigit() else None


def most(scope: Mapping[str, Any]) -> int:
    """Return how many bytes the body of a request may have. What people send from pages never leaves the memory."""
    if scope["path"].startswith("/hooks/"):
        return LARGEST_BODY
    from_program = scope["path"].startswith("/api/")
    return settings.DATA_UPLOAD_MAX_MEMORY_SIZE if from_program else settings.FILE_UPLOAD_MAX_MEMORY_SIZE


class Bounded:
    """The events of a request; once its body is larger than it may be, the connection counts as gone."""

    def __init__(self, receive: Receive, *, most: int) -> None:
        self._receive, self._left, self.exceeded = receive, most, False

    async def receive(self) -> Event:
        """Return the next event."""
        event = await self._receive()
        self._left -= len(event.get("body", b""))
        self.exceeded = self._left < 0
        return {"type": "http.disconnect"} if self.exceeded else event


async def _has_token(scope: Mapping[str, Any]) -> bool:
    secret = bearer_of(dict(scope["headers"]).get(b"authorization", b"").decode("latin-1"))
    return remembered(secret) is not None or await sync_to_async(_is_token)(secret)


def _is_token(secret: str) -> bool:
    close_old_connections()  # this thread serves no requests, after which that is done
    return member_of_token(secret, now()) is not None


def too_large(scope: Mapping[str, Any]) -> HttpResponse:
    """Return the refusal of a body that is larger than it may be."""
    return _refused(scope, 413, "The request is too large.", f"{most(scope)} bytes are taken here. Nothing was kept.")


def _refused(scope: Mapping[str, Any], status: int, title: str, detail: str) -> HttpResponse:
    """Return a refusal as a problem document for a program, in a line for a person."""
    if scope["path"].startswith(WITHOUT_SESSION):
        return Problem(status, title, detail).response()
    return HttpResponse(f"{title} {detail}", status=status, content_type="text/plain; charset=utf-8")
