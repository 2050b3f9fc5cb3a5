"""Reading the journal: what came after, and whether the chain holds."""

from .actions import digest
from .models import Entry


def entries_after(last_id: int, *, limit: int = 500) -> list[Entry]:
    """Return up to `limit` entries with an id over `last_id`, oldest first."""
    return list(Entry.objects.filter(id__gt=last_id).order_by("id")[:limit])


def last_entry_id() -> int:
    """Return the id of the newest entry, or 0."""
    return Entry.objects.order_by("-id").values_list("id", flat=True).first() or 0


def first_broken_entry() -> int | None:
    """Return the id of the first entry that does not fit its chain, or None when the whole chain verifies."""
    earlier = Entry(sha256="")
    for entry in Entry.objects.order_by("id").iterator(chunk_size=1000):
        if entry.previous != earlier.sha256 or entry.sha256 != digest(entry):
            return entry.id
        earlier = entry
    return None


def newest_entries(*, before: int | None = None, kind: str = "", limit: int = 50) -> list[Entry]:
    """Return up to `limit` entries, newest first, with an id below `before`; kind: one, or a family ending in `.`."""
    entries = Entry.objects.order_by("-id")
    if before is not None:
        entries = entries.filter(id__lt=before)
    if kind:
        entries = entries.filter(kind__startswith=kind) if kind.endswith(".") else entries.filter(kind=kind)
    return list(entries[:limit])
