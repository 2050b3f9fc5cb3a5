"""A recorded call: listened to from its beginning to its end, as far as the customer permits. No sound is kept."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import transaction

from unspoken.conversations.models import Conversation
from unspoken.journal.actions import record_all
from unspoken.people.models import Channel
from unspoken.readings.actions import (
    PerceptionUnavailableError,
    Told,
    analysis_is_on,
    remember_usual_voice,
    store_tones,
    usual_voice,
    voice_consents,
)
from unspoken.readings.ear import Undecodable, recorded
from unspoken.readings.ear import ear as ear_of

from .models import Call, ToneState
from .talk import Talk

if TYPE_CHECKING:
    from unspoken.readings.ear import Ear, Portion

PIECE = 80_000  # bytes of a line that are listened to together
PART = 60.0  # seconds of sound whose windows are stored together
Tell = Callable[[float], None]
"""Called with the seconds of sound that have been listened to."""


class NotHeard(ValueError):  # noqa: N818  reads as the sentence it is
    """A recording may not be listened to, or cannot be; the message says why, and what of it is kept."""


def hear(
    conversation: Conversation, recording: Path, *, side: str | None, now: datetime, tell: Tell | None = None
) -> int:
    """Store what the customer's tone of voice expresses in a recorded call; return how many windows were newly read.

    The recording is not even opened without the contact's consent to reading the voice for service, and nothing is
    stored but under that same consent. Stopped midway, it can be begun again: every window is there once.

    side: the customer's channel, `left` or `right`, or `alone` where nobody else speaks. Raises NotHeard.
    """
    consent = _permission(conversation)
    ear = _ear(conversation)
    pieces = ((len(own) / 16_000, ear.hear(own, other)) for own, other in recorded(recording, side))
    return _listen(conversation, consent, ear, pieces, now=now, tell=tell)


def hear_line(conversation: Conversation, customer: bytes, agent: bytes, *, now: datetime) -> int:
    """Do the same with both sides of a call as a telephone carries them: mu-law at 8 kHz, as long as each other."""
    consent = _permission(conversation)
    ear = _ear(conversation, coding="mulaw", rate=8_000)
    starts = range(0, len(customer), PIECE)
    pieces = (
        (len(customer[at : at + PIECE]) / 8_000, ear.take(customer[at : at + PIECE], agent[at : at + PIECE]))
        for at in starts
    )
    return _listen(conversation, consent, ear, pieces, now=now)


def _ear(conversation: Conversation, **sound: Any) -> "Ear":
    usual, heard_by = usual_voice(conversation.contact_id or "")
    try:
        return ear_of(usual=usual, usual_by=heard_by, **sound)
    except PerceptionUnavailableError as error:
        raise NotHeard(f"{error} Nothing was listened to.") from error


def _listen(
    conversation: Conversation, consent: int, ear: "Ear", pieces: "Iterator[tuple[float, Portion]]", *, now: datetime,
    tell: Tell | None = None,
) -> int:  # fmt: skip
    talk, read, since, heard = Talk(), 0, 0.0, 0.0
    portions: list[Portion] = []
    try:
        for seconds, told in pieces:
            heard += seconds
            portions.append(told)
            if tell:
                tell(heard)
            if heard - since >= PART:
                read += _keep(conversation, consent, ear, portions, talk, now)
                portions, since = [], heard
    except Undecodable as error:
        raise NotHeard(f"{error} {f'{read} windows before that are kept.' if read else 'Nothing was kept.'}") from error
    portions.append(ear.finish())
    read += _keep(conversation, consent, ear, portions, talk, now)
    _note(conversation, ear, talk, length=heard, now=now)
    return read


def _permission(conversation: Conversation) -> int:
    """Return the consent under which a call may be listened to; raises NotHeard."""
    if conversation.channel != Channel.CALL:
        raise NotHeard(f"{conversation.id} is no call. Nothing was listened to.")
    if not analysis_is_on():
        raise NotHeard("Reading is switched off here (UNSPOKEN_ANALYSIS). Nothing was listened to.")
    contact_id = conversation.contact_id or ""
    consent = voice_consents([contact_id]).get(contact_id) if contact_id else None
    if consent is None:
        raise NotHeard(
            "The customer has not permitted that the tone of their voice is read (consent voice for service), or it is "
            "not known who called. Nothing was listened to."
        )
    return consent


def _keep(
    conversation: Conversation, consent: int, ear: "Ear", portions: "Sequence[Portion]", talk: Talk, now: datetime
) -> int:
    for one in (activity for portion in portions for activity in portion.activity):
        talk.add(one.begins, one.ends, one.own.tolist(), None if one.other is None else one.other.tolist())
    told = Told(
        conversation_id=conversation.id, contact_id=conversation.contact_id or "", consent_id=consent,
        producer=ear.producer, heard=[one for portion in portions for one in portion.heard],
    )  # fmt: skip
    with transaction.atomic():
        kept = store_tones([told], now=now)
        record_all(kept.events, now=now)
    if kept.refused:
        begins = told.heard[0].begin if told.heard else 0.0
        raise NotHeard(
            "The customer's consent ended, or the call changed hands, meanwhile. Nothing was kept"
            + (f" from {begins:.0f} seconds on." if begins else ".")
        )
    return sum(not row.reason for row in kept.rows[conversation.id])


@transaction.atomic
def _note(conversation: Conversation, ear: "Ear", talk: Talk, *, length: float, now: datetime) -> None:
    """Note how long the call was and who spoke, unless that was heard live; remember the calm voice where permitted."""
    began = conversation.opened_at
    ended = began + timedelta(seconds=length)
    call, _ = Call.objects.get_or_create(
        conversation=conversation, defaults={"began_at": began, "ended_at": ended, "seen_at": ended}
    )
    if not call.talk and not call.is_live:
        call.talk, call.heard_until, call.tone = talk.to_json(), length, ToneState.READ
        call.save()
    if ear.usual:
        remember_usual_voice(conversation.contact_id or "", ear.usual, producer=ear.producer, now=now)
