"""Kept recordings are deleted: when their time is over, when the permission ends, when somebody wants it.

The row goes first and the file once that is certain; what a crash leaves between the two is swept.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction

from unspoken.conversations.models import Conversation
from unspoken.journal.actions import record
from unspoken.journal.models import Entry
from unspoken.kit.clock import now as clock
from unspoken.privacy.models import Decision, Modality, Purpose
from unspoken.staff.models import Member
from unspoken.staff.permissions import Permission, require

from .arriving import age
from .events import RecordingDeleted, changed, routing
from .kept import ends_at, is_permitted, kept_at
from .models import KeptRecording

STRAY = timedelta(minutes=2)  # after which a file that no row knows of is deleted


def delete_recording(conversation: Conversation, *, now: datetime, by: Member | None = None) -> int:
    """Delete the kept recording of a call because somebody wants it; return how many there were. Raises NotAllowed."""
    require(by, Permission.RECORD_CONSENTS)
    return delete_kept(KeptRecording.objects.filter(conversation=conversation), why="wanted", now=now, by=by)


def delete_kept(rows: Iterable[KeptRecording], *, why: str, now: datetime, by: Member | None = None) -> int:
    """Delete kept recordings and their files; return how many there were."""
    count = 0
    for kept in list(rows):
        with transaction.atomic():
            count += forget(kept, why=why, now=now, by=by)
        kept_at(kept.pk).unlink(missing_ok=True)
    return count


def forget(kept: KeptRecording, *, why: str, now: datetime, by: Member | None = None) -> bool:
    """Delete the row of a kept recording, inside the caller's transaction; tell whether it was there."""
    if not KeptRecording.objects.filter(pk=kept.pk).delete()[0]:
        return False
    record(RecordingDeleted(recording_id=kept.pk, what=why, **routing(kept.conversation, by=by)), now=now)
    record(changed(kept.conversation, by=by), now=now)
    return True


def delete_unpermitted(now: datetime, *, contacts: Iterable[str]) -> int:
    """Delete what these contacts do not permit to keep any more; return how many."""
    rows = KeptRecording.objects.filter(conversation__contact__in=list(contacts)).select_related("conversation")
    return delete_kept((kept for kept in rows if not is_permitted(kept)), why="permission", now=now)


def on_consent(entry: Entry) -> None:
    """The permission was taken back: delete at once what was kept under it."""
    told = entry.data
    kept_for = (told["modality"], told["purpose"]) == (Modality.VOICE, Purpose.RECORDING)
    if kept_for and told["decision"] != Decision.GIVEN:
        delete_unpermitted(clock(), contacts=[entry.contact_id])


def on_merge(entry: Entry) -> None:
    """Calls went from one contact to another: delete what those do not permit who have them now."""
    delete_unpermitted(clock(), contacts=[entry.contact_id, entry.data["absorbed_id"]])


def sweep(now: datetime) -> int:
    """Delete what may be kept no longer, rows without a file, and files that no row knows of; return how many."""
    wrong: dict[str, list[KeptRecording]] = {"retention": [], "permission": [], "missing": []}
    for kept in KeptRecording.objects.select_related("conversation").iterator():
        if why := _why_not(kept, now):
            wrong[why].append(kept)
    return sum(delete_kept(rows, why=why, now=now) for why, rows in wrong.items()) + _sweep_files(now)


def _why_not(kept: KeptRecording, now: datetime) -> str:
    if now >= ends_at(kept):
        return "retention"
    if not is_permitted(kept):
        return "permission"
    return "" if kept_at(kept.pk).is_file() else "missing"


def _sweep_files(now: datetime) -> int:
    files = {path.name: path for path in kept_at("").iterdir()}
    known = set(KeptRecording.objects.values_list("pk", flat=True))
    stray = [path for name, path in files.items() if name not in known and age(path, now) > STRAY]
    for path in stray:
        path.unlink(missing_ok=True)
    return len(stray)
