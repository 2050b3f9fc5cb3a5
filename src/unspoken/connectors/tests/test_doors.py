"""The door for deliveries: what it answers when something is not as it should be."""

import json
from concurrent.futures import Future
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError
from django.test import AsyncClient

from unspoken.conversations.models import Conversation, Inbox, Message
from unspoken.intake import batcher
from unspoken.intake.receipt import Receipt
from unspoken.journal.models import Entry

from .doors import deliver, inbox_of, payloads

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def inbox() -> Inbox:
    return inbox_of("chatwoot")


def chat(**changes: Any) -> dict[str, Any]:
    return {**json.loads(payloads("chatwoot")["customer-chat"]), **changes}


async def test_a_delivery_is_durable_when_it_is_answered(inbox: Inbox) -> None:
    answer = await deliver(inbox, chat())
    assert (answer.status_code, json.loads(answer.content)) == (200, {"stored": 1, "duplicate": 0, "ignored": []})
    message = await Message.objects.select_related("conversation__contact", "conversation__inbox").aget()
    assert (message.text, message.reading_state, message.reason) == (
        "Third parcel that never came. What now?", "abstained", "no_consent",
    )  # fmt: skip
    assert message.conversation.inbox == inbox
    assert message.conversation.contact is not None
    assert message.conversation.contact.name == "Mina Okafor"


async def test_messages_out_of_order_make_one_conversation(inbox: Inbox) -> None:
    await deliver(inbox, payloads("chatwoot")["agent-reply"])
    await deliver(inbox, chat())
    conversation = await Conversation.objects.select_related("contact").aget()
    assert (conversation.message_count, conversation.external_id) == (2, "412")
    assert conversation.contact is not None


@pytest.mark.parametrize("address", ["/hooks/chatwoot/inb_unknown", "/hooks/pigeon/{inbox}", "/hooks/email/{inbox}"])
async def test_an_unknown_door_is_not_there(inbox: Inbox, address: str) -> None:
    answer = await AsyncClient().post(address.format(inbox=inbox.pk), b"{}", content_type="application/json")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


async def test_an_inbox_that_is_switched_off_is_not_there(inbox: Inbox) -> None:
    await Inbox.objects.aupdate(is_active=False)
    assert (await deliver(inbox, chat())).status_code == 404
    assert await Message.objects.acount() == 0


async def test_only_posts_are_taken(inbox: Inbox) -> None:
    answer = await AsyncClient().get(f"/hooks/chatwoot/{inbox.pk}")
    assert (answer.status_code, answer["Allow"]) == (405, "POST")


async def test_no_cross_site_token_is_asked_for(inbox: Inbox) -> None:
    raw = json.dumps(chat()).encode()
    answer = await AsyncClient(enforce_csrf_checks=True).post(
        f"/hooks/chatwoot/{inbox.pk}", raw, content_type="application/json"
    )
    assert answer.status_code == 401  # for want of a signature only


async def test_a_delivery_that_is_too_large_is_not_even_checked(inbox: Inbox) -> None:
    answer = await deliver(inbox, b"x" * (12 * 1024 * 1024 + 1), headers={})
    assert answer.status_code == 413
    assert "Nothing was kept." in json.loads(answer.content)["detail"]


async def test_a_message_of_ten_megabytes_is_refused_with_its_field_or_stored(inbox: Inbox) -> None:
    assert (await deliver(inbox, chat(id=1, content="x" * (10 * 1024 * 1024)))).status_code == 200
    refused = await deliver(inbox, chat(id=2, content="x" * (10 * 1024 * 1024 + 1)))
    assert refused.status_code == 422
    assert [error["field"] for error in json.loads(refused.content)["errors"]] == ["text"]
    assert await Message.objects.acount() == 1


async def test_a_message_from_the_future_is_refused_and_says_why(inbox: Inbox) -> None:
    answer = await deliver(inbox, chat(created_at="2099-01-01T00:00:00Z"))
    told = json.loads(answer.content)
    assert (answer.status_code, told["errors"][0]["field"]) == (422, "occurred_at")
    assert await Entry.objects.acount() == 0


def failing(error: Exception) -> Any:
    def submit(*_: Any, **__: Any) -> Future[Receipt]:
        future: Future[Receipt] = Future()
        future.set_exception(error)
        return future

    return submit


async def test_a_database_that_cannot_be_written_to_asks_for_another_try(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batcher, "submit", failing(OperationalError("database is locked")))
    answer = await deliver(inbox, chat())
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "locked" not in answer.content.decode()


async def test_a_full_queue_asks_for_another_try(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise batcher.Busy("Too many wait.")

    monkeypatch.setattr(batcher, "submit", full)
    answer = await deliver(inbox, chat())
    assert (answer.status_code, answer["Retry-After"]) == (503, "1")


async def test_two_inboxes_of_one_system_are_kept_apart(inbox: Inbox) -> None:
    def second() -> Inbox:
        inbox.pk, inbox.name = "inb_other", "Another"
        inbox.save(force_insert=True)
        return inbox

    await deliver(await Inbox.objects.aget(), chat())
    await deliver(await sync_to_async(second)(), chat())
    assert await Message.objects.acount() == 2


@pytest.mark.parametrize("levels", [70, 100_000])
async def test_a_delivery_nested_too_deeply_cannot_be_read(inbox: Inbox, levels: int) -> None:
    answer = await deliver(inbox, b'{"a":' * levels + b"1" + b"}" * levels)
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")


async def test_an_edited_message_stays_as_it_was_and_a_private_note_tells_the_new_words(inbox: Inbox) -> None:
    await deliver(inbox, chat())
    edited = chat(event="message_updated", content="Second parcel that never came.")
    for stored in (1, 0):  # told twice, it is noted once
        answer = await deliver(inbox, edited)
        assert json.loads(answer.content) == {"stored": stored, "duplicate": 2 - stored, "ignored": []}
    await deliver(inbox, chat(event="message_updated"))  # something else about it changed
    first, note = [one async for one in Message.objects.order_by("occurred_at", "id")]
    assert (first.text, first.author_kind) == ("Third parcel that never came. What now?", "customer")
    assert (note.private, note.author_kind, note.kind, note.reading_state) == (True, "system", "note", "skipped")
    assert note.text.endswith("now it says: Second parcel that never came.") and "in Chatwoot" in note.text
    assert (note.metadata, note.conversation_id) == ({"edit_of": first.external_id}, first.conversation_id)


async def test_an_old_version_that_comes_late_is_no_edit(inbox: Inbox) -> None:
    await deliver(inbox, chat(event="message_updated", content="Second parcel that never came."))
    await deliver(inbox, chat())
    assert [one.text async for one in Message.objects.all()] == ["Second parcel that never came."]
