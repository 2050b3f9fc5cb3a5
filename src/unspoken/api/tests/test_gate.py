"""How much of a request is read, and whose: nothing large is taken in for somebody who may not bring it."""

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as house
from django.db import connections

from unspoken.calls.models import Recording
from unspoken.calls.tests.recordings import files
from unspoken.config import asgi
from unspoken.conversations.models import Message
from unspoken.people.tests.cast import Contacts
from unspoken.staff.tests.cast import Members

from .test_calls import called, permits
from .test_express import secret_of
from .test_messages import message

Ask = Callable[..., tuple[int, bytes, int]]
MB = 1024 * 1024


@pytest.fixture
def ask(staff: Members, settings: Any, tmp_path: Path) -> Iterator[Ask]:
    """Send a body in pieces through the whole application; return status, answer and how many pieces were read."""
    settings.UNSPOKEN = replace(settings.UNSPOKEN, data=tmp_path / "data")

    def asked(path: str, *pieces: bytes, secret: str = "", **headers: str) -> tuple[int, bytes, int]:
        left, sent = list(pieces), []

        async def receive() -> Any:
            if not left:
                await asyncio.sleep(30)
            return {"type": "http.request", "body": left.pop(0), "more_body": bool(left)}

        async def send(event: Any) -> None:
            sent.append(event)

        told = {"authorization": f"Bearer {secret}", "host": "127.0.0.1", **headers}
        scope = {
            "type": "http", "method": "POST", "path": path, "query_string": b"", "scheme": "http",
            "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in told.items()],
        }  # fmt: skip
        asyncio.run(asgi.application(scope, receive, send))
        answer = b"".join(event.get("body", b"") for event in sent[1:])
        return sent[0]["status"], answer, len(pieces) - len(left)

    yield asked
    while asgi.idle:  # their threads would keep connections to the test's database
        executor = asgi.idle.pop()
        executor.submit(connections.close_all).result()
        executor.shutdown()


def length(size: int) -> dict[str, str]:
    return {"content_length": str(size), "content_type": "application/json"}


@pytest.mark.parametrize(
    ("path", "size", "status"),
    [
        ("/api/v1/messages", 65 * MB, 413), ("/hooks/chatwoot/inb_1", 13 * MB, 413), ("/contacts/new", 3 * MB, 413),
        ("/api/v1/messages/batch", 3 * MB, 401), ("/api/v1/contacts", 3 * MB, 401),
    ],
)  # fmt: skip
def test_a_body_that_says_that_it_is_too_large_is_not_read(ask: Ask, path: str, size: int, status: int) -> None:
    assert ask(path, b"x", **length(size))[::2] == (status, 0)


def test_a_body_that_does_not_say_how_large_it_is_is_read_as_far_as_it_may_be(ask: Ask, staff: Members) -> None:
    pieces, chunked = [b"x" * MB] * 5, {"transfer_encoding": "chunked"}
    status, answer, read = ask("/contacts/new", *pieces, **chunked)
    assert (status, b"too large" in answer, read) == (413, True, 3)
    assert ask("/api/v1/contacts", *pieces, **chunked)[::2] == (401, 0)


def test_a_large_body_of_a_known_program_is_taken_in(
    ask: Ask, staff: Members, known: Contacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = json.dumps(message(1, metadata={"a": "x" * 3 * MB})).encode()
    status, answer, _ = ask("/api/v1/messages/batch", lines, secret=secret_of(staff.ada), **length(len(lines)))
    assert (status, json.loads(answer)["status"], Message.objects.count()) == (200, "stored", 1)
    assert Path(house.FILE_UPLOAD_TEMP_DIR).stat().st_mode & 0o777 == 0o700
    assert list(Path(house.FILE_UPLOAD_TEMP_DIR).iterdir()) == []


def form(sound: bytes) -> tuple[list[bytes], dict[str, str]]:
    """Return the pieces of a form with a recording, and its headers."""
    pieces = [
        b'--b\r\nContent-Disposition: form-data; name="customer"\r\n\r\nleft\r\n',
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n', sound, b"\r\n--b--\r\n",
    ]  # fmt: skip
    size = str(sum(map(len, pieces)))
    return pieces, {"content_type": "multipart/form-data; boundary=b", "content_length": size}


def test_a_recording_is_read_only_for_somebody_who_may_bring_it(
    ask: Ask, staff: Members, known: Contacts, program: Callable[..., Any]
) -> None:
    path = f"/conversations/{called(program(staff.ada))}/recording"
    pieces, headers = form(b"sound" * 1000)
    write = "conversations:write"
    assert ask(f"/api/v1{path}", *pieces, **headers)[::2] == (401, 0)
    assert ask(f"/api/v1{path}", *pieces, secret=secret_of(staff.ada), **headers)[::2] == (403, 0)
    assert ask(path, *pieces, **headers)[::2] == (302, 0)
    secret = secret_of(staff.ada, write)  # type: ignore[arg-type]
    assert ask(f"/api/v1{path}", *pieces, secret=secret, **headers)[::2] == (422, 0)
    assert (files(), Recording.objects.count()) == ([], 0)
    permits(known.mina)
    assert ask(f"/api/v1{path}", *pieces, secret=secret, **headers | {"content_length": str(600 * MB)})[::2] == (413, 0)
    assert ask(f"/api/v1{path}", *pieces, secret=secret, **headers)[::2] == (202, 4)
    assert (len(files()), Recording.objects.get().size) == (1, 5000)
