"""What came of a file of messages, counted."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from unspoken.intake.inbound import Inbound
from unspoken.people.actions.resolve import Known
from unspoken.people.handles import normalise

from .counting import Distinct

BATCH = 64
"""Messages that share one model call and one transaction: so many, and what else the last piece holds."""

PATIENCE = 60.0
"""Seconds that the model may take for a batch: nobody waits at the other end, so longer than live."""

Tell = Callable[[int, int], None]
"""Is told how much of a file is done, and how much there is."""

Clock = Callable[[], datetime]


@dataclass(slots=True)
class Summary:
    """What came of a file.

    counts: messages, stored, known (they were there already), rejected, consents, with_basis (in a rehearsal without
    a basis: could be read with one); and by what became of a message's words: read, pending (to be read later), or the
    reason why they are not read. went_on: pieces that an earlier run did.
    """

    counts: Counter[str] = field(default_factory=Counter)
    conversations: Distinct = field(default_factory=Distinct)
    contacts: Distinct = field(default_factory=Distinct)
    went_on: int = 0
    rejects: Path | None = None

    def note(self, state: str, reason: str) -> None:
        """Count a message that is new, and what becomes of its words."""
        self.counts["stored"] += 1
        self.counts[str(reason or state)] += 1

    def note_people(self, messages: Iterable[Inbound]) -> None:
        """Count the contacts of messages, each by the handle that is trusted most."""
        self.contacts.add(":".join(person.handles[0]) for one in messages if (person := known_as(one)).handles)


def known_as(message: Inbound) -> Known:
    """Return the customer of a message as the record looks them up: handles normalised."""
    person = message.person
    if person is None:
        return Known(())
    keys = ((str(one.kind), normalise(one.kind, one.value, source=message.source)) for one in person.handles)
    return Known(tuple(dict.fromkeys(key for key in keys if key[1])), person.name.strip())
