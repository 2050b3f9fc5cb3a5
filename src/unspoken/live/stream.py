"""`GET /live/events`: server-sent events that say what changed, resumable by `Last-Event-ID`, nothing lost."""

import asyncio
import json
import time
from collections.abc import AsyncIterator

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

from unspoken.journal.models import Entry
from unspoken.journal.queries import entries_after, last_entry_id
from unspoken.staff.hearing import Hearing, hearing_of, notice_of

from .broadcast import Listener, broadcaster

HEARTBEAT_SECONDS = 15.0  # also how soon a closed account or a changed team takes effect
FURTHEST_BACK = 2000  # entries; a page that missed more is told to load anew


async def events(request: HttpRequest) -> HttpResponseBase:
    """Stream the changes that the signed-in member may see."""
    member = await request.auser()
    hearing = await sync_to_async(hearing_of)(str(member.pk)) if member.is_authenticated else None
    if hearing is None:
        return HttpResponse("Sign in to follow what happens.", status=401, content_type="text/plain")
    resume = request.headers.get("Last-Event-ID") or request.GET.get("after", "")
    response = StreamingHttpResponse(
        stream(str(member.pk), hearing, int(resume) if resume.isdecimal() else None), content_type="text/event-stream"
    )
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response


async def stream(member_id: str, hearing: Hearing, after: int | None) -> AsyncIterator[bytes]:
    """Yield the frames: what was missed since entry `after`, then what happens, and a heartbeat in between."""
    listener = Listener(asyncio.get_running_loop())
    await sync_to_async(broadcaster.join)(listener)
    try:
        yield b"retry: 1000\n\n"
        position = await sync_to_async(last_entry_id)()
        if after is not None and after < position:
            async for frame in _missed(hearing, after, position):
                yield frame
        elif after is None:
            yield f"id: {position}\nevent: ready\ndata: {{}}\n\n".encode()
        async for frame in _following(listener, member_id, hearing, position):
            yield frame
    finally:
        broadcaster.leave(listener)


async def _missed(hearing: Hearing, after: int, until: int) -> AsyncIterator[bytes]:
    if until - after > FURTHEST_BACK:
        yield _reload(until)
        return
    while after < until:
        entries = await sync_to_async(entries_after)(after)
        for entry in entries:
            if entry.id <= until and hearing.covers(entry):
                yield _frame(entry)
        after = entries[-1].id if entries else until


async def _following(listener: Listener, member_id: str, hearing: Hearing, position: int) -> AsyncIterator[bytes]:
    checked = time.monotonic()
    while not listener.overrun:
        try:
            entry = await asyncio.wait_for(listener.queue.get(), HEARTBEAT_SECONDS)
        except TimeoutError:
            yield b": still here\n\n"
        else:
            if entry.id > position and hearing.covers(entry):
                yield _frame(entry)
            position = max(position, entry.id)
        if time.monotonic() - checked > HEARTBEAT_SECONDS:
            renewed = await sync_to_async(hearing_of)(member_id)
            if renewed is None:
                return
            hearing, checked = renewed, time.monotonic()
    yield _reload(position)


def _frame(entry: Entry) -> bytes:
    return f"id: {entry.id}\nevent: changed\ndata: {json.dumps(notice_of(entry))}\n\n".encode()


def _reload(position: int) -> bytes:
    return f"id: {position}\nevent: reload\ndata: {{}}\n\n".encode()
