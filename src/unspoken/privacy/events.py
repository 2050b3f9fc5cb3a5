"""What is recorded of consents."""

from dataclasses import dataclass
from typing import ClassVar

from unspoken.journal.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRecorded(Event):
    """A contact gave, refused or withdrew a permission."""

    kind: ClassVar[str] = "consent.recorded"
    modality: str
    purpose: str
    decision: str
