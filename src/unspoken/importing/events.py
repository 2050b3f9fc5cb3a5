"""What is recorded of files."""

from dataclasses import dataclass
from typing import ClassVar

from unspoken.journal.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactsExported(Event):
    """So many contacts left as a file of this format (csv, vcf)."""

    kind: ClassVar[str] = "contacts.exported"
    count: int
    format: str
