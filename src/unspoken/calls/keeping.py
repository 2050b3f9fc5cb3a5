"""Keeping the recording of a call after it was listened to, and who listened to what is kept."""

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path

from django.db import transaction

from unspoken.conversations.models import Conversation
from unspoken.journal.actions import record
from unspoken.privacy.models import Purpose
from unspoken.privacy.queries import hold_contacts
from unspoken.readings.ear import Undecodable, replayable
from unspoken.staff.models import Member

from .arriving import Arriving, Refused
from .deleting import forget
from .events import RecordingHeard, RecordingKept, changed, routing
from .kept import kept_at, retention, will_be_kept
from .models import Form, KeptRecording, Recording
from .permission import consent_of, still_holds

NOT_KEPT = "It could not be kept; the server's log says why."

logger = logging.getLogger(__name__)


class _Keeping(Arriving):
    """The file of a recording that is about to be kept."""

    prefix = "kept"

    def at(self, recording_id: str) -> Path:
        return kept_at(recording_id)


def keep_recording(recording: Recording, file: Path, *, now: datetime, go_on: Callable[[], None]) -> str:
    """Keep a recording that was listened to, where that is switched on and permitted; return why it failed, or ''.

    It is written anew, both sides in one. go_on: is called for every ten seconds of sound, and may raise.
    """
    if not will_be_kept(recording.conversation):
        return ""

    def pieces() -> Iterator[bytes]:
        for piece in replayable(file):
            go_on()
            yield piece

    try:
        keep_sound(recording.conversation, pieces(), form=Form.MP3, now=now, recording=recording)
    except (Undecodable, Refused, OSError) as error:
        logger.warning("%s was listened to but could not be kept: %s", recording.pk, error)
        return NOT_KEPT
    return ""


def keep_sound(
    conversation: Conversation, pieces: Iterable[bytes], *, form: Form, now: datetime,
    recording: Recording | None = None,
) -> KeptRecording | None:  # fmt: skip
    """Keep the sound of a call instead of what was kept of it before; None where that is not permitted.

    Raises Refused and OSError where it cannot be written; what was kept before then stays.
    """
    begun_under = consent_of(conversation.contact_id, Purpose.RECORDING) if retention() else None
    if begun_under is None:
        return None
    with _Keeping() as file:
        for piece in pieces:
            file.write(piece)
        file.finish()
        with transaction.atomic():
            held = _hold(conversation)
            if held is None or not still_holds(begun_under, conversation_id=held.pk, purpose=Purpose.RECORDING):
                return None
            before = KeptRecording.objects.filter(conversation=held).first()
            if before:
                forget(before, why="replaced", now=now)
            kept = KeptRecording.objects.create(
                id=file.id, conversation=held, recording=recording, form=form, size=file.size,
                consent_id=begun_under, at=now, until=now + retention(),
            )  # fmt: skip
            record(RecordingKept(recording_id=kept.pk, until=kept.until.isoformat(), **routing(held)), now=now)
            record(changed(held), now=now)
        file.keep()
    if before:
        kept_at(before.pk).unlink(missing_ok=True)
    return kept


def _hold(conversation: Conversation) -> Conversation | None:
    """Keep withdrawals and merges waiting; return the call as it is, or None where it is gone or another's now."""
    held = Conversation.objects.select_for_update(no_key=True).filter(pk=conversation.pk).first()
    if held is None or held.contact_id is None or held.contact_id != conversation.contact_id:
        return None
    hold_contacts([held.contact_id])
    return held


def note_heard(kept: KeptRecording, *, by: Member, now: datetime) -> None:
    """Write down that a member listens to a recording."""
    with transaction.atomic():
        record(RecordingHeard(recording_id=kept.pk, **routing(kept.conversation, by=by)), now=now)
