"""Inboxes of connectors and deliveries to their doors, for tests."""

import json
from datetime import datetime
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from django.http import HttpResponse
from django.test import AsyncClient

from unspoken.connectors.registry import connectors
from unspoken.conversations.models import Inbox
from unspoken.kit.clock import now
from unspoken.staff.tests.cast import MORNING

FOLDER = Path(__file__).resolve().parent.parent


def conformance(name: str) -> ModuleType:
    """Return what a connector's folder tells the tests of it."""
    return import_module(f"unspoken.connectors.{name}.tests.conformance")


def inbox_of(name: str, **changes: Any) -> Inbox:
    """Make an inbox of a connector."""
    settings = {**conformance(name).SETTINGS, **changes}
    return Inbox.objects.create(
        name=f"{name} inbox", channel=connectors()[name].channel, connector=name, settings=settings, created_at=MORNING
    )


def payloads(name: str, prefix: str = "") -> dict[str, bytes]:
    """Return the recorded deliveries of a connector by file name."""
    files = sorted((FOLDER / name / "tests" / "payloads").glob(f"{prefix}*.json"))
    return {file.stem: file.read_bytes() for file in files}


async def deliver(
    inbox: Inbox, body: bytes | dict[str, Any], *, at: datetime | None = None, headers: dict[str, str] | None = None,
    query: str = "",
) -> HttpResponse:  # fmt: skip
    """Deliver to an inbox's door, signed as its system signs unless `headers` are given."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    if headers is None:
        headers = conformance(inbox.connector).signed(raw, at=at or now())
    address = f"/hooks/{inbox.connector}/{inbox.pk}{query}"
    response = await AsyncClient().post(address, raw, content_type="application/json", headers=headers)
    assert isinstance(response, HttpResponse)
    return response
