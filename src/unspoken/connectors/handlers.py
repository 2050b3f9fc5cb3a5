"""Sends approved answers, each once, through the connector of the inbox that the customer wrote to."""

import logging
from datetime import datetime, timedelta

from django.db import transaction

from unspoken.conversations.actions import mark_failed, mark_sent
from unspoken.conversations.models import Inbox, Message, Sending
from unspoken.journal.models import Entry
from unspoken.kit.clock import now

from .base import Connector, SendError
from .models import Dispatch, Outcome
from .registry import UnknownConnectorError, connector_named

GIVE_UP = timedelta(hours=24)
"""For how long an answer is tried again; after that a person decides."""

logger = logging.getLogger(__name__)


def send_reply(entry: Entry) -> None:
    """Send the answer that `entry` approved, unless it was dealt with; raises SendError for another try later."""
    messages = Message.objects.select_related("conversation__inbox")
    message = messages.filter(pk=entry.data["message_id"], sending=Sending.QUEUED).first()
    if message is None:
        return
    inbox = message.conversation.inbox
    if not inbox.connector:  # an integrator's inbox: whoever fetches answers by API or webhook has it already
        mark_sent(message, now=now())
        return
    try:
        _send(entry, message, inbox)
    except Exception as unexpected:
        error = _as_send_error(unexpected)
        if not error.uncertain:
            Dispatch.objects.filter(approval_id=entry.pk).update(outcome=Outcome.FAILED)
        if not error.permanent and now() - entry.at < GIVE_UP:
            raise
        logger.warning("The answer %s was not sent: %s", message.pk, error)
        mark_failed(message, error=str(error), now=now())


def _as_send_error(error: Exception) -> SendError:
    """Return what went wrong; of what was not foreseen, nobody knows whether the answer left before it."""
    if isinstance(error, SendError):
        return error
    logger.error("An answer met something unforeseen.", exc_info=error)
    return SendError(f"Something went wrong here ({type(error).__name__}); the server's log says what.", uncertain=True)


def _send(entry: Entry, message: Message, inbox: Inbox) -> None:
    connector = _connector_of(inbox)
    dispatch, is_new = Dispatch.objects.get_or_create(
        approval_id=entry.pk, defaults={"message": message, "started_at": now()}
    )
    in_doubt = not is_new and dispatch.outcome == Outcome.STARTED
    remote_id = connector.was_sent(message, inbox) if in_doubt else ""
    Dispatch.objects.filter(pk=dispatch.pk).update(outcome=Outcome.STARTED)
    _succeed(dispatch, message, remote_id or connector.send(message, inbox), now())


def _connector_of(inbox: Inbox) -> Connector:
    if not inbox.is_active:
        raise SendError(f"The inbox {inbox} is switched off. Switch it on, then send again.", permanent=True)
    if not inbox.settings:
        raise SendError(f"The inbox {inbox} is not set up yet. Set up its connector, then send again.", permanent=True)
    try:
        return connector_named(inbox.connector)
    except UnknownConnectorError as error:
        raise SendError(f"{error} Install it, or give {inbox} another one, then send again.", permanent=True) from error


@transaction.atomic
def _succeed(dispatch: Dispatch, message: Message, remote_id: str, at: datetime) -> None:
    dispatch.outcome, dispatch.remote_id = Outcome.SENT, remote_id
    dispatch.save(update_fields=["outcome", "remote_id"])
    mark_sent(message, now=at)
