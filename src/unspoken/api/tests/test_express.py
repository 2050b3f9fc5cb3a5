"""The short way of a message answers as the long way does, and leaves to it whatever is not plain."""

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from django.db import OperationalError, connections

from unspoken.api import express, tokens
from unspoken.config import asgi
from unspoken.config.asgi import application
from unspoken.conversations.models import Message
from unspoken.intake.pipeline import Pipeline
from unspoken.kit.clock import now
from unspoken.people.tests.cast import Contacts
from unspoken.staff.actions import issue_token
from unspoken.staff.models import Member, Scope
from unspoken.staff.tests.cast import Members

from .test_messages import message

Post = Callable[..., list[httpx.Response]]


def secret_of(member: Member, *scopes: Scope) -> str:
    return issue_token(member, name="test", scopes=scopes or (Scope.MESSAGES_WRITE,), now=now())[1]


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The bodies that were taken in by the short way."""
    taken: list[bytes] = []
    receipt = express._receipt

    async def noted(body: bytes) -> Any:
        taken.append(body)
        return await receipt(body)

    monkeypatch.setattr(express, "_receipt", noted)
    return taken


@pytest.fixture
def post(staff: Members) -> Iterator[Post]:
    """Send bodies one after the other through the whole application, as a server would."""

    def send(secret: str, *bodies: bytes, **headers: str) -> list[httpx.Response]:
        async def go() -> list[httpx.Response]:
            known = {"authorization": f"Bearer {secret}", "content-type": "application/json", **headers}
            transport = httpx.ASGITransport(application)
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
                return [await http.post("/api/v1/messages", content=body, headers=known) for body in bodies]

        return asyncio.run(go())

    yield send
    while asgi.idle:  # their threads would keep connections to the test's database
        executor = asgi.idle.pop()
        executor.submit(connections.close_all).result()
        executor.shutdown()


def written(number: int, **changes: Any) -> bytes:
    return json.dumps(message(number, **changes)).encode()


def test_the_second_message_of_a_sender_goes_the_short_way_and_is_answered_alike(
    staff: Members, known: Contacts, post: Post, short: list[bytes]
) -> None:
    first, second, again = post(secret_of(staff.ada), written(1), written(2), written(2))
    assert short == [written(2), written(2)]
    assert [first.status_code, second.status_code, again.status_code] == [201, 201, 200]
    assert first.json().keys() == second.json().keys()
    assert second.json()["reading_state"] == "read"
    assert again.json() == {**second.json(), "status": "duplicate"}
    for header in ("content-type", "cache-control", "x-content-type-options"):
        assert first.headers[header] == second.headers[header]
    assert Message.objects.count() == 2


@pytest.mark.parametrize(
    "body",
    [b"{", b"", b"[]", written(2, text=5), written(2, surprise="x"), written(2, occurred_at="1970-01-01T00:00:00Z"),
     "{\"text\": \"\ud800\"}".encode("utf-8", "surrogatepass")],
)  # fmt: skip
def test_what_is_wrong_is_said_as_on_the_long_way(
    staff: Members, known: Contacts, post: Post, short: list[bytes], body: bytes
) -> None:
    secret = secret_of(staff.ada)
    (long,) = post(secret, body)
    assert short == []
    _, answered = post(secret, written(1), body)
    assert (answered.status_code, answered.json()) == (long.status_code, long.json())
    assert 400 <= answered.status_code < 500
    assert answered.headers["content-type"] == "application/problem+json"
    assert Message.objects.count() == 1


def test_a_database_that_refuses_is_told_as_on_the_long_way(
    staff: Members, known: Contacts, post: Post, short: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = secret_of(staff.ada)
    post(secret, written(1))

    def refuse(*_: Any, **__: Any) -> None:
        raise OperationalError("disk I/O error")

    monkeypatch.setattr(Pipeline, "settle", refuse)
    (answered,) = post(secret, written(2))
    assert short == [written(2)]
    assert (answered.status_code, answered.headers["content-type"]) == (500, "application/problem+json")
    assert "Sending the same again is safe" in answered.json()["detail"]
    assert Message.objects.count() == 1


def test_a_token_without_the_scope_is_refused(staff: Members, known: Contacts, post: Post, short: list[bytes]) -> None:
    refused = post(secret_of(staff.ada, Scope.CONTACTS_READ), written(1), written(2))
    assert [answer.status_code for answer in refused] == [403, 403]
    assert (short, Message.objects.count()) == ([], 0)


def test_a_revoked_token_is_remembered_for_seconds_only(
    staff: Members, known: Contacts, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = secret_of(staff.ada)
    post(secret, written(1))
    staff.ada.tokens.all().delete()
    until, found = tokens._remembered[secret]
    tokens._remembered[secret] = (until - tokens.REMEMBERED_SECONDS, found)
    assert [answer.status_code for answer in post(secret, written(2))] == [401]


def test_an_idempotency_key_goes_the_long_way(staff: Members, known: Contacts, post: Post, short: list[bytes]) -> None:
    secret = secret_of(staff.ada)
    first, again = post(secret, written(1), written(1), **{"idempotency-key": "k1"})
    assert (again.status_code, again.json(), short) == (201, first.json(), [])
