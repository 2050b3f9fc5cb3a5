"""What readings do when something else happened: a reply moves the conversation, a merge moves what is known."""

from unspoken.journal.models import Entry
from unspoken.journal.subscribers import subscribe
from unspoken.kit.clock import now
from unspoken.privacy.models import Decision, Modality, Purpose

from .actions.hearing import forget_usual_voice
from .actions.recompute import recompute_contact
from .actions.refollow import refollow


def on_reply(entry: Entry) -> None:
    """An answer of ours ends the waiting: follow its conversation anew."""
    refollow([entry.conversation_id], now=now())


def on_merge(entry: Entry) -> None:
    """Readings moved from one contact to another: compute anew what is known of both."""
    for contact_id in (entry.contact_id, entry.data["absorbed_id"]):
        recompute_contact(contact_id, now())


def on_consent(entry: Entry) -> None:
    """Who no longer permits that their usual voice is remembered is forgotten."""
    told = entry.data
    if (told["modality"], told["purpose"]) == (Modality.VOICE, Purpose.BASELINE) and told["decision"] != Decision.GIVEN:
        forget_usual_voice(entry.contact_id)


def register() -> None:
    """Subscribe to the journal."""
    subscribe("readings.reply", kinds=["reply.queued"], handle=on_reply)
    subscribe("readings.merge", kinds=["contact.merged", "contact.unmerged"], handle=on_merge)
    subscribe("readings.consent", kinds=["consent.recorded"], handle=on_consent)
