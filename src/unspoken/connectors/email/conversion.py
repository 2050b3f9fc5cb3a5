"""From a mail taken apart to Inbound."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from unspoken.connectors.words.stripping import Parts, strip
from unspoken.conversations.models import Author, Kind
from unspoken.intake.inbound import Handle, Inbound, Person
from unspoken.people.models import Channel, IdentityKind

from .automatic import is_report, why_automatic
from .mime import Address, Mail, parse
from .threads import key, thread_of

_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_LONGEST = 2_400_000  # characters of a mail's text that are kept: below 10 MB of UTF-8
_MOST_NAMED = 20  # recipients, references


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """Whose mails these are: `own` are our addresses, `members` those of colleagues (all lower case).

    `is_group`: our address is a group or mailing list, whose headers say nothing of the author.
    """

    source: str
    inbox: str = ""
    own: frozenset[str] = frozenset()
    members: frozenset[str] = frozenset()
    is_group: bool = False


def mail_of(raw: bytes) -> Mail:
    """Take a mail apart; one without an id gets a stable one made of its bytes."""
    mail = parse(raw)
    return mail if mail.message_id else replace(mail, message_id="sha256:" + hashlib.sha256(raw).hexdigest())


def inbound_of(mail: Mail, mailbox: Mailbox, *, known: Mapping[str, str], arrived_at: datetime) -> Inbound:
    """Return the message that a mail is. known: conversations by id of their mails (`threads.conversations_of`)."""
    automatic = why_automatic(mail, is_group=mailbox.is_group)
    author = _author(mail, mailbox)
    customer = _customer(mail, mailbox, author)
    parts = Parts("", quoted=mail.unreadable) if mail.unreadable else strip(mail.text[:_LONGEST])
    return Inbound(
        source=mailbox.source, external_id=key(mail.message_id), conversation_id=thread_of(mail, known),
        channel=Channel.EMAIL, kind=Kind.EMAIL, author=author, occurred_at=_occurred_at(mail, arrived_at),
        text=parts.text, quoted=parts.quoted, signature=parts.signature, person=customer,
        author_name=(mail.sender.name or mail.sender.email)[:200],
        member_email=mail.sender.email if author == Author.AGENT else "",
        automatic=bool(automatic), inbox=mailbox.inbox, subject=mail.subject[:300],
        metadata=_metadata(mail, automatic, was_cut=len(mail.text) > _LONGEST),
    )  # fmt: skip


def _author(mail: Mail, mailbox: Mailbox) -> Author:
    if is_report(mail):
        return Author.SYSTEM
    return Author.AGENT if mail.sender.email in mailbox.own | mailbox.members else Author.CUSTOMER


def _customer(mail: Mail, mailbox: Mailbox, author: Author) -> Person | None:
    """Return who the conversation is with: the sender, or the first outsider that one of us wrote to."""
    ours = mailbox.own | mailbox.members
    outsiders = [address for address in mail.recipients if address.email not in ours]
    candidates = {Author.CUSTOMER: [mail.sender], Author.AGENT: outsiders}.get(author, [])
    return next((_person(address) for address in candidates if address.email), None)


def _person(address: Address) -> Person:
    return Person(handles=(Handle(kind=IdentityKind.EMAIL, value=address.email),), name=address.name[:200])


def _occurred_at(mail: Mail, arrived_at: datetime) -> datetime:
    """Return when the mail was written: as its sender says, unless that cannot be."""
    sent = mail.sent_at
    return sent if sent and _EARLIEST < sent < arrived_at + timedelta(hours=1) else arrived_at


def _metadata(mail: Mail, automatic: str, *, was_cut: bool) -> dict[str, Any]:
    said = {
        "mail": {
            "message_id": mail.message_id[:990], "from": mail.sender.email, "reply_to": mail.reply_to,
            "to": [address.email for address in mail.recipients[:_MOST_NAMED]],
            "references": [*mail.references[:1], *mail.references[1:][-_MOST_NAMED:]],
        },
        "attachments": list(mail.attachments), "automatic": automatic, "cut": was_cut,
        "unreadable": bool(mail.unreadable),
    }  # fmt: skip
    return {name: value for name, value in said.items() if value}
