"""What a customer changed elsewhere after they had sent it.

The first version stays, with what it was read as: flags and answers rest on it. A private note tells the new words.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from unspoken.conversations.models import Author, Kind, Message
from unspoken.intake.inbound import Inbound
from unspoken.intake.receipt import Receipt

_TOLD = "The customer changed a message in {where}. It stays here as it was read; now it says: {text}"


def notes_of_edits(messages: Sequence[Inbound], receipts: Sequence[Receipt], *, at: datetime) -> list[Inbound]:
    """Return a private note for each customer's message that was known already and now reads otherwise."""
    known = {
        receipt.message_id: message
        for message, receipt in zip(messages, receipts, strict=True)
        if receipt.status == "duplicate" and message.author == Author.CUSTOMER
    }
    texts = dict(Message.objects.filter(pk__in=list(known)).values_list("pk", "text"))
    return [_note(known[pk], at=at) for pk, text in texts.items() if known[pk].text != text]


def _note(message: Inbound, *, at: datetime) -> Inbound:
    """Return the note of one version; its name makes sure that it is there once, however often it is told."""
    version = hashlib.sha256(message.text.encode()).hexdigest()[:16]
    where = message.source.partition(":")[0].capitalize()
    return replace(
        message, external_id=f"{message.external_id}:edited:{version}", kind=Kind.NOTE, author=Author.SYSTEM,
        private=True, author_name="", occurred_at=at, text=_TOLD.format(where=where, text=message.text or "(nothing)"),
        stars=None, quoted="", signature="", metadata={"edit_of": message.external_id},
    )  # fmt: skip
