"""Deliveries are signed, thin, tried again, and replayable; met by a real HTTP receiver on this machine."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx
import pytest
from django.db import transaction
from standardwebhooks import Webhook

from unspoken.conversations.events import MessageReceived
from unspoken.journal.actions import record
from unspoken.journal.models import Delivery, DeliveryState, Entry
from unspoken.kit.addresses import AddressRefusedError
from unspoken.webhooks import actions, handlers
from unspoken.webhooks.models import Endpoint
from unspoken.webhooks.sending import new_secret, send

NOW = datetime.now(tz=UTC)
PUBLIC = "93.184.216.34"


class Receiver(BaseHTTPRequestHandler):
    status = 204
    heard: list[tuple[dict[str, str], bytes]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        type(self).heard.append(({key.lower(): value for key, value in self.headers.items()}, body))
        self.send_response(self.status)
        if self.status == 302:
            self.send_header("location", "http://127.0.0.1/")
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        pass


class ToReceiver(httpx.HTTPTransport):
    """Carries what was meant for the public address to the receiver on this machine."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self.port = port

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        assert (request.url.scheme, request.url.host) == ("https", PUBLIC)
        request.url = request.url.copy_with(scheme="http", host="127.0.0.1", port=self.port)
        return super().handle_request(request)


@pytest.fixture
def transport() -> Iterator[ToReceiver]:
    Receiver.heard, Receiver.status = [], 204
    server = HTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield ToReceiver(server.server_port)
    server.shutdown()
    server.server_close()


@pytest.fixture
def endpoint(db: None) -> Endpoint:
    handlers.forget_known()
    return actions.add_endpoint(
        "https://hooks.example.org/in", kinds=["message."], by=None, now=NOW, resolver=lambda host, port: [PUBLIC]
    )


def happen(kind_of_event: type = MessageReceived) -> Entry:
    with transaction.atomic():
        return record(
            kind_of_event(
                conversation_id="cv_1", contact_id="ct_1", message_id="msg_1", author="customer", reading_state="read"
            ),
            now=NOW,
        )


def try_once(endpoint: Endpoint, entry: Entry, transport: ToReceiver) -> Any:
    return send(endpoint, entry, now=NOW, resolver=lambda host, port: [PUBLIC], transport=transport)


def test_a_delivery_verifies_by_standard_webhooks_and_holds_ids_only(endpoint: Endpoint, transport: ToReceiver) -> None:
    entry = happen()
    answer = try_once(endpoint, entry, transport)
    headers, body = Receiver.heard[0]
    assert answer.accepted
    assert Webhook(endpoint.secret).verify(body, headers) == {
        "type": "message.received",
        "timestamp": NOW.isoformat(),
        "data": {"contact": "ct_1", "conversation": "cv_1", "message": "msg_1"},
    }
    assert headers["host"] == "hooks.example.org"
    assert headers["webhook-id"] == f"entry_{entry.id}"
    assert json.loads(body).keys() == {"type", "timestamp", "data"}


def test_a_replaced_secret_signs_beside_the_new_one_for_a_day(endpoint: Endpoint, transport: ToReceiver) -> None:
    old = endpoint.secret
    actions.change_secret(endpoint, by=None, now=NOW)
    try_once(endpoint, happen(), transport)
    headers, body = Receiver.heard[0]
    assert Webhook(old).verify(body, headers) == Webhook(endpoint.secret).verify(body, headers)
    assert endpoint.old_secret_until == NOW + timedelta(hours=24)


@pytest.mark.parametrize("status", [302, 404, 500])
def test_any_other_answer_than_2xx_is_a_failure_and_no_redirect_is_followed(
    endpoint: Endpoint, transport: ToReceiver, status: int
) -> None:
    Receiver.status = status
    answer = try_once(endpoint, happen(), transport)
    assert (answer.accepted, answer.status, len(Receiver.heard)) == (False, status, 1)


def test_a_name_that_moves_to_a_private_address_gets_nothing(endpoint: Endpoint, transport: ToReceiver) -> None:
    answer = send(endpoint, happen(), now=NOW, resolver=lambda host, port: ["10.0.0.1"], transport=transport)
    assert (answer.status, Receiver.heard) == (None, [])
    assert "private address 10.0.0.1" in answer.error


def test_only_wanted_kinds_make_deliveries(endpoint: Endpoint) -> None:
    wanted = happen()
    actions.set_active(endpoint, active=True, by=None, now=NOW)  # records webhook.changed, which is not wanted
    waiting = Delivery.objects.filter(subscriber=f"webhook:{endpoint.id}")
    assert list(waiting.values_list("entry_id", flat=True)) == [wanted.id]


def test_an_endpoint_that_is_off_gets_nothing(endpoint: Endpoint) -> None:
    actions.set_active(endpoint, active=False, by=None, now=NOW)
    handlers.forget_known()
    entry = happen()
    handlers.deliver(endpoint.id, entry)
    assert not Delivery.objects.filter(subscriber=f"webhook:{endpoint.id}").exists()
    assert endpoint.attempts.count() == 0


def test_a_failed_try_is_logged_and_raises_so_that_it_is_tried_again(endpoint: Endpoint, monkeypatch: Any) -> None:
    monkeypatch.setattr("unspoken.kit.addresses.socket.getaddrinfo", _nowhere)
    with pytest.raises(handlers.NotDeliveredError, match="cannot be found"):
        handlers.deliver(endpoint.id, happen())
    assert list(endpoint.attempts.values_list("status", "error")) == [(None, "hooks.example.org cannot be found.")]


def _nowhere(*args: Any, **options: Any) -> Any:
    raise OSError("no such host")


def test_replay_sets_deliveries_back_to_waiting(endpoint: Endpoint) -> None:
    entry = happen()
    mine = Delivery.objects.filter(subscriber=f"webhook:{endpoint.id}")
    mine.update(state=DeliveryState.FAILED, attempts=9, last_error="gone")
    assert actions.replay(endpoint, since=NOW - timedelta(hours=1), now=NOW) == 1
    assert list(mine.values_list("entry_id", "state", "attempts", "last_error")) == [(entry.id, "waiting", 0, "")]


def test_a_private_address_is_refused_when_it_is_added(db: None) -> None:
    with pytest.raises(AddressRefusedError):
        actions.add_endpoint(
            "https://intranet.example/", kinds=[], by=None, now=NOW, resolver=lambda h, p: ["10.0.0.8"]
        )
    assert Endpoint.objects.count() == 0


@pytest.mark.parametrize("length", [0, 23, 65])
def test_a_secret_has_24_to_64_bytes(length: int) -> None:
    with pytest.raises(ValueError, match="24 to 64"):
        new_secret(b"x" * length)
