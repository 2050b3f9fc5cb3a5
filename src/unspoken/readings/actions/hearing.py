"""Reading the tone of the customer's voice in a recorded call, behind its own consent. No sound is kept."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import transaction

from unspoken.affect.reading import Producer
from unspoken.conversations.models import Conversation
from unspoken.journal.actions import record
from unspoken.kit.rows import insert_rows
from unspoken.people.models import Channel
from unspoken.perception.voice.sides import Side
from unspoken.privacy.models import Modality, Purpose
from unspoken.privacy.queries import hold_contacts, permissions
from unspoken.readings.events import ToneRead
from unspoken.readings.models import ToneReading

from .perceive import analysis_is_on

if TYPE_CHECKING:
    from unspoken.perception.voice.listener import Heard
    from unspoken.perception.voice.recording import Tell

_DIGITS = 4


class NotHeard(ValueError):  # noqa: N818  reads as the sentence it is
    """A recording may not be listened to, or cannot be; the message says why. Nothing of it was kept."""


def hear(
    conversation: Conversation, recording: Path, *, side: Side | None, now: datetime, tell: "Tell | None" = None
) -> int:
    """Store what the customer's tone of voice expresses in a recorded call; return how many windows were newly read.

    The recording is not even opened without the contact's consent to reading the voice for service, and nothing is
    stored unless that same consent still holds at the end. Again, and every window is there once. Raises NotHeard, or
    NotDecodable for a recording that is none.
    """
    if conversation.channel != Channel.CALL:
        raise NotHeard(f"{conversation.id} is no call. Nothing was listened to.")
    if not analysis_is_on():
        raise NotHeard("Reading is switched off here (UNSPOKEN_ANALYSIS). Nothing was listened to.")
    contact_id = conversation.contact_id or ""
    consent = _consent(contact_id)
    if consent is None:
        raise NotHeard(
            "The customer has not permitted that the tone of their voice is read (consent voice for service), or it is "
            "not known who called. Nothing was listened to."
        )
    # with their libraries: a server that never hears needs none
    from unspoken.perception.voice.perceiver import shipped
    from unspoken.perception.voice.recording import heard_in

    heard = list(heard_in(recording, side, shipped().listener(), tell=tell))
    return _store(conversation, contact_id, consent, heard, shipped().producer, now)


def _consent(contact_id: str) -> int | None:
    found = permissions([contact_id], modality=Modality.VOICE, purpose=Purpose.SERVICE) if contact_id else {}
    return found.get(contact_id)


@transaction.atomic
def _store(
    conversation: Conversation, contact_id: str, consent: int, heard: "list[Heard]", producer: Producer, now: datetime
) -> int:
    hold_contacts([contact_id])
    held = Conversation.objects.select_for_update(no_key=True).get(id=conversation.id)
    if held.contact_id != contact_id or _consent(contact_id) != consent:
        raise NotHeard("The customer's consent ended, or the call changed hands, meanwhile. Nothing was kept.")
    there = set(ToneReading.objects.filter(conversation=held, model=producer.name).values_list("begins", flat=True))
    rows = [_row(one, held, consent, producer, now) for one in heard if round(one.begin, 2) not in there]
    insert_rows(rows)
    held.version += 1
    held.save(update_fields=["version"])
    record(
        ToneRead(
            conversation_id=held.id, contact_id=contact_id, team_id=held.team_id or "", windows=len(rows),
            abstained=sum(bool(row.reason) for row in rows),
        ),
        now=now,
    )  # fmt: skip
    return sum(not row.reason for row in rows)


def _row(heard: "Heard", conversation: Conversation, consent: int, producer: Producer, now: datetime) -> ToneReading:
    return ToneReading(
        conversation=conversation, contact_id=conversation.contact_id, consent_id=consent, model=producer.name,
        model_version=producer.version, model_sha256=producer.sha256, begins=round(heard.begin, 2),
        ends=round(heard.end, 2), scales={name: round(value, _DIGITS) for name, value in heard.scales.items()},
        changes=list(heard.changes), reason="" if heard.reason is None else str(heard.reason), created_at=now,
    )  # fmt: skip
