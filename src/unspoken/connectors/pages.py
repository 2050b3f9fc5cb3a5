"""The door for other systems' deliveries: `POST /hooks/<connector>/<inbox>`.

The signature is checked over the raw bytes before anything is parsed; the answer comes once all of it is durable.
"""

import asyncio
import logging
from typing import Any

from asgiref.sync import sync_to_async
from django.core.exceptions import RequestDataTooBig
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from unspoken.conversations.models import Author, Inbox
from unspoken.intake import batcher
from unspoken.intake.inbound import Inbound
from unspoken.intake.receipt import Receipt
from unspoken.kit.clock import now

from . import metrics
from .base import Connector, Delivery, Parsed, PayloadError, SignatureError
from .echoes import is_echo
from .edits import notes_of_edits
from .registry import connectors

LARGEST_BODY = 12 * 1024 * 1024
"""Bytes of one delivery: a message of 10 MB, and what is said of it."""

PARSED_AT_ONCE = 64 * 1024  # bytes; a larger body is parsed beside the requests of others
LONGEST_WAIT = 30.0  # seconds for the acknowledgement

logger = logging.getLogger(__name__)


@csrf_exempt
async def receive(request: HttpRequest, connector: str, inbox_id: str) -> HttpResponse:
    """Take one delivery in. 200: durable or deliberately ignored; anything else: nothing of it may be relied upon."""
    if request.method != "POST":
        return _problem(405, "Deliveries are sent by POST.", Allow="POST")
    known = connectors().get(connector)
    inbox = await sync_to_async(_inbox)(connector, inbox_id) if known else None
    if known is None or inbox is None:
        return _problem(404, "There is no such inbox.", "Compare the address with the one shown in its settings.")
    try:
        delivery = _delivery(request)
        known.verify(delivery, inbox)
        return await _take_in(await _parsed(known, delivery, inbox), inbox)
    except RequestDataTooBig:
        return _too_large()
    except SignatureError as error:
        metrics.HOOKS.labels(connector, "refused").inc()
        logger.warning("A delivery for the inbox %s was refused: %s", inbox_id, error)
        return _problem(401, "Not accepted.")
    except PayloadError as error:
        metrics.HOOKS.labels(connector, "malformed").inc()
        return _problem(400, "The delivery cannot be read.", f"{error} Nothing was kept.")


async def _parsed(connector: Connector, delivery: Delivery, inbox: Inbox) -> Parsed:
    if len(delivery.body) <= PARSED_AT_ONCE:
        return connector.parse(delivery, inbox)
    return await asyncio.to_thread(connector.parse, delivery, inbox)


def _inbox(connector: str, inbox_id: str) -> Inbox | None:
    return Inbox.objects.filter(pk=inbox_id, connector=connector, is_active=True).first()


def _delivery(request: HttpRequest) -> Delivery:
    if len(request.body) > LARGEST_BODY:
        raise RequestDataTooBig
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Delivery(body=request.body, headers=headers, query=request.GET.dict(), at=now())


async def _take_in(parsed: Parsed, inbox: Inbox) -> HttpResponse:
    try:
        answers = [message for message in parsed.messages if message.author != Author.CUSTOMER]
        echoes = await sync_to_async(_echoes)(answers) if answers else []
        new = [message for message in parsed.messages if message.external_id not in echoes]
        receipts = await _stored(new)
        if parsed.updated:
            receipts += await _stored(await sync_to_async(notes_of_edits)(new, receipts, at=now()))
    except batcher.Busy as error:
        return _problem(503, "Too busy just now.", str(error), **{"Retry-After": "1"})
    except (TimeoutError, DatabaseError):
        return _problem(
            503, "Not acknowledged.", "It may not have been stored; send it again, it has one effect.",
            **{"Retry-After": "5"},
        )  # fmt: skip
    ignored = [*parsed.ignored, *(f"message {each}: it was sent from here" for each in echoes)]
    return _answer(inbox, receipts, ignored)


async def _stored(messages: list[Inbound]) -> list[Receipt]:
    futures = [asyncio.wrap_future(batcher.submit(message)) for message in messages]
    return await asyncio.wait_for(asyncio.gather(*futures), LONGEST_WAIT)


def _echoes(messages: list[Inbound]) -> list[str]:
    return [message.external_id for message in messages if is_echo(message)]


def _answer(inbox: Inbox, receipts: list[Receipt], ignored: list[str]) -> HttpResponse:
    for receipt in receipts:
        metrics.HOOKS.labels(inbox.connector, receipt.status).inc()
    for reason in ignored:
        metrics.HOOKS.labels(inbox.connector, "ignored").inc()
        logger.info("Ignored in the inbox %s: %s", inbox.pk, reason)
    problems = [problem for receipt in receipts for problem in receipt.problems]
    if any(receipt.status == "rejected" for receipt in receipts):
        fields = [{"field": problem.field, "message": problem.message} for problem in problems]
        return _problem(422, "A message was refused and not kept.", "; ".join(map(str, problems)), errors=fields)
    counts = {status: sum(receipt.status == status for receipt in receipts) for status in ("stored", "duplicate")}
    return JsonResponse({**counts, "ignored": ignored})


def _too_large() -> HttpResponse:
    return _problem(413, "The delivery is too large.", f"{LARGEST_BODY} bytes are taken. Nothing was kept.")


def _problem(status: int, title: str, detail: str = "", *, errors: Any = (), **headers: str) -> HttpResponse:
    members = {"type": "about:blank", "title": title, "status": status, "detail": detail, "errors": errors}
    body = {name: value for name, value in members.items() if value}
    return JsonResponse(body, status=status, content_type="application/problem+json", headers=headers)
