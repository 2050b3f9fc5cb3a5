"""Taking messages in through the process's own batcher: with reading against the same with reading switched off.

Rounds alternate, each on fresh conversations of 50 contacts who permit reading; the ratio is of medians in one run.
Every message is durable when it counts (SQLite: synchronous=FULL).
"""

import os
import statistics
import tempfile
import time
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from .texts import messages

if TYPE_CHECKING:
    from unspoken.intake.inbound import Inbound

ROUNDS = 5
PER_ROUND = 1920
PEOPLE = 50
PER_CONVERSATION = 20


def events(name: str, texts: list[str], now: datetime) -> "list[Inbound]":
    """Return a round's messages: conversations of 20, all of them the customer's, a minute apart."""
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
                channel=Channel.CHAT, kind=Kind.CHAT, author=Author.CUSTOMER, text=texts[number % len(texts)],
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


def seconds(name: str, texts: list[str], *, reading: bool) -> tuple[float, int]:
    """Take one round in; return the seconds it took and how many messages were read."""
    from django.conf import settings
    from django.test import override_settings

    from unspoken.intake import batcher
    from unspoken.kit.clock import now

    batch = events(name, texts, now())
    with override_settings(UNSPOKEN=replace(settings.UNSPOKEN, analysis=reading)):
        begun = time.perf_counter()
        receipts = list(batcher.receive_many(batch))
        took = time.perf_counter() - begun
    assert all(receipt.status == "stored" for receipt in receipts)
    return took, sum(receipt.reading_state == "read" for receipt in receipts)


def main() -> None:
    """Print the table."""
    import django

    django.setup()
    from unspoken.intake import batcher

    texts, origin = messages(5000)
    prepare()
    seconds("warm", texts, reading=True)
    rates: dict[bool, list[float]] = {True: [], False: []}
    read = 0
    for number in range(ROUNDS):
        for reading in (True, False) if number % 2 else (False, True):
            took, read_now = seconds(f"{number}-{reading}", texts, reading=reading)
            rates[reading].append(PER_ROUND / took)
            read += read_now
    batcher.close()
    on, off = (statistics.median(rates[reading]) for reading in (True, False))
    print(f"texts: {origin}; {ROUNDS} rounds of {PER_ROUND} messages each way, alternating; medians")
    print(
        f"import with reading          {on:8.1f} messages/s   ({read / ROUNDS / PER_ROUND:.0%} read, the rest abstained)"
    )
    print(f"import, reading switched off {off:8.1f} messages/s")
    print(f"ratio                        {on / off:8.2f}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="unspoken-bench-") as folder:
        os.environ["UNSPOKEN_DATA"] = str(Path(folder))
        os.environ["DJANGO_SETTINGS_MODULE"] = "unspoken.config.settings"
        main()
