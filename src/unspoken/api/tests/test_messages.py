"""Messages come in exactly once, whatever the sender does."""

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection

from unspoken.conversations.models import Message
from unspoken.people.tests.cast import Contacts
from unspoken.staff.models import Scope
from unspoken.staff.tests.cast import Members

Programs = Callable[..., Any]


def message(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "source": "shop", "external_id": f"m{number}", "conversation_id": "c1", "channel": "chat", "author": "customer",
        "text": "Where is my parcel? I have been waiting for two weeks.",
        "person": {"handles": [{"kind": "email", "value": "mina@lumen.example"}]},
    } | changes  # fmt: skip


def test_stores_and_reads_a_message(staff: Members, known: Contacts, program: Programs) -> None:
    ada = program(staff.ada)
    answer = ada("post", "/messages", message(1))
    assert (answer.status_code, answer.json()["status"], answer.json()["reading_state"]) == (201, "stored", "read")
    shown = ada("get", f"/conversations/{answer.json()['conversation']}/messages").json()["items"]
    assert [(each["id"], each["author"]) for each in shown] == [(answer.json()["message"], "customer")]
    assert 0 < shown[0]["reading"]["probability"] <= 1
    assert set(shown[0]["reading"]["model"]) == {"name", "version", "sha256"}


def test_without_consent_a_message_is_kept_and_not_read(staff: Members, known: Contacts, program: Programs) -> None:
    otto = message(1, person={"handles": [{"kind": "email", "value": "otto@example.com"}]})
    answer = program(staff.ada)("post", "/messages", otto).json()
    assert (answer["reading_state"], answer["reason"]) == ("abstained", "no_consent")


def test_the_same_message_again_is_the_same_message(staff: Members, known: Contacts, program: Programs) -> None:
    ada = program(staff.ada)
    first, again = ada("post", "/messages", message(1)), ada("post", "/messages", message(1))
    assert (first.status_code, again.status_code) == (201, 200)
    assert (again.json()["status"], again.json()["message"]) == ("duplicate", first.json()["message"])
    assert Message.objects.count() == 1


def test_twenty_deliveries_at_once_have_one_effect(staff: Members, known: Contacts, program: Programs) -> None:
    ada = program(staff.ada)

    def deliver(_: int) -> tuple[int, str]:
        try:
            answer = ada("post", "/messages", message(1))
            return answer.status_code, answer.json()["message"]
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(deliver, range(20)))
    assert sorted(status for status, _ in answers) == [200] * 19 + [201]
    assert len({stored for _, stored in answers}) == 1
    assert Message.objects.count() == 1


def test_an_idempotency_key_replays_the_answer_and_refuses_another_request(
    staff: Members, known: Contacts, program: Programs
) -> None:
    ada = program(staff.ada)
    first = ada("post", "/messages", message(1), **{"idempotency-key": "k1"})
    again = ada("post", "/messages", message(1), **{"idempotency-key": "k1"})
    other = ada("post", "/messages", message(2), **{"idempotency-key": "k1"})
    assert (again.status_code, again.content) == (first.status_code, first.content) == (201, first.content)
    assert (other.status_code, other.json()["title"]) == (422, "This Idempotency-Key belongs to another request.")
    assert Message.objects.count() == 1


def test_a_bad_message_is_refused_with_its_fields_and_nothing_is_kept(staff: Members, program: Programs) -> None:
    ada = program(staff.ada)
    bad = [
        ({"text": "a\u0000b"}, "text"), ({"occurred_at": "2099-01-01T00:00:00Z"}, "occurred_at"),
        ({"channel": "pigeon"}, "channel"), ({"unknown": 1}, "unknown"), ({"external_id": ""}, "external_id"),
        ({"text": "\ud800"}, "text"), ({"stars": 77}, "stars"), ({"occurred_at": "2026-01-01T00:00:00"}, "occurred_at"),
    ]  # fmt: skip
    for change, field in bad:
        answer = ada("post", "/messages", json.dumps(message(1, **change)))
        assert answer.status_code == 422, (change, answer.content)
        assert answer["content-type"] == "application/problem+json"
        assert any(field in error["field"] for error in answer.json()["errors"]), (change, answer.json())
    assert Message.objects.count() == 0


def test_what_is_no_json_is_refused(staff: Members, program: Programs) -> None:
    for rubbish in (b"{", b"\xff\xfe", b"[" * 5000, b'{"a": NaN}', b""):
        answer = program(staff.ada)("post", "/messages", rubbish)
        assert answer.status_code in {400, 422}, (rubbish[:10], answer.content)
        assert answer["content-type"] == "application/problem+json"
    assert Message.objects.count() == 0


async def whole(answer: Any) -> bytes:
    return b"".join([part async for part in answer.streaming_content])


def test_a_batch_gets_a_verdict_per_line_in_order(staff: Members, known: Contacts, program: Programs) -> None:
    lines = [
        json.dumps(message(1)), "", "{rubbish", json.dumps(message(1)), json.dumps(message(2, text="Thanks a lot!")),
        json.dumps(message(3, occurred_at="2099-01-01T00:00:00Z")),
    ]  # fmt: skip
    client = program(staff.ada).client
    answer = client.post("/api/v1/messages/batch", "\n".join(lines), content_type="application/x-ndjson")
    verdicts = [json.loads(line) for line in asyncio.run(whole(answer)).splitlines()]
    assert [(each["line"], each["status"]) for each in verdicts] == [
        (1, "stored"), (3, "rejected"), (4, "duplicate"), (5, "stored"), (6, "rejected"),
    ]  # fmt: skip
    assert verdicts[4]["errors"][0]["field"] == "occurred_at"
    assert Message.objects.count() == 2


def test_more_than_ten_thousand_lines_are_refused_whole(staff: Members, program: Programs) -> None:
    client = program(staff.ada).client
    answer = client.post("/api/v1/messages/batch", b"{}\n" * 10_001, content_type="application/x-ndjson")
    assert (answer.status_code, answer.json()["title"]) == (413, "Too many lines.")


def test_a_token_needs_its_scope_and_a_stranger_gets_nothing(staff: Members, program: Programs) -> None:
    reader = program(staff.ada, Scope.CONVERSATIONS_READ)
    assert reader("post", "/messages", message(1)).status_code == 403
    reader.client.defaults["HTTP_AUTHORIZATION"] = "Bearer uns_nothing"
    stranger = type(reader)("uns_no-such-token")
    answer = stranger("post", "/messages", message(1))
    assert (answer.status_code, answer["www-authenticate"]) == (401, "Bearer")
    assert Message.objects.count() == 0
