"""Recordings that are kept, and whether one may be listened to at this moment.

Kept only where the operator keeps any, and only of those who permit it for itself: consent `voice` for `recording`. It
is looked up anew whenever a recording is kept (`keeping.py`), shown or played; what it no longer permits is deleted
(`deleting.py`).
"""

from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.timezone import localtime

from unspoken.conversations.models import Conversation
from unspoken.kit.clock import now as clock
from unspoken.kit.ranges import send_file
from unspoken.privacy.models import Purpose

from .arriving import place
from .models import KeptRecording
from .permission import consent_of, still_holds


def kept_at(kept_id: str) -> Path:
    """Return where the file of a kept recording lies; the folder is made where it is missing."""
    return place(kept_id, folder="recordings-kept")


def retention() -> timedelta:
    """Return how long recordings are kept here; nothing: none is."""
    return timedelta(days=settings.UNSPOKEN.keep_recordings_days)


def will_be_kept(conversation: Conversation) -> bool:
    """Tell whether the recording of a call would be kept, as things stand."""
    return bool(retention()) and consent_of(conversation.contact_id, Purpose.RECORDING) is not None


def ends_at(kept: KeptRecording) -> datetime:
    """Return when a recording is kept no longer: as was told, or sooner where the operator keeps them for less now."""
    return min(kept.until, kept.at + retention())


def kept_of(conversation: Conversation, *, now: datetime) -> KeptRecording | None:
    """Return the recording of a call that is kept and may be listened to at this moment, or None."""
    kept = KeptRecording.objects.filter(conversation=conversation).first()
    return kept if kept is not None and may_be_heard(kept, now=now) else None


def may_be_heard(kept: KeptRecording, *, now: datetime) -> bool:
    """Tell whether a recording may be listened to at this moment: its time is not over, and it is permitted."""
    return now < ends_at(kept) and is_permitted(kept)


def is_permitted(kept: KeptRecording) -> bool:
    """Tell whether whose call it is permits that it is kept, and never took that back since."""
    return still_holds(kept.consent_id, conversation_id=kept.conversation_id, purpose=Purpose.RECORDING)


def replay(request: HttpRequest, kept: KeptRecording) -> HttpResponseBase:
    """Return the sound that is kept, or the part that is asked for, for as long as that is permitted; raises
    FileNotFoundError."""
    return send_file(
        request, kept_at(kept.pk), content_type=kept.form, name=f"{kept.conversation_id}{kept.suffix}",
        may_go_on=lambda: may_be_heard(kept, now=clock()),
    )  # fmt: skip


def on_day(moment: datetime) -> str:
    """Return a day as it is written here: 3 December 2026."""
    return f"{localtime(moment):%-d %B %Y}"
