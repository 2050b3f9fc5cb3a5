"""Taking messages in, with reading against the same with reading switched off: single POSTs, and a whole import.

Once with customers' messages alone, each of which is read, and once with conversations as a desk has them, in which
every second message is ours and never read, half of the conversations begun by us. Rounds alternate, each on fresh
conversations of 50 contacts who permit reading; ratios are of medians in one run. Every message is durable when it
counts (SQLite: synchronous=FULL). POSTs go to two servers that run side by side, one of them idle at a time; the import
runs through this process's own batcher.
"""

import asyncio
import itertools
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import httpx

from unspoken.commands.setup import start_django

from .doors import CLIENTS, body
from .installation import Installation, installation
from .texts import messages

if TYPE_CHECKING:
    from unspoken.intake.inbound import Inbound

ROUNDS = 5
SECONDS = 5.0
PER_ROUND = 1920
PEOPLE = 50
PER_CONVERSATION = 20
SIDES = {False: "customers alone", True: "both sides"}


def events(name: str, texts: list[str], now: datetime, *, both_sides: bool = False) -> "list[Inbound]":
    """Return a round's messages: conversations of 20, a minute apart, all of them the customer's or every second."""
    from unspoken.conversations.models import Author, Kind
    from unspoken.intake.inbound import Handle, Inbound, Person
    from unspoken.people.models import Channel, IdentityKind

    made = []
    for number in range(PER_ROUND):
        talk, place = number % (PER_ROUND // PER_CONVERSATION), number // (PER_ROUND // PER_CONVERSATION)
        person = Person(handles=(Handle(kind=IdentityKind.CHAT, value=f"bench-{talk % PEOPLE}"),))
        made.append(
            Inbound(
                source="bench", external_id=f"{name}-{number}", conversation_id=f"{name}-{talk}", person=person,
                channel=Channel.CHAT, kind=Kind.CHAT, text=texts[number % len(texts)],
                author=Author.AGENT if both_sides and (place + talk) % 2 else Author.CUSTOMER,
                occurred_at=now - timedelta(minutes=60 - place),
            )
        )  # fmt: skip
    return made


def prepare() -> None:
    """Make the database, the shipped rules and the contacts with their consents."""
    from django.core.management import call_command

    from unspoken.flags.defaults import install_default_rules
    from unspoken.kit.clock import now
    from unspoken.people.actions.resolve import Known, resolve_contacts
    from unspoken.privacy.actions import record_consents

    call_command("migrate", verbosity=0)
    install_default_rules(now=now())
    people = resolve_contacts([Known((("chat", f"bench-{one}"),)) for one in range(PEOPLE)], now=now())
    record_consents(
        [one for one in people if one], modality="text", purpose="service", decision="given", source="bench", now=now()
    )


def seconds(name: str, texts: list[str], *, reading: bool, both_sides: bool = False) -> tuple[float, int]:
    """Take one round in; return the seconds it took and how many messages were read."""
    from django.conf import settings
    from django.test import override_settings

    from unspoken.intake import batcher
    from unspoken.kit.clock import now

    batch = events(name, texts, now(), both_sides=both_sides)
    with override_settings(UNSPOKEN=replace(settings.UNSPOKEN, analysis=reading)):
        begun = time.perf_counter()
        receipts = list(batcher.receive_many(batch))
        took = time.perf_counter() - begun
    assert all(receipt.status == "stored" for receipt in receipts)
    return took, sum(receipt.reading_state == "read" for receipt in receipts)


async def posts(served: Installation, texts: list[str], numbers: Iterator[int], *, both_sides: bool = False) -> float:
    """Let 16 clients send single messages for five seconds; return the acknowledgements a second."""
    until, done = time.perf_counter() + SECONDS, 0

    async def client(http: httpx.AsyncClient) -> None:
        nonlocal done
        while time.perf_counter() < until:
            number = next(numbers)
            message = body(number, texts[number % len(texts)])
            if both_sides and (number // PEOPLE + number) % 2:
                message["author"] = "agent"
            answer = await http.post("/api/v1/messages", json=message)
            answer.raise_for_status()
            done += 1

    async with httpx.AsyncClient(base_url=served.url, headers=served.headers, timeout=60) as http:
        begun = time.perf_counter()
        await asyncio.gather(*(client(http) for _ in range(CLIENTS)))
        return done / (time.perf_counter() - begun)


def at_the_door(texts: list[str]) -> None:
    """Print the rates of single POSTs."""
    numbers = itertools.count()
    with installation() as on, installation(UNSPOKEN_ANALYSIS="0") as off:
        for served in (on, off):
            asyncio.run(posts(served, texts, numbers))
        for both_sides in (False, True):
            rates: dict[bool, list[float]] = {True: [], False: []}
            for number in range(ROUNDS):
                for reading in (True, False) if number % 2 else (False, True):
                    served = on if reading else off
                    rates[reading].append(asyncio.run(posts(served, texts, numbers, both_sides=both_sides)))
            report(f"single POSTs, {CLIENTS} clients, {SIDES[both_sides]}", rates)


def whole_import(texts: list[str]) -> None:
    """Print the rates of an import."""
    from unspoken.intake import batcher

    prepare()
    seconds("warm", texts, reading=True)
    for both_sides in (False, True):
        rates: dict[bool, list[float]] = {True: [], False: []}
        read = 0
        for number in range(ROUNDS):
            for reading in (True, False) if number % 2 else (False, True):
                name = f"{number}-{reading}-{both_sides}"
                took, read_now = seconds(name, texts, reading=reading, both_sides=both_sides)
                rates[reading].append(PER_ROUND / took)
                read += read_now
        report(f"import of {PER_ROUND}, {SIDES[both_sides]}, {read / ROUNDS / PER_ROUND:.0%} read", rates)
    batcher.close()


def report(what: str, rates: dict[bool, list[float]]) -> None:
    """Print one line of the table."""
    on, off = (statistics.median(rates[reading]) for reading in (True, False))
    print(f"{what:48s}{on:12.1f}{off:16.1f}{on / off:10.2f}")


def main() -> None:
    """Print the table."""
    texts, origin = messages(5000)
    print(f"texts: {origin}; {ROUNDS} alternating rounds; medians, messages a second")
    print(f"{'':48s}{'with reading':>12s}{'switched off':>16s}{'ratio':>10s}")
    at_the_door(texts)
    with tempfile.TemporaryDirectory(prefix="unspoken-bench-") as folder:
        os.environ["UNSPOKEN_DATA"] = folder
        start_django()
        whole_import(texts)


if __name__ == "__main__":
    main()
