"""The live stream: told within a moment, only what may be seen, nothing lost on resuming."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import transaction
from django.test import AsyncClient

from unspoken.conversations.events import ConversationChanged
from unspoken.journal.actions import record
from unspoken.journal.models import Entry
from unspoken.live.stream import stream
from unspoken.staff.hearing import hearing_of
from unspoken.staff.models import Member, Role, Team

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def teams() -> dict[str, Team]:
    return {name: Team.objects.create(name=name) for name in ("Care", "Press")}


def member(email: str, role: Role, *teams: Team) -> Member:
    made = Member.objects.create(email=email, name=email, role=role, joined_at=NOW)
    made.teams.set(teams)
    return made


def happen(team: Team | None, conversation: str = "cv_1") -> Entry:
    with transaction.atomic():
        return record(
            ConversationChanged(conversation_id=conversation, team_id=team.id if team else "", what="status"), now=NOW
        )


async def read(frames: AsyncIterator[bytes], count: int, seconds: float = 3.0) -> list[dict[str, Any]]:
    """Return the next `count` events (comments and retry lines left out)."""
    found: list[dict[str, Any]] = []
    async with asyncio.timeout(seconds):
        async for frame in frames:
            fields = dict(line.split(": ", 1) for line in frame.decode().strip().splitlines() if ": " in line)
            if "event" in fields:
                found.append({"id": int(fields["id"]), "event": fields["event"], "data": json.loads(fields["data"])})
            if len(found) == count:
                break
    return found


async def open_stream(of: Member, after: int | None = None) -> AsyncIterator[bytes]:
    hearing = await sync_to_async(hearing_of)(of.id)
    assert hearing is not None
    return stream(of.id, hearing, after)


async def test_tells_a_change_within_a_second(teams: dict[str, Team]) -> None:
    ben = await sync_to_async(member)("ben@x.example", Role.AGENT, teams["Care"])
    frames = await open_stream(ben)
    assert (await read(frames, 1))[0]["event"] == "ready"
    begun = time.monotonic()
    entry = await sync_to_async(happen)(teams["Care"])
    told = await read(frames, 1, seconds=1.0)
    assert told == [
        {"id": entry.id, "event": "changed", "data": {"kind": "conversation.changed", "conversation": "cv_1"}}
    ]
    assert time.monotonic() - begun < 1.0
    await frames.aclose()  # type: ignore[attr-defined]


async def test_says_nothing_of_another_team(teams: dict[str, Team]) -> None:
    cleo = await sync_to_async(member)("cleo@x.example", Role.AGENT, teams["Press"])
    ada = await sync_to_async(member)("ada@x.example", Role.OWNER)
    analyst = await sync_to_async(member)("ana@x.example", Role.ANALYST)
    streams = [await open_stream(who) for who in (cleo, ada, analyst)]
    for frames in streams:
        await read(frames, 1)
    bens = await sync_to_async(happen)(teams["Care"], "cv_ben")
    hers = await sync_to_async(happen)(teams["Press"], "cv_cleo")
    assert [event["id"] for event in await read(streams[0], 1)] == [hers.id]
    assert [event["id"] for event in await read(streams[1], 2)] == [bens.id, hers.id]
    with pytest.raises(TimeoutError):
        await read(streams[2], 1, seconds=0.6)
    for frames in streams:
        await frames.aclose()  # type: ignore[attr-defined]


async def test_resumes_after_the_last_event_and_loses_nothing(teams: dict[str, Team]) -> None:
    ben = await sync_to_async(member)("ben@x.example", Role.AGENT, teams["Care"])
    entries = [await sync_to_async(happen)(teams["Care"], f"cv_{n}") for n in range(5)]
    frames = await open_stream(ben, after=entries[1].id)
    assert [event["id"] for event in await read(frames, 3)] == [entry.id for entry in entries[2:]]
    later = await sync_to_async(happen)(teams["Care"], "cv_later")
    assert [event["id"] for event in await read(frames, 1)] == [later.id]
    await frames.aclose()  # type: ignore[attr-defined]


async def test_a_page_that_missed_too_much_is_told_to_load_anew(teams: dict[str, Team], monkeypatch: Any) -> None:
    monkeypatch.setattr("unspoken.live.stream.FURTHEST_BACK", 2)
    ben = await sync_to_async(member)("ben@x.example", Role.AGENT, teams["Care"])
    entries = [await sync_to_async(happen)(teams["Care"]) for _ in range(5)]
    frames = await open_stream(ben, after=entries[0].id)
    assert [(event["event"], event["id"]) for event in await read(frames, 1)] == [("reload", entries[-1].id)]
    await frames.aclose()  # type: ignore[attr-defined]


async def test_a_stranger_is_refused(async_client: AsyncClient) -> None:
    response = await async_client.get("/live/events")
    assert response.status_code == 401
