"""What no honest program sends is refused in words, and nothing of it is kept."""

import asyncio
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from unspoken.config.asgi import application
from unspoken.conversations.models import Message
from unspoken.people.models import Contact, Identity
from unspoken.people.tests.cast import Contacts
from unspoken.privacy.models import ConsentDecision
from unspoken.staff.tests.cast import Members

from .test_messages import message

Programs = Callable[..., Any]


def nested(levels: int) -> str:
    return "[" * levels + "]" * levels


def holding(levels: int) -> str:
    """Return a message whose metadata is nested."""
    return json.dumps(message(1, metadata={"a": 0})).replace('{"a": 0}', '{"a": ' + nested(levels) + "}")


@pytest.mark.parametrize("levels", [70, 900, 100_000])
def test_json_that_is_nested_too_deeply_is_refused(
    staff: Members, known: Contacts, program: Programs, levels: int
) -> None:
    ada = program(staff.ada)
    for method, path, body in (
        ("post", "/messages", holding(levels)),
        ("post", "/messages", nested(levels)),
        ("patch", f"/contacts/{known.mina.pk}", f'{{"attributes": {{"a": {nested(levels)}}}}}'),
        ("post", "/contacts", f'{{"name": "Twin", "preferences": {{"a": {nested(levels)}}}}}'),
    ):
        answer = ada(method, path, body)
        assert (answer.status_code, answer["Content-Type"]) in (
            (400, "application/problem+json"), (422, "application/problem+json"),
        )  # fmt: skip
    lines = ada("post", "/messages/batch", f"{holding(levels)}\n{json.dumps(message(2))}\n")
    refused, stored = map(json.loads, b"".join(lines).splitlines())
    assert (refused["status"], stored["status"]) == ("rejected", "stored")
    assert (Message.objects.count(), Contact.objects.filter(name="Twin").count()) == (1, 0)


@pytest.mark.parametrize(("written", "words"), [("\\u0000", "NUL"), ("\\ud83d", "surrogate")])
def test_text_that_cannot_be_stored_is_refused_with_its_field(
    staff: Members, known: Contacts, program: Programs, written: str, words: str
) -> None:
    ada = program(staff.ada)
    conversation = ada("post", "/messages", message(1)).json()["conversation"]
    consent = {"modality": "text", "purpose": "service", "decision": "given", "source": "~"}
    before = [model.objects.count() for model in (Message, Contact, Identity, ConsentDecision)]
    for path, body, field in (
        ("/messages", message(2, text="~"), "text"),
        ("/messages", message(2, person={"name": "~", "handles": []}), "person.name"),
        ("/messages", message(2, person={"handles": [{"kind": "chat", "value": "~"}]}), "person.handles.0.value"),
        ("/messages", message(2, metadata={"~": 1}), "metadata"),
        (f"/contacts/{known.mina.pk}/consents", consent, "source"),
        (f"/contacts/{known.mina.pk}/identities", {"kind": "chat", "value": "~"}, "value"),
        (f"/contacts/{known.mina.pk}/merge", {"absorbed": "~"}, "absorbed"),
        (f"/conversations/{conversation}/replies", {"text": "~"}, "text"),
    ):
        answer = ada("post", path, json.dumps(body).replace("~", f"a{written}b"))
        assert (answer.status_code, [one["field"] for one in answer.json()["errors"]]) == (422, [field])
        assert words in answer.json()["errors"][0]["message"]
    assert ada("patch", f"/conversations/{conversation}", f'{{"assignee": "a{written}b"}}').status_code == 422
    assert [model.objects.count() for model in (Message, Contact, Identity, ConsentDecision)] == before


def test_a_line_of_a_batch_that_cannot_be_stored_leaves_the_others_alone(
    staff: Members, known: Contacts, program: Programs
) -> None:
    wrong = message(1, person={"name": "Mi\x00na", "handles": [{"kind": "email", "value": "mina@lumen.example"}]})
    lines = program(staff.ada)("post", "/messages/batch", f"{json.dumps(wrong)}\n{json.dumps(message(2))}\n")
    refused, stored = map(json.loads, b"".join(lines).splitlines())
    assert (refused["status"], refused["errors"][0]["field"]) == ("rejected", "person.name")
    assert stored["status"] == "stored"


def test_an_id_with_a_nul_is_nobodys(staff: Members, known: Contacts, program: Programs) -> None:
    ada = program(staff.ada)
    conversation = ada("post", "/messages", message(1)).json()["conversation"]
    for path in (f"/conversations/{conversation}%00", "/contacts/%00", f"/conversations/{conversation}%00/messages"):
        assert ada("get", path).status_code == 404, path
    assert ada("get", "/conversations?contact=%00").json()["items"] == []
    assert ada("get", "/conversations?inbox=%00&assignee=%00").json()["items"] == []
    keyed = ada("post", "/messages", message(2), **{"Idempotency-Key": "a\x00b"})
    assert (keyed.status_code, Message.objects.count()) == (422, 1)


@pytest.mark.parametrize(
    ("path", "query", "headers"),
    [
        ("/api/v1/conversations/\x00", b"", []),
        ("/api/v1/contacts", b"q=a%00b", []),
        ("/api/v1/messages", b"", [(b"idempotency-key", b"a\x00b")]),
        ("/hooks/chatwoot/\x00", b"", []),
        ("/contacts", b"q=%00", []),
    ],
)
def test_an_address_or_header_with_a_nul_is_refused_before_anything_is_read(
    path: str, query: bytes, headers: list[tuple[bytes, bytes]]
) -> None:
    status, answer = asyncio.run(asked(path, query, headers))
    assert (status, b"NUL" in answer) == (400, True)


async def asked(path: str, query: bytes, headers: list[tuple[bytes, bytes]]) -> tuple[int, bytes]:
    """Send a request whose body must not be read through the whole application."""
    sent: list[Any] = []

    async def receive() -> Any:
        raise AssertionError("the body was read")

    async def send(event: Any) -> None:
        sent.append(event)

    scope = {"type": "http", "method": "POST", "path": path, "query_string": query, "headers": headers}
    await application(scope, receive, send)
    return sent[0]["status"], b"".join(event.get("body", b"") for event in sent[1:])


def test_no_operation_breaks_down_on_a_nul_or_on_deep_json(staff: Members, known: Contacts, program: Programs) -> None:
    ada = program(staff.ada)
    described = json.loads((Path(__file__).parent / "openapi.json").read_text(encoding="utf-8"))["paths"]
    asked = 0
    for path, operations in described.items():
        for method, operation in operations.items():
            address = re.sub(r"\{\w+\}", "%00", path.removeprefix("/api/v1"))
            named = [one["name"] for one in operation.get("parameters", []) if one["in"] == "query"]
            query = "&".join(f"{name}=%00" for name in named)
            bodies = ['{"a": "\\u0000"}', nested(900), nested(100_000)] if method != "get" else [None]
            for body in bodies:
                answer = ada(method, f"{address}?{query}", body)
                assert answer.status_code < 500, (method, path, body)
                asked += 1
    assert asked > 60
