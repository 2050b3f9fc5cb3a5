"""Recording what a contact decided. Decisions are added, never changed."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from unspoken.journal.actions import record_all
from unspoken.kit.validation import check_row
from unspoken.people.models import Contact
from unspoken.staff.models import Member
from unspoken.staff.permissions import Permission, require

from .events import ConsentRecorded
from .models import ConsentDecision
from .queries import hold_contacts


def record_consent(
    contact: Contact,
    *,
    modality: str,
    purpose: str,
    decision: str,
    source: str,
    now: datetime,
    basis: str = "",
    notice: str = "",
    decided_at: datetime | None = None,
    by: Member | None = None,
) -> ConsentDecision:
    """Record one decision of a contact; it holds from the commit on, also against readings being made just then.

    Raises NotAllowed.
    """
    return record_consents(
        [contact.id], modality=modality, purpose=purpose, decision=decision, source=source, now=now, basis=basis,
        notice=notice, decided_at=decided_at, by=by,
    )[0]  # fmt: skip


@transaction.atomic
def record_consents(
    contact_ids: Sequence[str],
    *,
    modality: str,
    purpose: str,
    decision: str,
    source: str,
    now: datetime,
    basis: str = "",
    notice: str = "",
    decided_at: datetime | None = None,
    by: Member | None = None,
) -> list[ConsentDecision]:
    """Record the same decision of many contacts (an import that states its basis), in the order given.

    Raises NotAllowed.
    """
    require(by, Permission.RECORD_CONSENTS)
    hold_contacts(contact_ids)
    decisions = [
        ConsentDecision(
            contact_id=contact_id, modality=modality, purpose=purpose, decision=decision, notice=notice, source=source,
            basis=basis, decided_at=decided_at or now, recorded_at=now, recorded_by=by,
        )
        for contact_id in contact_ids
    ]  # fmt: skip
    for one in decisions:
        check_row(one)
    ConsentDecision.objects.bulk_create(decisions)
    record_all(
        [
            ConsentRecorded(
                contact_id=one.contact_id, modality=modality, purpose=purpose, decision=decision,
                actor=by.id if by else "",
            )
            for one in decisions
        ],
        now=now,
    )  # fmt: skip
    return decisions
