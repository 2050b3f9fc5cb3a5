"""What a person may do to a call under way."""

from datetime import datetime

from django.core.exceptions import ValidationError

from unspoken.conversations.models import Conversation
from unspoken.privacy.actions import record_consent
from unspoken.privacy.models import ConsentDecision, Decision, Modality, Purpose
from unspoken.staff.models import Member
from unspoken.staff.permissions import Permission, require


def stop_reading_the_voice(conversation: Conversation, *, now: datetime, by: Member | None = None) -> ConsentDecision:
    """Record that the customer no longer permits that their voice is read, as they said on the call.

    Listening stops within a fraction of a second, wherever the call is listened to. Raises NotAllowed, and
    ValidationError where it is not known who calls.
    """
    require(by, Permission.CHANGE_CONVERSATIONS)
    contact = conversation.contact
    if contact is None:
        raise ValidationError("It is not known who calls, so nothing of their voice is read. Nothing was changed.")
    return record_consent(
        contact, modality=Modality.VOICE, purpose=Purpose.SERVICE, decision=Decision.WITHDRAWN,
        source="said on the call", now=now, by=by,
    )  # fmt: skip
