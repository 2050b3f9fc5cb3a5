"""A file sent in parts as a browser asks for them (HTTP Range, RFC 9110 §14), and no further than it may be."""

import re
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

PIECE = 64 * 1024  # bytes that are sent between two looks whether they still may be
_RANGE = re.compile(r"bytes=(\d*)-(\d*)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes of a file from `start` up to, and without, `end`."""

    start: int
    end: int


class Unsatisfiable(ValueError):  # noqa: N818  reads as the sentence it is
    """The part that was asked for is not in the file."""


def part_of(header: str, *, size: int) -> Part | None:
    """Return which part of a file of `size` bytes a Range header asks for; None: all of it.

    Several parts at once, and what is no range of bytes, are answered with all of it. Raises Unsatisfiable.
    """
    asked = _RANGE.fullmatch(header.strip())
    if asked is None or not any(asked.groups()):
        return None
    first, last = asked.groups()
    if not first:
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(int(last) + 1, size) if last else size
        if last and int(last) < int(first):
            return None
    if start >= end:
        raise Unsatisfiable
    return Part(start, end)


def send_file(
    request: HttpRequest, path: Path, *, content_type: str, name: str, may_go_on: Callable[[], bool]
) -> HttpResponseBase:
    """Return a response with a file or the part of it that a request asks for; nothing of it is to be stored.

    may_go_on: is asked before each piece. Raises FileNotFoundError.
    """
    size, tag = path.stat().st_size, f'"{path.name}"'
    headers = {
        "Accept-Ranges": "bytes", "Cache-Control": "private, no-store", "Content-Type": content_type, "ETag": tag,
        "Content-Disposition": f'inline; filename="{name}"', "X-Content-Type-Options": "nosniff",
    }  # fmt: skip
    asked = request.headers.get("Range", "") if request.headers.get("If-Range", tag) == tag else ""
    try:
        part = part_of(asked, size=size)
    except Unsatisfiable:
        return HttpResponse(status=416, headers=headers | {"Content-Range": f"bytes */{size}"})
    whole = part or Part(0, size)
    headers["Content-Length"] = str(whole.end - whole.start)
    if part:
        headers["Content-Range"] = f"bytes {part.start}-{part.end - 1}/{size}"
    if request.method == "HEAD":
        return HttpResponse(status=206 if part else 200, headers=headers)
    pieces = _pieces(path, whole, may_go_on)
    apart = isinstance(request, ASGIRequest)  # the server's loop must not wait for a disk
    return StreamingHttpResponse(_one_by_one(pieces) if apart else pieces, status=206 if part else 200, headers=headers)


def _pieces(path: Path, part: Part, may_go_on: Callable[[], bool]) -> Iterator[bytes]:
    """Yield the bytes; the file is opened for each piece, so that one that is deleted meanwhile ends it."""
    for start in range(part.start, part.end, PIECE):
        if not may_go_on():
            return
        try:
            with path.open("rb") as file:
                file.seek(start)
                piece = file.read(min(PIECE, part.end - start))
        except FileNotFoundError:
            return
        yield piece


async def _one_by_one(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    while piece := await sync_to_async(lambda: next(pieces, b""))():
        yield piece
