"""What holds for every connector, whoever wrote it: run over each folder."""

import asyncio
import json
import logging
import socket
import time
from collections.abc import Iterator
from importlib import import_module

import pytest
from asgiref.sync import sync_to_async

from unspoken.connectors.base import Delivery, PayloadError, PollError, Polling, SendError, SignatureError
from unspoken.connectors.models import Dispatch
from unspoken.connectors.registry import connectors
from unspoken.conversations.models import Author, Conversation, Inbox, Kind, Message, Sending
from unspoken.journal.models import Entry
from unspoken.kit.clock import now
from unspoken.people.models import Contact
from unspoken.readings.models import StoredReading
from unspoken.staff.tests.cast import MORNING

from .doors import FOLDER, conformance, deliver, inbox_of, payloads

EVERY = sorted(connectors())
WEB = [name for name in EVERY if hasattr(conformance(name), "signed")]
SENDING = [name for name in EVERY if hasattr(conformance(name), "TIMEOUT")]  # calls are answered by nobody
RECORDED = [(name, payload) for name in WEB for payload in payloads(name)]
pytestmark = pytest.mark.django_db(transaction=True)


def stored() -> list[int]:
    """Return how many rows there are of everything that a delivery could make."""
    return [model.objects.count() for model in (Message, Conversation, Contact, Entry, StoredReading)]


async def astored() -> list[int]:
    return await sync_to_async(stored)()


async def made(name: str, **changes: object) -> Inbox:
    return await sync_to_async(inbox_of)(name, **changes)


def delivery(body: bytes, headers: dict[str, str] | None = None) -> Delivery:
    return Delivery(body=body, headers={k.lower(): v for k, v in (headers or {}).items()}, query={}, at=now())


@pytest.mark.parametrize("name", EVERY)
def test_a_folder_has_what_an_operator_and_a_page_need(name: str) -> None:
    connector = connectors()[name]
    assert connector.name == name
    assert connector.title
    assert len((FOLDER / name / "README.md").read_text()) > 500
    assert set(connector.settings_form.secrets) <= set(connector.settings_form().fields)
    assert set(connector.settings_form().fields) >= set(conformance(name).SETTINGS)


@pytest.mark.parametrize("name", EVERY)
def test_a_connector_knows_no_other_connector(name: str) -> None:
    others = [f"connectors.{other}" for other in EVERY if other != name]
    sources = [file for file in (FOLDER / name).rglob("*.py") if "tests" not in file.parts]
    assert [file for file in sources if any(other in file.read_text() for other in others)] == []


@pytest.mark.parametrize("name", EVERY)
async def test_a_delivery_without_a_valid_signature_leaves_nothing(name: str) -> None:
    inbox, before = await made(name), await astored()
    body = next(iter(payloads(name).values()), b"{}")
    for headers in ({}, {"X-Chatwoot-Signature": "sha256=" + "0" * 64, "X-Chatwoot-Timestamp": "1"}):
        answer = await deliver(inbox, body, headers=headers)
        assert answer.status_code == 401
        assert json.loads(answer.content) == {"type": "about:blank", "title": "Not accepted.", "status": 401}
    assert await astored() == before


@pytest.mark.parametrize("name", WEB)
async def test_a_body_changed_by_one_byte_is_refused(name: str) -> None:
    inbox, before = await made(name), await astored()
    body = next(iter(payloads(name, "customer").values()))
    headers = conformance(name).signed(body, at=now())
    assert (await deliver(inbox, body + b" ", headers=headers)).status_code == 401
    assert (await deliver(inbox, body.replace(b"e", b"a", 1), headers=headers)).status_code == 401
    assert await astored() == before


@pytest.mark.parametrize("name", WEB)
async def test_one_message_delivered_twenty_times_at_once_has_one_effect(name: str) -> None:
    inbox = await made(name)
    body = next(iter(payloads(name, "customer").values()))
    answers = await asyncio.gather(*(deliver(inbox, body) for _ in range(20)))
    assert [answer.status_code for answer in answers] == [200] * 20
    told = [json.loads(answer.content) for answer in answers]
    assert (sum(one["stored"] for one in told), sum(one["duplicate"] for one in told)) == (1, 19)
    assert await Message.objects.acount() == 1
    assert await Conversation.objects.acount() == 1
    assert await Contact.objects.acount() == 1
    assert await Entry.objects.filter(kind="message.received").acount() == 1


