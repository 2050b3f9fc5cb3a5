"""Bringing a CSV file in, as `unspoken import` does: new contacts, their basis, every second message a customer's.

Rounds alternate between reading and not reading; every message is durable when it counts (SQLite: synchronous=FULL).
"""

import csv
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from .texts import messages

ROUNDS = 3
ROWS = 3840
PER_CONVERSATION = 12
TARGET = 600  # messages a second


def write_file(path: Path, texts: list[str], now: datetime) -> None:
    """Write a file of conversations, each of a customer of its own, in which customer and agent take turns."""
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "time", "author", "email", "ticket", "text"])
        for number in range(ROWS):
            talk, place = divmod(number, PER_CONVERSATION)
            at = now - timedelta(minutes=ROWS - number)
            who = "agent" if place % 2 else "customer"
            email = f"{path.stem}-{talk}@example.org"
            rows.writerow([number, at.isoformat(), who, email, talk, texts[number % len(texts)]])


def timed(work: Callable[[], object]) -> float:
    """Return the messages a second that `work` dealt with."""
    begun = time.perf_counter()
    work()
    return ROWS / (time.perf_counter() - begun)


def main() -> None:
    """Make a database of its own, import into it, print the rates."""
    os.environ |= {"DJANGO_SETTINGS_MODULE": "unspoken.config.settings", "UNSPOKEN_DATA": tempfile.mkdtemp()}
    import django

    django.setup()
    from django.conf import settings
    from django.test import override_settings

    from unspoken.commands.serve import prepare_database
    from unspoken.importing.consents import basis_of
    from unspoken.importing.messages import Plan, take_in
    from unspoken.importing.opening import open_messages
    from unspoken.importing.rehearsal import rehearse
    from unspoken.kit.clock import now
    from unspoken.readings.actions import Words, perceive

    prepare_database()
    perceive([Words("Loads the model.")])
    folder, (texts, whence) = Path(tempfile.mkdtemp()), messages(5_000)
    basis = basis_of("a benchmark", "text:service", file="benchmark")
    rates: dict[str, list[float]] = {"import, read": [], "import, not read": [], "again": [], "dry run": []}
    for number in range(ROUNDS):
        for reading in (True, False) if number % 2 else (False, True):
            path = folder / f"{number}{'r' if reading else 'n'}.csv"
            write_file(path, texts, now())
            opened = open_messages(path, now=now(), zone=UTC)
            plan = Plan(clock=now, folder=folder, how="", basis=basis)
            with override_settings(UNSPOKEN=replace(settings.UNSPOKEN, analysis=reading)):
                if reading:
                    rates["dry run"].append(
                        timed(lambda o=opened: rehearse(o, clock=now, basis=basis, tell=lambda *_: None))
                    )
                kind = "import, read" if reading else "import, not read"
                rates[kind].append(timed(lambda o=opened, p=plan: take_in(o, plan=p, tell=lambda *_: None)))
                rates["again"].append(timed(lambda o=opened, p=plan: take_in(o, plan=p, tell=lambda *_: None)))
    print(f"{ROWS} rows a round, of which half are customers' words: {whence}")
    for what, found in rates.items():
        spread = f"{min(found):,.0f} … {max(found):,.0f}"
        print(f"{what:18} {statistics.median(found):8,.0f} messages/s   ({spread})")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak:.0f} MB; the target is {TARGET} messages/s read; load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
