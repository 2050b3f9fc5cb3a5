"""What is kept of a person's calls beside what is said in them: recordings, as files."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from .deleting import delete_kept
from .kept import ends_at, kept_at
from .models import KeptRecording


@dataclass(frozen=True, slots=True)
class Exported:
    """A kept recording as its customer may have it: of which call, the file, its media type, and until when."""

    conversation_id: str
    file: Path
    form: str
    until: datetime


def recordings_of(contact_id: str) -> list[Exported]:
    """Return what recordings are kept of a contact's calls, to export them."""
    rows = KeptRecording.objects.filter(conversation__contact=contact_id).order_by("at", "id")
    return [Exported(kept.conversation_id, kept_at(kept.pk), kept.form, ends_at(kept)) for kept in rows]


def erase_recordings(contact_id: str, *, now: datetime) -> int:
    """Erase what recordings are kept of a contact's calls; return how many there were."""
    rows = KeptRecording.objects.filter(conversation__contact=contact_id).select_related("conversation")
    return delete_kept(rows, why="erased", now=now)
