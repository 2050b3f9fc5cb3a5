"""What is recorded of contacts."""

from dataclasses import dataclass
from typing import ClassVar

from unspoken.journal.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactChanged(Event):
    """`what` changed: created, name, identities, tags, owner, attributes, preferences, note, order, return, visit."""

    kind: ClassVar[str] = "contact.changed"
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationChanged(Event):
    """`what` changed: created, name."""

    kind: ClassVar[str] = "organisation.changed"
    organisation_id: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactsMerged(Event):
    """Two contacts were found to be one person; `absorbed_id` went into `contact_id`."""

    kind: ClassVar[str] = "contact.merged"
    absorbed_id: str
    merge_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactsUnmerged(Event):
    """A merge was undone."""

    kind: ClassVar[str] = "contact.unmerged"
    absorbed_id: str
    merge_id: str