@pytest.mark.parametrize("name", WEB)
async def test_what_it_does_not_know_is_ignored_and_reported(name: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    inbox, before = await made(name), await astored()
    for body in payloads(name, "ignored").values():
        answer = await deliver(inbox, body)
        told = json.loads(answer.content)
        assert (answer.status_code, told["stored"], len(told["ignored"])) == (200, 0, 1)
        assert told["ignored"][0] in caplog.text
    assert await astored() == before


@pytest.mark.parametrize("name", WEB)
@pytest.mark.parametrize("rubbish", [b"", b"{", b"[1, 2]", b"null", b"\xff\xfe", b'{"a": 1', b"[" * 100_000])
async def test_rubbish_is_told_what_it_is(name: str, rubbish: bytes) -> None:
    inbox, before = await made(name), await astored()
    answer = await deliver(inbox, rubbish)
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert "Nothing was kept." in json.loads(answer.content)["detail"]
    assert await astored() == before


@pytest.mark.parametrize(("name", "payload"), RECORDED)
def test_a_recorded_delivery_is_what_its_name_says(name: str, payload: str) -> None:
    inbox = Inbox(pk="inb_test", name="Test", connector=name, settings=conformance(name).SETTINGS)
    parsed = connectors()[name].parse(delivery(payloads(name)[payload]), inbox)
    expected = payload.partition("-")[0]
    if expected == "ignored":
        assert (parsed.messages, len(parsed.ignored)) == ((), 1)
        return
    [message] = parsed.messages
    assert (message.source, message.inbox) == (f"{name}:inb_test", "Test")
    assert message.private is (expected == "private")
    if expected == "private":
        assert (message.kind, message.author == Author.CUSTOMER) == (Kind.NOTE, False)
    else:
        assert message.author == expected


@pytest.mark.parametrize("name", WEB)
async def test_nothing_but_a_customers_public_words_is_ever_read(name: str) -> None:
    inbox = await made(name)
    for body in payloads(name).values():
        assert (await deliver(inbox, body)).status_code == 200
    others = Message.objects.exclude(author_kind="customer", private=False)
    assert await others.acount() >= 3
    assert {state async for state in others.values_list("reading_state", flat=True)} == {"skipped"}
    assert await StoredReading.objects.acount() == 0  # nobody consented


@pytest.mark.parametrize("name", WEB)
def test_no_payload_however_shaped_breaks_it(name: str) -> None:
    inbox = Inbox(pk="inb_test", name="Test", connector=name, settings=conformance(name).SETTINGS)
    strange: list[object] = [None, 0, -1, 1e400, True, "", "\ud800\x00", [], {}, [[]], {"id": {}}, "9" * 5000]
    for body in payloads(name).values():
        whole = json.loads(body)
        for field in whole:
            for value in strange:
                changed = json.dumps({**whole, field: value}).encode()
                assert connectors()[name].parse(delivery(changed), inbox) is not None


@pytest.fixture
def silent_server() -> Iterator[int]:
    """A server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=16) as server:
        yield server.getsockname()[1]


def queued(inbox: Inbox, thread: str) -> Message:
    """Return an approved answer in a conversation of `inbox`, as `reply` leaves it."""
    conversation = Conversation.objects.create(
        inbox=inbox, channel=inbox.channel, source=f"{inbox.connector}:{inbox.pk}", external_id=thread,
        opened_at=MORNING, last_message_at=MORNING,
    )  # fmt: skip
    Message.objects.create(
        conversation=conversation, source=conversation.source, external_id="asked", author_kind=Author.CUSTOMER,
        text="Well?", kind=Kind.CHAT, occurred_at=MORNING, received_at=MORNING,
        metadata={"mail": {"from": "mina@lumen.example", "message_id": "asked@lumen.example"}},
    )  # fmt: skip
    return Message.objects.create(
        conversation=conversation, source="unspoken", external_id="reply", author_kind=Author.AGENT, text="Gladly.",
        author_name="Ben", kind=Kind.CHAT, occurred_at=MORNING, received_at=MORNING, reading_state="skipped",
        sending=Sending.QUEUED,
    )  # fmt: skip


@pytest.mark.parametrize("name", SENDING)
def test_a_server_that_never_answers_is_given_up(
    name: str, silent_server: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = conformance(name)
    module, _, constant = told.TIMEOUT.rpartition(".")
    usual = getattr(import_module(module), constant)
    assert 1 <= max(usual.as_dict().values() if hasattr(usual, "as_dict") else [usual]) <= 30
    monkeypatch.setattr(told.TIMEOUT, type(usual)(0.3))
    inbox = inbox_of(name, **told.silent(silent_server))
    message = queued(inbox, told.CONVERSATION)
    connector, began = connectors()[name], time.monotonic()
    with pytest.raises(SendError):
        connector.send(message, inbox)
    if isinstance(connector, Polling):
        with pytest.raises(PollError):
            list(connector.poll(inbox, {}, now=MORNING))
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("name", SENDING)
async def test_no_secret_is_ever_logged_or_told(
    name: str, silent_server: int, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    told = conformance(name)
    monkeypatch.setattr(told.TIMEOUT, 0.3)
    inbox = await made(name, **told.silent(silent_server))
    said = [(await deliver(inbox, b"{}", headers={})).content.decode()]
    for body in payloads(name).values():
        said.append((await deliver(inbox, body)).content.decode())
    message = await sync_to_async(queued)(inbox, "77")
    for call in (connectors()[name].send, connectors()[name].was_sent):
        with pytest.raises(SendError) as raised:
            await sync_to_async(call)(message, inbox)
        said.append(str(raised.value))
    said.append(str(connectors()[name].settings_form(settings=inbox.settings)))
    for secret in told.SECRETS:
        assert secret not in caplog.text
        assert secret not in "".join(said)


@pytest.mark.parametrize("name", EVERY)
def test_an_inbox_without_settings_refuses_everything(name: str) -> None:
    inbox = Inbox(pk="inb_test", name="Test", connector=name, settings={})
    with pytest.raises((SignatureError, PayloadError)):
        connectors()[name].verify(delivery(b"{}", {"X-Unspoken-Key": ""}), inbox)
    assert Dispatch.objects.count() == 0
