"""A person's word against a reading."""

from collections import defaultdict
from datetime import datetime

from django.db import transaction

from unspoken.affect.baseline import Baseline
from unspoken.affect.vocabulary import CX
from unspoken.conversations.models import Conversation
from unspoken.journal.actions import record
from unspoken.kit.validation import check_text
from unspoken.privacy.queries import hold_contacts
from unspoken.readings.events import ReadingCorrected
from unspoken.readings.models import Correction, StoredReading
from unspoken.readings.stored import effective
from unspoken.staff.models import Member
from unspoken.staff.permissions import Permission, require

from .move import add_to_channels
from .recompute import recompute_contact
from .refollow import refollow


class NotAnEmotionWord(ValueError):  # noqa: N818  reads as the sentence it is
    """A correction named something outside the published vocabulary."""


@transaction.atomic
def correct_reading(reading: StoredReading, *, cx: str, by: Member, now: datetime, note: str = "") -> Correction:
    """Put a person's judgement (a CX category) in a reading's place, in trajectory, state, baselines and statistics.

    The reading itself stays as it was made. Correcting again replaces the correction. Flags already raised stay, for a
    person to decide. Raises NotAnEmotionWord for an unknown category, NotAllowed, and ValidationError.
    """
    require(by, Permission.CORRECT_READINGS)
    if cx not in CX:
        raise NotAnEmotionWord(f"{cx!r} is not a word for what is expressed; use one of {', '.join(CX)}.")
    check_text(note, field="note")
    hold_contacts([reading.contact_id] if reading.contact_id else [])
    conversation = Conversation.objects.select_for_update(no_key=True).get(id=reading.conversation_id)
    reading = StoredReading.objects.select_related("correction").get(id=reading.id)
    before = effective(reading)
    correction, _ = Correction.objects.update_or_create(
        reading_id=reading.id, defaults={"cx": cx, "note": note, "by": by, "at": now}
    )
    reading = StoredReading.objects.select_related("correction").get(id=reading.id)
    changes: defaultdict[str, Baseline] = defaultdict(Baseline)
    removed = Baseline().remove(before.valence, before.cx["frustration"])
    changes[conversation.channel] = removed.add_reading(effective(reading))
    add_to_channels(changes)
    if reading.contact_id:
        recompute_contact(reading.contact_id, now)
    refollow([conversation.id], now=now)
    record(
        ReadingCorrected(
            contact_id=reading.contact_id or "", conversation_id=conversation.id, team_id=conversation.team_id or "",
            actor=by.id, reading_id=reading.id, message_id=reading.message_id, cx=cx,
        ),
        now=now,
    )  # fmt: skip
    return correction
