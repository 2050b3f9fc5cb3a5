"""Computing anew what is known of a contact, from the readings themselves."""

from datetime import datetime

from django.db import transaction

from unspoken.affect.baseline import Baseline
from unspoken.affect.state import AREAS, Observation, State
from unspoken.privacy.queries import hold_contacts
from unspoken.readings.models import ContactBaseline, ContactState, StoredReading
from unspoken.readings.stored import effective

from .move import observation_of, write_contact_baselines, write_states


@transaction.atomic
def recompute_contact(contact_id: str, now: datetime) -> None:
    """Compute a contact's states and baseline anew from every reading and correction of theirs."""
    hold_contacts([contact_id])
    newest: dict[str, StoredReading] = {}
    rows = StoredReading.objects.filter(contact_id=contact_id).select_related("correction", "conversation")
    for row in rows.order_by("created_at", "id").defer("labels", "spans", "embedding"):
        newest[row.message_id] = row
    observations: list[Observation] = []
    baseline = Baseline()
    for row in sorted(newest.values(), key=lambda row: (row.occurred_at, row.id)):
        correction = getattr(row, "correction", None)
        observations.append(observation_of(row, row.conversation.channel, correction.cx if correction else None))
        baseline = baseline.add_reading(effective(row))
    states = {area: State.of(area, observations) for area in AREAS}
    ContactState.objects.filter(contact_id=contact_id).delete()
    ContactBaseline.objects.filter(contact_id=contact_id).delete()
    write_states({(contact_id, area): state for area, state in states.items() if state.count}, now)
    if baseline.count:
        write_contact_baselines({contact_id: baseline})
