"""What the cast decided: Mina consented to everything, Noor to text for service only, Otto withdrew."""

from unspoken.people.tests.cast import EARLIER, Contacts
from unspoken.privacy.actions import record_consent
from unspoken.privacy.models import Decision, Modality, Purpose


def consents(contacts: Contacts) -> None:
    """Record the decisions of the three."""
    for modality in Modality:
        for purpose in Purpose:
            record_consent(
                contacts.mina,
                modality=modality,
                purpose=purpose,
                decision=Decision.GIVEN,
                source="web form",
                now=EARLIER,
            )
    text = {"modality": Modality.TEXT, "purpose": Purpose.SERVICE, "source": "web form", "now": EARLIER}
    record_consent(contacts.noor, decision=Decision.GIVEN, **text)  # type: ignore[arg-type]
    record_consent(contacts.otto, decision=Decision.GIVEN, **text)  # type: ignore[arg-type]
    record_consent(contacts.otto, decision=Decision.WITHDRAWN, **text)  # type: ignore[arg-type]
