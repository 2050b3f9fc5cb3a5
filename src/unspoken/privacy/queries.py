"""What a contact permits at this moment."""

from collections.abc import Collection, Iterable

from django.db import connection

from unspoken.kit.prepared import Given, Prepared
from unspoken.people.models import Contact

from .models import ConsentDecision, Decision


def permissions(contact_ids: Collection[str], *, modality: str, purpose: str) -> dict[str, int | None]:
    """Return for each contact the id of the decision that permits `modality` for `purpose`, or None.

    The newest decision holds, and only `given` permits. The id is the epoch: a withdrawal ends it for good, even when
    permission is given again later.
    """
    permitted: dict[str, int | None] = dict.fromkeys(contact_ids)
    for contact_id, decision_id, decision in _DECISIONS(contacts=permitted, modality=modality, purpose=purpose):
        permitted[contact_id] = decision_id if decision == Decision.GIVEN else None
    return permitted


_DECISIONS = Prepared(
    lambda: (
        ConsentDecision.objects.filter(
            contact_id__among=Given("contacts"), modality=Given("modality"), purpose=Given("purpose")
        )
        .order_by("id")
        .values_list("contact_id", "id", "decision")
    )
)


def hold_contacts(contact_ids: Iterable[str]) -> dict[str, str]:
    """Keep withdrawals and merges of these contacts waiting until the present transaction ends.

    Returns by id which contact has absorbed one of them in the meantime: a merge may have come just before.
    PostgreSQL locks their rows (in order of id, against deadlocks); SQLite's IMMEDIATE transactions wait anyway.
    """
    held = set(contact_ids)
    if not held or not connection.features.has_select_for_update:
        return {}
    return {contact_id: absorbing for contact_id, absorbing in _HELD(contacts=held) if absorbing}


_HELD = Prepared(
    lambda: (
        Contact.objects.select_for_update(no_key=True)
        .filter(id__among=Given("contacts"))
        .order_by("id")
        .values_list("id", "merged_into_id")
    )
)


def current_consents(contact_id: str) -> list[ConsentDecision]:
    """Return the newest decision per modality and purpose of a contact, ordered by both."""
    return newest_of(ConsentDecision.objects.filter(contact_id=contact_id).order_by("-id"))


def newest_of(decisions: Iterable[ConsentDecision]) -> list[ConsentDecision]:
    """Return the newest per modality and purpose, ordered by both, of `decisions` given newest first."""
    newest: dict[tuple[str, str], ConsentDecision] = {}
    for decision in decisions:
        newest.setdefault((decision.modality, decision.purpose), decision)
    return [newest[key] for key in sorted(newest)]


def consent_history(contact_id: str) -> list[ConsentDecision]:
    """Return every decision of a contact, newest first, with the member who recorded it."""
    return list(ConsentDecision.objects.filter(contact_id=contact_id).select_related("recorded_by").order_by("-id"))
