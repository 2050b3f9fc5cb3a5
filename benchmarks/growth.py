"""What a page costs as the record grows: queue, contact and conversation at 10 thousand and at 1 million messages.

Each page is rendered whole through Django's test client, in one process, on SQLite; the median of many.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from typing import Any

SMALL, LARGE = 10_000, 1_000_000
TIMES = 25
NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
STATUSES = ["open"] * 5 + ["waiting"] * 5 + ["snoozed"] + ["resolved"] * 89
CX = {"frustration": 0.4, "neutral": 0.3, "gratitude": 0.1}


def fill(count: int) -> None:
    """Make `count` messages in conversations of ten, one contact for each conversation and a half, all read."""
    from django.db import connection, transaction

    from unspoken.conversations.models import Inbox
    from unspoken.staff.actions import create_member, create_team, join_team

    teams = [create_team(f"Team {number}", now=NOW) for number in range(10)]
    for name, role in (("ada", "owner"), ("ben", "agent")):
        member = create_member(f"{name}@bench.example", name=name, role=role, now=NOW)
        join_team(member, team=teams[0], now=NOW)
    inbox = Inbox.objects.create(name="Chat", channel="chat", created_at=NOW)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=OFF")
    with transaction.atomic():
        for start in range(0, count // 10, 2000):
            _fill_some(range(start, min(start + 2000, count // 10)), inbox, teams)


def _fill_some(numbers: range, inbox: Any, teams: list[Any]) -> None:
    from unspoken.conversations.models import Conversation, Message
    from unspoken.people.models import Contact, Order
    from unspoken.readings.models import ConversationTrajectory, StoredReading

    at = {n: NOW - timedelta(seconds=(n * 7919) % 10_000_000) for n in numbers}
    contacts = {n: Contact(id=f"ct_{n:026d}", name=f"Person {n}", created_at=NOW) for n in numbers if n % 3 != 2}
    Contact.objects.bulk_create(contacts.values())
    owner = {n: f"ct_{n if n % 3 != 2 else n - 2:026d}" for n in numbers}
    Conversation.objects.bulk_create(
        Conversation(
            id=f"cv_{n:026d}", inbox=inbox, channel="chat", contact_id=owner[n],
            team=teams[n % 10], status=STATUSES[n % 100], source="bench", external_id=f"c{n}", opened_at=at[n],
            last_message_at=at[n], message_count=10, attention=(n * 31 % 1000) / 1000 if n % 4 == 0 else 0.0,
        )
        for n in numbers
    )  # fmt: skip
    messages = [
        Message(
            id=f"msg_{n:020d}{k:06d}", conversation_id=f"cv_{n:026d}", source="bench", external_id=f"m{n}-{k}",
            author_kind="customer", kind="chat", text="The kettle leaks again.", reading_state="read",
            occurred_at=at[n] + timedelta(seconds=k), received_at=at[n],
        )
        for n in numbers for k in range(10)
    ]  # fmt: skip
    Message.objects.bulk_create(messages, batch_size=2000)
    StoredReading.objects.bulk_create(
        [
            StoredReading(
                id="rd" + message.id[3:], message=message, conversation_id=message.conversation_id, model="bench",
                model_version="1", cx=CX, valence=-0.3, arousal=0.4, confidence=0.5, area="service",
                contact_id=owner[int(message.conversation_id[3:])], occurred_at=message.occurred_at, created_at=NOW,
            )
            for message in messages[::5]
        ],
        batch_size=2000,
    )  # fmt: skip
    ConversationTrajectory.objects.bulk_create(
        ConversationTrajectory(conversation_id=f"cv_{n:026d}", level=-0.3, updated_at=NOW) for n in numbers
    )
    Order.objects.bulk_create(
        Order(id=f"ord_{n:025d}", contact_id=owner[n], number=f"o{n}", placed_at=at[n]) for n in contacts
    )


def measure() -> dict[str, float]:
    """Return the median milliseconds of each page."""
    from django.test import Client

    from unspoken.conversations.models import Conversation
    from unspoken.staff.models import Member

    chosen = list(Conversation.objects.filter(team__name="Team 0").order_by("pk")[:25])
    pages: dict[str, list[str]] = {
        "attention queue": ["/"],
        "conversation": [f"/conversations/{conversation.pk}" for conversation in chosen],
        "contact": [f"/contacts/{conversation.contact_id}" for conversation in chosen],
    }
    found = {}
    for name in ("ada", "ben"):
        client = Client()
        client.force_login(Member.objects.get(email=f"{name}@bench.example"))
        for page, paths in pages.items():
            found[f"{page}, {'owner' if name == 'ada' else 'agent'}"] = _median(client, paths)
    return found


def _median(client: Any, paths: list[str]) -> float:
    times = []
    for number in range(TIMES + 3):
        begun = time.perf_counter()
        answer = client.get(paths[number % len(paths)])
        times.append((time.perf_counter() - begun) * 1000)
        if answer.status_code != 200:
            raise RuntimeError(f"{paths[number % len(paths)]} answered {answer.status_code}")
    return statistics.median(times[3:])


def run(count: int) -> None:
    """Fill a fresh database and print the page times as JSON; runs in a process of its own."""
    from django.core.management import call_command

    from unspoken.commands.setup import start_django

    start_django()
    call_command("migrate", verbosity=0)
    fill(count)
    print(json.dumps(measure()))


def main() -> None:
    """Print both sizes side by side."""
    found = []
    for count in (SMALL, LARGE):
        with tempfile.TemporaryDirectory(prefix="unspoken-growth-") as folder:
            ended = subprocess.run(
                [sys.executable, "-m", "benchmarks.growth", str(count)], check=True, stdout=subprocess.PIPE,
                env={**os.environ, "UNSPOKEN_DATA": folder, "UNSPOKEN_HOSTS": "testserver"},
            )  # fmt: skip
            found.append(json.loads(ended.stdout.splitlines()[-1]))
    print(f"page                       {SMALL:>9,} messages {LARGE:>12,} messages   ratio")
    for page, small in found[0].items():
        large = found[1][page]
        print(f"{page:26} {small:12.1f} ms {large:18.1f} ms {large / small:9.2f}")


if __name__ == "__main__":
    run(int(sys.argv[1])) if len(sys.argv) > 1 else main()
