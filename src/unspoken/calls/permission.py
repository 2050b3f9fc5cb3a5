"""Whether a recording may be used: whose call it is at this moment, and what they permit for a purpose."""

from unspoken.conversations.models import Conversation
from unspoken.privacy.models import ConsentDecision, Decision, Modality, Purpose
from unspoken.readings.actions import voice_consents


def consent_of(contact_id: str | None, purpose: Purpose = Purpose.SERVICE) -> int | None:
    """Return the decision by which a contact permits that their voice is used for a purpose, or None."""
    return voice_consents([contact_id], purpose=purpose).get(contact_id) if contact_id else None


def whose_call(conversation_id: str) -> str | None:
    """Return whose call it is at this moment; a merge may have changed that."""
    return Conversation.objects.filter(pk=conversation_id).values_list("contact_id", flat=True).first()


def still_holds(consent_id: int, *, conversation_id: str, purpose: Purpose = Purpose.SERVICE) -> bool:
    """Tell whether whose call it is permits a purpose, and has never taken that back since a consent."""
    contact_id = whose_call(conversation_id)
    if consent_of(contact_id, purpose) is None:
        return False
    later = ConsentDecision.objects.filter(
        contact=contact_id, modality=Modality.VOICE, purpose=purpose, id__gt=consent_id
    )
    return not later.exclude(decision=Decision.GIVEN).exists()
