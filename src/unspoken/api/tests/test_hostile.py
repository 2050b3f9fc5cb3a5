"""What no honest program sends is refused in words, and nothing of it is kept."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from unspoken.conversations.models import Message
from unspoken.people.models import Contact
from unspoken.people.tests.cast import Contacts
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
