"""Keeping what the tone of a customer's voice expressed in a call, behind its own consent. No sound is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from unspoken.affect.reading import Producer, Reason
from unspoken.conversations.models import Conversation
from unspoken.kit.rows import insert_rows
from unspoken.privacy.models import Modality, Purpose
from unspoken.privacy.queries import hold_contacts, permissions
from unspoken.readings.events import ToneRead
from unspoken.readings.models import ToneReading, VoiceBaseline

if TYPE_CHECKING:
    from unspoken.perception.voice.listener import Heard

_DIGITS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What was heard of one call under one consent: windows, and the seconds (begin, end) that were not heard."""

    conversation_id: str
    contact_id: str
    consent_id: int
    producer: Producer
    heard: Sequence["Heard"] = ()
    missed: Sequence[tuple[float, float]] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """Rows that are new and what to record of them by conversation id, and the calls whose consent no longer holds."""

    rows: dict[str, list[ToneReading]]
    events: dict[str, ToneRead]
    refused: frozenset[str]


def voice_consents(contact_ids: Sequence[str], *, purpose: Purpose = Purpose.SERVICE) -> dict[str, int | None]:
    """Return for each contact the id of the decision that permits to read the tone of their voice, or None."""
    return permissions(set(contact_ids), modality=Modality.VOICE, purpose=purpose) if contact_ids else {}


def store_tones(told: Sequence[Told], *, now: datetime) -> Kept:
    """Store the windows of several calls that are not there yet, inside the caller's transaction.

    Nothing is stored of a call whose contact's consent is not the one it was heard under, or that has changed hands.
    """
    hold_contacts({one.contact_id for one in told})
    calls = Conversation.objects.filter(id__in=[one.conversation_id for one in told])
    held = {one.id: one for one in calls.select_for_update(no_key=True).order_by("id")}
    valid = voice_consents([one.contact_id for one in told])
    rows: dict[str, list[ToneReading]] = {}
    refused = set()
    for one in told:
        call = held.get(one.conversation_id)
        if call is None or call.contact_id != one.contact_id or valid.get(one.contact_id) != one.consent_id:
            refused.add(one.conversation_id)
        else:
            rows.setdefault(call.id, []).extend(_rows(one, now))
    rows = _without_those_there(rows)
    insert_rows([row for new in rows.values() for row in new])
    events = {call_id: _event(new, held[call_id]) for call_id, new in rows.items() if new}
    return Kept(rows, events, frozenset(refused))


def _event(rows: Sequence[ToneReading], call: Conversation) -> ToneRead:
    return ToneRead(
        conversation_id=call.id, contact_id=call.contact_id or "", team_id=call.team_id or "", windows=len(rows),
        abstained=sum(bool(row.reason) for row in rows),
    )  # fmt: skip


def _rows(told: Told, now: datetime) -> list[ToneReading]:
    rows = [_row(told, one.begin, one.end, now, heard=one) for one in told.heard]
    return rows + [_row(told, begins, ends, now) for begins, ends in told.missed]


def _without_those_there(rows: Mapping[str, Sequence[ToneReading]]) -> dict[str, list[ToneReading]]:
    """Return the rows of each call, of each model and second one, and none that is stored already."""
    begins = {row.begins for one in rows.values() for row in one}
    stored = ToneReading.objects.filter(conversation_id__in=rows, begins__in=begins)
    there = set(stored.values_list("conversation_id", "model", "begins")) if begins else set()
    new = {call: {(call, row.model, row.begins): row for row in one} for call, one in rows.items()}
    return {call: [row for key, row in one.items() if key not in there] for call, one in new.items()}


def _row(
    told: Told, begins: float, ends: float, now: datetime, *, heard: "Heard | None" = None
) -> ToneReading:  # fmt: skip
    reason = Reason.INTERRUPTED if heard is None else heard.reason
    return ToneReading(
        conversation_id=told.conversation_id, contact_id=told.contact_id, consent_id=told.consent_id,
        model=told.producer.name, model_version=told.producer.version, model_sha256=told.producer.sha256,
        begins=round(begins, 2), ends=round(ends, 2), reason="" if reason is None else str(reason), created_at=now,
        scales={name: round(value, _DIGITS) for name, value in heard.scales.items()} if heard else {},
        changes=list(heard.changes) if heard else [],
    )  # fmt: skip


Usual = tuple[float, float, float]
"""How a calm voice lies from that of most people (logits of arousal and stress), and seconds of speech that say so."""


def usual_voice(contact_id: str) -> tuple[Usual | None, str]:
    """Return how a contact's calm voice sounded in earlier calls, if they permit that this is remembered, and the name
    and version of the model that heard it; other weights know nothing of it."""
    consent = voice_consents([contact_id], purpose=Purpose.BASELINE).get(contact_id)
    kept = VoiceBaseline.objects.filter(contact_id=contact_id, consent_id=consent).first() if consent else None
    return ((kept.arousal, kept.stress, kept.seconds), kept.model) if kept else (None, "")


def remember_usual_voice(contact_id: str, usual: Usual, *, producer: Producer, now: datetime) -> None:
    """Keep how a contact's calm voice sounded, if they permit that; inside the caller's transaction."""
    hold_contacts([contact_id])
    consent = voice_consents([contact_id], purpose=Purpose.BASELINE).get(contact_id)
    if consent is None:
        return
    arousal, stress, seconds = usual
    heard = {"model": f"{producer.name} {producer.version}"[:60], "arousal": arousal, "stress": stress}
    VoiceBaseline.objects.update_or_create(
        contact_id=contact_id, defaults=heard | {"consent_id": consent, "seconds": seconds, "updated_at": now}
    )


def forget_usual_voice(contact_id: str) -> None:
    """Erase what is remembered of a contact's calm voice."""
    VoiceBaseline.objects.filter(contact_id=contact_id).delete()
