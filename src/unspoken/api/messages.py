"""Messages coming in: one at a time, or a file of lines with a verdict for each."""

import itertools
import json
from collections import deque
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future
from typing import Any

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from ninja import Router
from pydantic import ValidationError

from unspoken.intake import batcher
from unspoken.intake.inbound import Inbound
from unspoken.intake.receipt import Receipt
from unspoken.kit.clock import now
from unspoken.staff.models import Scope

from .idempotency import Earlier, abandon, begin, finish
from .inbound import LONGEST_WAIT, MessageIn, ReceiptOut, acknowledged
from .problems import Problem
from .tokens import AsyncToken, token_of

router = Router(tags=["messages"])
MOST_LINES = 10_000
UNDER_WAY = 256  # lines that are read and stored while the first of them is waited for
TOLD_AT_ONCE = 32  # verdicts


@router.post("/messages", auth=AsyncToken(Scope.MESSAGES_WRITE), response={201: ReceiptOut, 200: ReceiptOut})
async def receive_message(request: HttpRequest, message: MessageIn) -> HttpResponse:
    """Store one message and read it. 201: stored durably; 200: it was there already. Honours `Idempotency-Key`."""
    moment = now()
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        return await _receive(message.inbound(now=moment))
    begun = await sync_to_async(begin)(token_of(request), key, request.body, now=moment)
    if isinstance(begun, Earlier):
        return HttpResponse(begun.body, status=begun.status, content_type="application/json")
    try:
        response = await _receive(message.inbound(now=moment))
    except BaseException:
        await sync_to_async(abandon)(begun)
        raise
    await sync_to_async(finish)(begun, status=response.status_code, body=response.content.decode())
    return response


async def _receive(inbound: Inbound) -> HttpResponse:
    try:
        receipt = await acknowledged(inbound)
    except TimeoutError:
        raise Problem(
            503,
            "Not acknowledged in time.",
            "It may have been stored; send it again, it has one effect.",
            retry_after=5,
        ) from None
    if receipt.status == "rejected":
        raise Problem(422, "The message was refused and not kept.", receipt.error, fields=_problems(receipt))
    return JsonResponse(ReceiptOut.of(receipt), status=201 if receipt.status == "stored" else 200)


def _problems(receipt: Receipt) -> list[dict[str, str]]:
    return [{"field": problem.field, "message": problem.message} for problem in receipt.problems]


@router.post(
    "/messages/batch",
    auth=AsyncToken(Scope.MESSAGES_WRITE),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/x-ndjson": {"schema": {"type": "string", "description": "A message a line"}}},
        },
        "responses": {
            200: {
                "description": "A verdict a line",
                "content": {"application/x-ndjson": {"schema": {"type": "string"}}},
            }
        },
    },
)
async def receive_batch(request: HttpRequest) -> HttpResponseBase:
    """Take up to 10,000 lines of NDJSON; answer each, in order and as it becomes durable, with its verdict."""
    lines = request.body.split(b"\n")
    count = sum(1 for line in lines if line.strip())
    if count > MOST_LINES:
        raise Problem(413, "Too many lines.", f"{count} lines were sent, {MOST_LINES} are allowed. Nothing was kept.")
    return StreamingHttpResponse(_verdicts(lines), content_type="application/x-ndjson")


async def _verdicts(lines: list[bytes]) -> AsyncIterator[bytes]:
    answers = _answers(lines)
    while some := await sync_to_async(lambda: b"".join(itertools.islice(answers, TOLD_AT_ONCE)))():
        yield some


def _answers(lines: list[bytes]) -> Iterator[bytes]:
    """Yield the verdict of each line as JSON; many lines are under way while the first is waited for."""
    under_way: deque[tuple[int, Future[Receipt] | dict[str, Any]]] = deque()
    for number, line in enumerate(lines, 1):
        if line.strip():
            under_way.append((number, _submitted(line)))
        if len(under_way) >= UNDER_WAY:
            yield _answer(*under_way.popleft())
    while under_way:
        yield _answer(*under_way.popleft())


def _submitted(line: bytes) -> Future[Receipt] | dict[str, Any]:
    try:
        return batcher.submit(MessageIn.model_validate_json(line).inbound(now=now()), timeout=LONGEST_WAIT)
    except ValidationError as error:
        return _malformed(error)
    except batcher.Busy as error:
        return {"status": "busy", "error": str(error)}


def _answer(number: int, outcome: Future[Receipt] | dict[str, Any]) -> bytes:
    verdict = outcome if isinstance(outcome, dict) else _verdict(outcome)
    return json.dumps({"line": number, **verdict}, separators=(",", ":")).encode() + b"\n"


def _verdict(future: Future[Receipt]) -> dict[str, Any]:
    try:
        receipt = future.result(timeout=LONGEST_WAIT)
    except Exception as error:  # the batcher has logged it; the other lines go on
        return {"status": "failed", "error": f"It may not have been stored; send it again. ({type(error).__name__})"}
    if receipt.status == "rejected":
        return {"status": "rejected", "errors": _problems(receipt)}
    return {name: value for name, value in ReceiptOut.of(receipt).items() if value}


def _malformed(error: ValidationError) -> dict[str, Any]:
    fields = [
        {"field": ".".join(map(str, each["loc"])) or "line", "message": each["msg"]}
        for each in error.errors(include_url=False, include_input=False, include_context=False)
    ]
    return {"status": "rejected", "errors": fields}
