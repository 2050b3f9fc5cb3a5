"""What is shown of the recordings of a call: the kept one, what became of the last, and whether one may be brought."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from unspoken.calls.kept import ends_at, kept_of, on_day
from unspoken.calls.models import UNFINISHED
from unspoken.calls.waiting import afterwards, in_words, obstacle
from unspoken.conversations.models import Conversation
from unspoken.readings.words import speech_is_on
from unspoken.staff.models import Member
from unspoken.staff.permissions import Permission, may


@dataclass(frozen=True, slots=True)
class Brought:
    """words: what became of the newest recording, or ''; obstacle: why none can be brought just now, or '';
    afterwards: what becomes of one that is brought; is_written_down: whether what customers say is written down here,
    where they permit it."""

    words: str
    is_under_way: bool
    obstacle: str
    afterwards: str
    is_written_down: bool


def brought(conversation: Conversation, *, now: datetime) -> Brought:
    """Return what is shown of the recordings of a call, in at most seven queries."""
    newest = conversation.recordings.order_by("-at", "-id").first()
    if newest is not None:
        newest.conversation = conversation
    why_not = obstacle(conversation)
    return Brought(
        words=in_words(newest, now=now) if newest else "",
        is_under_way=newest is not None and newest.state in UNFINISHED, obstacle=why_not,
        afterwards="" if why_not else afterwards(conversation), is_written_down=speech_is_on(),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Replay:
    """A kept recording to listen to: where it is, until which day, by whose consent."""

    id: str
    address: str
    until: str
    whose: str
    may_delete: bool


def replay_of(conversation: Conversation, member: Member, *, now: datetime) -> Replay | None:
    """Return the recording of a call that may be listened to at this moment, or None."""
    kept = kept_of(conversation, now=now)
    if kept is None:
        return None
    name = conversation.contact.name if conversation.contact else ""
    return Replay(
        id=kept.pk, address=reverse("recording-sound", args=[conversation.pk, kept.pk]), until=on_day(ends_at(kept)),
        whose=f"{name}'s" if name else "their", may_delete=may(member, Permission.RECORD_CONSENTS),
    )  # fmt: skip
