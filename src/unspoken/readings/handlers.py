"""What readings do when something else happened: a reply moves the conversation, a merge moves what is known."""

from unspoken.journal.models import Entry
from unspoken.journal.subscribers import subscribe
from unspoken.kit.clock import now

from .actions.recompute import recompute_contact
from .actions.refollow import refollow


def on_reply(entry: Entry) -> None:
    """An answer of ours ends the waiting: follow its conversation anew."""
    refollow([entry.conversation_id], now=now())


def on_merge(entry: Entry) -> None:
    """Readings moved from one contact to another: compute anew what is known of both."""
    for contact_id in (entry.contact_id, entry.data["absorbed_id"]):
        recompute_contact(contact_id, now())


def register() -> None:
    """Subscribe to the journal."""
    subscribe("readings.reply", kinds=["reply.queued"], handle=on_reply)
    subscribe("readings.merge", kinds=["contact.merged", "contact.unmerged"], handle=on_merge)
