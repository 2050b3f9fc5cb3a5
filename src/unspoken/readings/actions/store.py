"""Keeping readings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from unspoken.affect.reading import Reading
from unspoken.conversations.models import Message
from unspoken.kit.rows import insert_rows
from unspoken.readings.models import StoredReading
from unspoken.readings.stored import to_row


@dataclass(frozen=True, slots=True)
class Made:
    """A reading just made of a stored message, of whom, and under which consent decision."""

    message: Message
    reading: Reading
    contact_id: str
    consent_id: int


def store_readings(made: Sequence[Made], *, now: datetime) -> list[StoredReading]:
    """Store readings in the caller's transaction, which has just checked their consents; at most one per model.

    Raises IntegrityError when a message already has a reading by the same model, or is not a customer's public words.
    """
    rows = [
        to_row(one.reading, one.message, contact_id=one.contact_id, consent_id=one.consent_id, now=now) for one in made
    ]
    insert_rows(rows)
    return rows
