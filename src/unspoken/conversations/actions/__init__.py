"""Every change of a conversation, one function per verb, each with its journal entry. Bulk intake is in `receive`."""

from .canned import delete_canned_reply, save_canned_reply
from .handling import assign, move_to_team, set_labels, set_status
from .inboxes import create_inbox, update_inbox
from .notes import add_private_note
from .replying import mark_failed, mark_sent, reply, send_again
from .waking import wake_snoozed

__all__ = [
    "add_private_note",
    "assign",
    "create_inbox",
    "delete_canned_reply",
    "mark_failed",
    "mark_sent",
    "move_to_team",
    "reply",
    "save_canned_reply",
    "send_again",
    "set_labels",
    "set_status",
    "update_inbox",
    "wake_snoozed",
]
