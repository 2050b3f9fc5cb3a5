"""Every change of a contact, one function per verb, each with its journal entry. Bulk finding is in `resolve`."""

from .contacts import add_note, create_contact, set_owner, tag, untag, update_contact
from .history import record_order, record_return, record_visit
from .identities import add_identity, remove_identity
from .merge import merge_contacts, unmerge
from .organisations import create_organisation, update_organisation

__all__ = [
    "add_identity",
    "add_note",
    "create_contact",
    "create_organisation",
    "merge_contacts",
    "record_order",
    "record_return",
    "record_visit",
    "remove_identity",
    "set_owner",
    "tag",
    "unmerge",
    "untag",
    "update_contact",
    "update_organisation",
]
