"""Answers. The member who presses send approves the words; under that one approval they go out exactly once."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from unspoken.journal.actions import record
from unspoken.kit.ids import new_id
from unspoken.kit.validation import check_row, check_text
from unspoken.people.models import Channel
from unspoken.staff.models import Member
from unspoken.staff.permissions import Permission

from ..events import ReplyQueued, ReplySent
from ..models import Author, Conversation, Kind, Message, ReadingState, Sending, Status
from .changing import hold, save
from .notes import SOURCE
from .unanswered import unanswered_since

_KINDS = {
    Channel.EMAIL: Kind.EMAIL, Channel.REVIEW: Kind.REVIEW, Channel.SURVEY: Kind.SURVEY, Channel.MENTION: Kind.MENTION,
}  # fmt: skip
_LONGEST_TOKEN = 100


@transaction.atomic
def reply(conversation: Conversation, *, text: str, by: Member, now: datetime, token: str = "") -> Message:
    """Approve `text` as the answer and queue it for sending; the conversation then waits for the customer.

    `token` is the form's own name of this approval: the same one again returns the message that it already made.
    Raises ValidationError for an empty text, or for a token that was used for other words.
    """
    text = text.strip()
    if not text:
        raise ValidationError("The reply is empty, so nothing was sent.", code="empty")
    if len(token) > _LONGEST_TOKEN:
        raise ValidationError(f"The token is longer than {_LONGEST_TOKEN} characters; nothing was sent.", code="token")
    check_text(token, field="token")
    hold(conversation, by=by, permission=Permission.REPLY)
    name = f"reply:{conversation.pk}:{token or new_id('once')}"
    earlier = Message.objects.filter(source=SOURCE, external_id=name).first()
    if earlier is not None:
        return _same_approval(earlier, text, by)
    message = Message(
        conversation=conversation, source=SOURCE, external_id=name, author_kind=Author.AGENT, author_name=by.name,
        member=by, kind=_KINDS.get(Channel(conversation.channel), Kind.CHAT), text=text, occurred_at=now,
        received_at=now, reading_state=ReadingState.SKIPPED, sending=Sending.QUEUED,
    )  # fmt: skip
    check_row(message)
    message.save(force_insert=True)
    conversation.message_count += 1
    conversation.last_message_at = max(conversation.last_message_at, now)
    _wait_for_customer(conversation, message, by, now)
    return message


@transaction.atomic
def send_again(message: Message, *, by: Member, now: datetime) -> None:
    """Approve an answer that could not be sent once more; raises ValidationError unless it failed."""
    hold(message.conversation, by=by, permission=Permission.REPLY)
    again = Message.objects.filter(pk=message.pk, sending=Sending.FAILED)
    if not again.update(sending=Sending.QUEUED, sending_error=""):
        raise ValidationError("Only an answer that could not be sent can be sent again.", code="not_failed")
    message.refresh_from_db(fields=["sending", "sending_error"])
    _wait_for_customer(message.conversation, message, by, now)


@transaction.atomic
def mark_sent(message: Message, *, now: datetime) -> bool:
    """Note that a queued answer left; return False, changing nothing, when it was not queued any more."""
    if not Message.objects.filter(pk=message.pk, sending=Sending.QUEUED).update(sending=Sending.SENT):
        return False
    message.sending = Sending.SENT
    _record_outcome(message, "", now)
    return True


@transaction.atomic
def mark_failed(message: Message, *, error: str, now: datetime) -> bool:
    """Note that a queued answer could not leave, and open its conversation again; return False when it was not queued.

    `error` is shown to members: what happened and what they can do.
    """
    hold(message.conversation, by=None, permission=Permission.REPLY)
    queued = Message.objects.filter(pk=message.pk, sending=Sending.QUEUED)
    if not queued.update(sending=Sending.FAILED, sending_error=error):
        return False
    message.sending, message.sending_error = Sending.FAILED, error
    conversation = message.conversation
    conversation.waiting_since = unanswered_since(conversation)
    conversation.status = Status.OPEN
    conversation.snoozed_until = conversation.resolved_at = None
    fields = ["waiting_since", "status", "snoozed_until", "resolved_at"]
    save(conversation, "status", fields=fields, by=None, now=now)
    _record_outcome(message, error, now)
    return True


def _same_approval(earlier: Message, text: str, by: Member) -> Message:
    if earlier.text != text or earlier.member_id != by.pk:
        raise ValidationError(
            "This reply was sent already, with other words; they are kept and nothing was sent again. "
            "Reload the page to write another one.",
            code="token",
        )
    return earlier


def _wait_for_customer(conversation: Conversation, message: Message, by: Member, now: datetime) -> None:
    conversation.status = Status.WAITING
    conversation.waiting_since = conversation.snoozed_until = conversation.resolved_at = None
    fields = ["status", "waiting_since", "snoozed_until", "resolved_at", "last_message_at", "message_count"]
    save(conversation, "status", fields=fields, by=by, now=now)
    record(ReplyQueued(message_id=message.pk, actor=by.pk, **_route(conversation)), now=now)


def _record_outcome(message: Message, error: str, now: datetime) -> None:
    record(ReplySent(message_id=message.pk, error=error, **_route(message.conversation)), now=now)


def _route(conversation: Conversation) -> dict[str, str]:
    return {
        "conversation_id": conversation.pk, "contact_id": conversation.contact_id or "",
        "team_id": conversation.team_id or "",
    }  # fmt: skip
