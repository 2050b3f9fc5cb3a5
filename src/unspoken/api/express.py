"""The short way of `POST /api/v1/messages`: for the usual message of a known sender, without Django's request.

It answers only what went well. Whatever else happens (a token not seen lately, an `Idempotency-Key`, something wrong
with the message) goes the long way, `messages.receive_message`, which says what is the matter; a message that was
submitted here already has one effect all the same.
"""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from pydantic_core import to_json

from unspoken.intake.receipt import Receipt
from unspoken.kit.clock import now
from unspoken.staff.models import Scope

from .inbound import MessageIn, ReceiptOut, acknowledged
from .tokens import bearer_of, remembered

PATH = "/api/v1/messages"
LARGEST = 64 * 1024  # bytes of a body; a larger one has time for the long way

Event = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]


def is_usual(scope: MutableMapping[str, Any]) -> bool:
    """Tell whether a request may go the short way: a small message by a sender who was known a moment ago."""
    if scope["type"] != "http" or scope["method"] != "POST" or scope["path"] != PATH or scope["query_string"]:
        return False
    headers = dict(scope["headers"])
    length = headers.get(b"content-length", b"")
    if b"idempotency-key" in headers or not length.isdigit() or int(length) > LARGEST:
        return False
    token = remembered(bearer_of(headers.get(b"authorization", b"").decode("latin-1")))
    return token is not None and Scope.MESSAGES_WRITE in token.scopes


async def receive_usual(receive: Receive, send: Send) -> Receive | None:
    """Take the message in and acknowledge it; or return what the long way is to `receive`, the body from its start."""
    events = [await receive()]
    while events[-1].get("more_body"):
        events.append(await receive())
    receipt = await _receipt(b"".join(event.get("body", b"") for event in events))
    if receipt is None or receipt.status == "rejected":
        return _again(events, receive)
    body = to_json(ReceiptOut.of(receipt))
    headers = [
        (b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"),
    ]  # fmt: skip
    status = 201 if receipt.status == "stored" else 200
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
    return None


async def _receipt(body: bytes) -> Receipt | None:
    """Return the receipt, once the message is durable; None when the long way has to say what is wrong."""
    try:
        return await acknowledged(MessageIn.model_validate_json(body).inbound(now=now()))
    except Exception:  # whatever it is, the long way meets it again and says it
        return None


def _again(events: Iterable[Event], receive: Receive) -> Receive:
    left = list(events)

    async def replayed() -> Event:
        return left.pop(0) if left else await receive()

    return replayed
