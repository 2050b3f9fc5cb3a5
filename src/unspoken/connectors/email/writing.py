"""Writing the mail that answers a customer, so that every mail program puts it into the same thread."""

from collections.abc import Mapping
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

from unspoken.connectors.base import SendError
from unspoken.conversations.models import Author, Inbox, Message
from unspoken.people.models import IdentityKind

_MOST_REFERENCES = 20


def message_id(message: Message, inbox: Inbox) -> str:
    """Return the id (without brackets) under which an answer goes out: always the same for the same answer."""
    return f"{message.pk}@{inbox.settings['address'].rpartition('@')[2]}"


def mail_of(message: Message, inbox: Inbox) -> EmailMessage:
    """Return the answer as a mail to the customer of its conversation; raises SendError when there is no address."""
    asked = _last_mail(message)
    said: Mapping[str, Any] = asked.metadata.get("mail", {}) if asked else {}
    to = said.get("reply_to") or said.get("from") or _known_address(message)
    _check(to, inbox)
    mail = EmailMessage(policy=SMTP.clone(max_line_length=900))
    name = inbox.settings.get("sender_name") or message.author_name
    mail["From"] = f'"{_quotable(name)}" <{inbox.settings["address"]}>' if name else inbox.settings["address"]
    mail["To"] = to
    mail["Subject"] = _subject(message.conversation.subject)
    mail["Date"] = format_datetime(message.occurred_at)
    mail["Message-ID"] = f"<{message_id(message, inbox)}>"
    if parent := said.get("message_id"):
        references = [one for one in said.get("references", ()) if one != parent]
        mail["In-Reply-To"] = f"<{parent}>"
        mail["References"] = " ".join(
            f"<{one}>" for one in [*references[:1], *references[1:][-_MOST_REFERENCES:], parent]
        )
    mail.set_content(message.text, cte="quoted-printable" if not message.text.isascii() else None)
    return mail


def _last_mail(message: Message) -> Message | None:
    """Return the customer's last mail in the conversation; rather one that a person wrote than an auto-reply."""
    mails = Message.objects.filter(
        conversation=message.conversation_id, author_kind=Author.CUSTOMER, private=False, metadata__has_key="mail"
    ).order_by("-occurred_at", "-id")
    return mails.exclude(metadata__has_key="automatic").first() or mails.first()


def _known_address(message: Message) -> str:
    contact = message.conversation.contact
    known = contact.identities.filter(kind=IdentityKind.EMAIL).order_by("created_at", "id") if contact else None
    return known.values_list("handle", flat=True).first() or "" if known is not None else ""


def _check(to: str, inbox: Inbox) -> None:
    if not to:
        raise SendError(
            "No e-mail address of this customer is known. Add one to the contact, then send again.", permanent=True
        )
    own = {inbox.settings["address"].lower(), *(alias.lower() for alias in inbox.settings.get("aliases") or ())}
    if to.lower() in own:
        raise SendError(f"The answer would go to {to}, which is this inbox itself. Nothing was sent.", permanent=True)
    if any(character in to for character in " \r\n\t,;<>\0"):
        raise SendError(f"{to!r} is no e-mail address that can be written to. Nothing was sent.", permanent=True)


def _subject(subject: str) -> str:
    subject = " ".join(subject.split())
    return subject if subject[:3].lower() in {"re:", "aw:"} else f"Re: {subject}".strip()


def _quotable(name: str) -> str:
    return " ".join(name.replace("\\", "").replace('"', "").split())
