"""The basis of an import: consents are recorded for contacts who have not decided; decisions on record stay."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from unspoken.privacy.actions import record_consents
from unspoken.privacy.models import ConsentDecision, Decision, Modality, Purpose
from unspoken.privacy.queries import hold_contacts
from unspoken.staff.models import Member

from .pieces import UnusableFile


@dataclass(frozen=True, slots=True)
class Basis:
    """What an import states: in which words, what was permitted, and where that is recorded to come from."""

    words: str
    permitted: Sequence[tuple[Modality, Purpose]]
    source: str

    @property
    def reads_text(self) -> bool:
        """Tell whether messages may be read for service on this basis."""
        return (Modality.TEXT, Purpose.SERVICE) in self.permitted


def basis_of(words: str, consent: str, *, file: str) -> Basis | None:
    """Return the basis that `--basis` and `--consent` state, None when neither does; raises UnusableFile."""
    words, consent = words.strip(), consent.strip()
    if not words and not consent:
        return None
    if not words or not consent:
        missing = "--consent text:service (what was permitted)" if words else "--basis “…” (the ground in words)"
        raise UnusableFile(f"A basis and a consent belong together: {missing} is missing. Nothing was imported.")
    return Basis(words, tuple(_pair(one) for one in consent.split(",")), f"import {file}"[:120])


def _pair(written: str) -> tuple[Modality, Purpose]:
    modality, _, purpose = (part.strip().lower() for part in written.partition(":"))
    try:
        return Modality(modality), Purpose(purpose)
    except ValueError:
        raise UnusableFile(
            f"--consent {written}: write modality:purpose, with {', '.join(Modality.values)} "
            f"and {', '.join(Purpose.values)}. Nothing was imported."
        ) from None


def undecided(contact_ids: Collection[str], *, modality: str, purpose: str) -> set[str]:
    """Return the contacts to whom a basis may apply.

    Those without any decision on this modality and purpose, who never refused or withdrew the modality for any purpose.
    """
    decided = ConsentDecision.objects.filter(contact_id__in=contact_ids, modality=modality)
    stays = {
        contact_id
        for contact_id, for_purpose, decision in decided.values_list("contact_id", "purpose", "decision")
        if for_purpose == purpose or decision != Decision.GIVEN
    }
    return set(contact_ids) - stays


@transaction.atomic
def state_basis(basis: Basis, contact_ids: Collection[str], *, now: datetime, by: Member | None = None) -> int:
    """Record what `basis` states for those contacts who have not decided; return how many decisions that made."""
    made = 0
    hold_contacts(contact_ids)  # so that nobody refuses between the question and the record
    for modality, purpose in basis.permitted:
        open_to = undecided(contact_ids, modality=modality, purpose=purpose)
        if open_to:
            record_consents(
                sorted(open_to), modality=modality, purpose=purpose, decision=Decision.GIVEN, source=basis.source,
                basis=basis.words, now=now, by=by,
            )  # fmt: skip
        made += len(open_to)
    return made
