"""What a contact permits at this moment."""

from collections.abc import Collection, Iterable

from django.db import connection

from unspoken.people.models import Contact

from .models import ConsentDecision, Decision


def permissions(contact_ids: Collection[str], *, modality: str, purpose: str) -> dict[str, int | None]:
    """Return for each contact the id of the decision that permits `modality` for `purpose`, or None.

    The newest decision holds, and only `given` permits. The id is the epoch: a withdrawal ends it for good, even when
    permission is given again later.
    """
    permitted: dict[str, int | None] = dict.fromkeys(contact_ids)
    decisions = (
        ConsentDecision.objects.filter(contact_id__in=permitted, modality=modality, purpose=purpose)
        .order_by("id")
        .values_list("contact_id", "id", "decision")
    )
    for contact_id, decision_id, decision in decisions:
        permitted[contact_id] = decision_id if decision == Decision.GIVEN else None
    return permitted


def hold_contacts(contact_ids: Iterable[str]) -> None:
    """Keep withdrawals of these contacts waiting until the present transaction ends.

    PostgreSQL locks their rows (in order of id, against deadlocks); SQLite's IMMEDIATE transactions wait anyway.
    """
    held = set(contact_ids)
    if held and connection.features.has_select_for_update:
        rows = Contact.objects.select_for_update(no_key=True).filter(id__in=held).order_by("id")
        list(rows.values_list("id", flat=True))


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
