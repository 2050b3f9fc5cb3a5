"""From an event of Chatwoot to Inbound: who wrote it, whether it is theirs to be read, what is left aside and why."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from unspoken.connectors.base import Parsed, source_of
from unspoken.connectors.words.stripping import Parts, strip
from unspoken.conversations.models import Author, Inbox, Kind
from unspoken.intake.inbound import Handle, Inbound, Person
from unspoken.people.models import Channel, IdentityKind

from .payload import Event, moment, part, plain, text

_EVENTS = {"message_created", "message_updated"}
_PEOPLE = {"", "contact"}  # senders of incoming messages whose words are the customer's own
_MEMBERS = {"user"}


def parsed(said: Mapping[str, Any], inbox: Inbox, *, at: datetime) -> Parsed:
    """Return the message of an event, or in words why there is none."""
    event = Event(said)
    why = _why_ignored(event, inbox)
    if why:
        return Parsed(ignored=(why,))
    message = _survey(event, inbox, at) if event.survey_answer else _message(event, inbox, at)
    return Parsed((message,), updated=text(said, "event") == "message_updated")


def _why_ignored(event: Event, inbox: Inbox) -> str:
    name = text(event.said, "event")
    if name not in _EVENTS:
        return f"the event {name[:60] or 'without a name'}: only messages are taken"
    if not text(event.said, "id") or not event.conversation_id:
        return f"{name}: it has no message or conversation id"
    account, ours = text(part(event.said, "account"), "id"), str(inbox.settings.get("account_id", ""))
    if account and ours and account != ours:
        return f"{name}: it is of account {account}, and this inbox is set up for {ours}"
    if event.is_deleted:
        return f"message {text(event.said, 'id')}: it was deleted in Chatwoot"
    if event.survey_answer:
        return ""
    if event.message_type not in {"incoming", "outgoing", "template"}:
        return f"message {text(event.said, 'id')}: a system line ({event.message_type or 'of unknown type'})"
    has_content = text(event.said, "content") or event.attachments
    return "" if has_content else f"message {text(event.said, 'id')}: it is empty"


def _author(event: Event) -> Author:
    if event.message_type == "incoming":
        return Author.CUSTOMER if event.sender_type in _PEOPLE else Author.BOT
    if event.message_type == "outgoing" and event.sender_type in _MEMBERS:
        return Author.AGENT
    has_member = event.message_type == "outgoing" and not event.sender_type and part(event.said, "sender").get("email")
    return Author.AGENT if has_member else Author.BOT


def _message(event: Event, inbox: Inbox, at: datetime) -> Inbound:
    private = event.said.get("private") not in (False, None, "false")
    author, channel = _author(event), _channel(event)
    if private and author == Author.CUSTOMER:
        author = Author.BOT  # a private line is never the customer's, whatever its type says
    content = plain(text(event.said, "content"))
    parts = strip(content) if channel == Channel.EMAIL and author == Author.CUSTOMER else Parts(content)
    sender = part(event.said, "sender")
    return Inbound(
        **_place(event, inbox, at), external_id=text(event.said, "id"), channel=channel, author=author,
        kind=Kind.NOTE if private else Kind.EMAIL if channel == Channel.EMAIL else Kind.CHAT, text=parts.text,
        quoted=parts.quoted, signature=parts.signature, author_name=text(sender, "name")[:200],
        member_email=text(sender, "email") if author == Author.AGENT else "", private=private,
        automatic=_is_automatic(event), metadata=_metadata(event),
    )  # fmt: skip


def _survey(event: Event, inbox: Inbox, at: datetime) -> Inbound:
    answer = event.survey_answer
    rating = answer.get("rating")
    answered_at = moment(event.said.get("updated_at")) or at
    return Inbound(
        **_place(event, inbox, at) | {"occurred_at": answered_at}, external_id=f"survey:{text(event.said, 'id')}",
        channel=_channel(event), kind=Kind.SURVEY, author=Author.CUSTOMER, text=plain(text(answer, "feedback_message")),
        stars=rating if isinstance(rating, int) and not isinstance(rating, bool) and 0 <= rating <= 5 else None,
        author_name=text(event.contact, "name")[:200], metadata={"chatwoot": {"survey": True}},
    )  # fmt: skip


def _place(event: Event, inbox: Inbox, at: datetime) -> dict[str, Any]:
    """Return the fields that say where and when a message belongs."""
    subject = text(part(event.said, "conversation", "additional_attributes"), "mail_subject")
    return {
        "source": source_of(inbox), "inbox": inbox.name, "conversation_id": event.conversation_id,
        "occurred_at": moment(event.said.get("created_at")) or at, "person": _person(event.contact),
        "subject": subject[:300],
    }  # fmt: skip


def _person(contact: Mapping[str, Any]) -> Person | None:
    """Return the customer. Chatwoot's own id comes first: addresses are what a visitor typed."""
    known = (
        (IdentityKind.EXTERNAL, text(contact, "id")), (IdentityKind.EMAIL, text(contact, "email")),
        (IdentityKind.PHONE, text(contact, "phone_number")),
    )  # fmt: skip
    handles = tuple(Handle(kind=kind, value=value) for kind, value in known if value)
    return Person(handles=handles, name=text(contact, "name")[:200]) if handles else None


def _channel(event: Event) -> Channel:
    channel = text(part(event.said, "conversation"), "channel")
    return Channel.EMAIL if channel == "Channel::Email" else Channel.CHAT


def _is_automatic(event: Event) -> bool:
    email = part(event.said, "content_attributes", "email")
    return (
        email.get("auto_reply") is True or part(event.said, "content_attributes").get("automation_rule_id") is not None
    )


def _metadata(event: Event) -> dict[str, Any]:
    said = {
        "channel": text(part(event.said, "conversation"), "channel"), "type": event.message_type,
        "sender_type": event.sender_type, "inbox": text(part(event.said, "inbox"), "name"),
    }  # fmt: skip
    return {"chatwoot": {name: value for name, value in said.items() if value}} | (
        {"attachments": event.attachments} if event.attachments else {}
    )
