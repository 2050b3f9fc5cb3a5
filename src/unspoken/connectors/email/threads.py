"""Which conversation a mail belongs to, by the ids that mails carry."""

import hashlib
import re
from collections.abc import Iterable, Mapping

from unspoken.conversations.models import Message

from .mime import Mail

_LONGEST = 250
_OURS = re.compile(r"(msg_[0-9a-z]{26})@")


def key(message_id: str) -> str:
    """Return a message id as it is stored: itself, or its hash when it is too long."""
    if len(message_id) <= _LONGEST:
        return message_id
    return "sha256:" + hashlib.sha256(message_id.encode("utf-8", "replace")).hexdigest()


def our_id(message_id: str) -> str:
    """Return the id of the answer that was sent under a mail's id by us, or ''."""
    ours = _OURS.match(message_id)
    return ours[1] if ours else ""


def ancestors(mail: Mail) -> tuple[str, ...]:
    """Return the ids of the mails that this one answers or reports on, the nearest first."""
    reported = (mail.reported_id,) if mail.reported_id else ()
    return tuple(dict.fromkeys((*reported, *mail.in_reply_to, *reversed(mail.references))))


def root(mail: Mail) -> str:
    """Return what names the conversation when none of its mails is known: the id of the mail that began it."""
    first = (*mail.references[:1], *mail.in_reply_to[:1], mail.message_id)
    return key(first[0])


def conversations_of(message_ids: Iterable[str], *, source: str) -> Mapping[str, str]:
    """Return by id the conversation (its name in `source`) of each mail that came from or went through `source`."""
    asked = set(message_ids)
    if not asked:
        return {}
    stored = Message.objects.filter(source=source, external_id__in={key(one) for one in asked})
    found = dict(stored.values_list("external_id", "conversation__external_id"))
    ours = {our_id(one) for one in asked} - {""}
    sent = Message.objects.filter(pk__in=ours, conversation__source=source) if ours else Message.objects.none()
    found |= dict(sent.values_list("pk", "conversation__external_id"))
    return {one: thread for one in asked if (thread := found.get(our_id(one)) or found.get(key(one)))}


def thread_of(mail: Mail, known: Mapping[str, str]) -> str:
    """Return the conversation's name: that of the nearest known ancestor, else of the mail that began it."""
    return next((known[one] for one in ancestors(mail) if one in known), "") or root(mail)
