"""What is recorded of files."""

from dataclasses import dataclass
from typing import ClassVar

from unspoken.journal.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class FileImported(Event):
    """A file of `holds` (messages, contacts) came in whole; `basis`: what it stated, if anything. Counts as told."""

    kind: ClassVar[str] = "file.imported"
    file: str
    holds: str
    basis: str
    counts: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileExported(Event):
    """So many contacts left as a file of this format (csv, vcf)."""

    kind: ClassVar[str] = "file.exported"
    format: str
    count: int
