"""Whether the demo has been made: an entry of the journal says so."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.db import transaction

from unspoken.journal.actions import record
from unspoken.journal.events import Event
from unspoken.journal.models import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoMade(Event):
    """The imagined shop and its ninety days are complete."""

    kind: ClassVar[str] = "demo.made"


def is_finished() -> bool:
    """Tell whether the demo is complete."""
    return Entry.objects.filter(kind=DemoMade.kind).exists()


def finish(*, now: datetime) -> None:
    """Note that the demo is complete."""
    with transaction.atomic():
        record(DemoMade(), now=now)
