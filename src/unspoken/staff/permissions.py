"""What each role may do, in one table. Whose conversations a member may see is another question: `sight.py`."""

from enum import StrEnum, auto

from .models import Member, Role


class NotAllowed(PermissionError):  # noqa: N818 - read aloud in pages: not allowed
    """A member asked for something that their role or teams do not allow; nothing was changed."""


class Permission(StrEnum):
    """One thing that somebody may be allowed to do."""

    SEE_AGGREGATES = auto()  # statistics over many, without anybody's words
    SEE_MESSAGES = auto()
    SEE_CONTACTS = auto()
    SEE_CONSENTS = auto()
    SEE_AUDIT = auto()
    CHANGE_CONVERSATIONS = auto()  # assign, label, snooze, resolve, private notes
    REPLY = auto()
    CHANGE_CONTACTS = auto()
    MERGE_CONTACTS = auto()
    IMPORT = auto()
    EXPORT_CONTACTS = auto()
    DECIDE_FLAGS = auto()
    CORRECT_READINGS = auto()
    RECORD_CONSENTS = auto()
    ERASE_CONTACTS = auto()
    EDIT_RULES = auto()
    EDIT_CANNED_REPLIES = auto()
    EDIT_INBOXES = auto()
    MANAGE_MEMBERS = auto()
    MANAGE_TEAMS = auto()
    MANAGE_TOKENS = auto()  # of others; everybody manages their own
    MANAGE_WEBHOOKS = auto()


P = Permission
_SEES = {P.SEE_MESSAGES, P.SEE_CONTACTS, P.SEE_CONSENTS}
_AGENT = _SEES | {
    P.CHANGE_CONVERSATIONS, P.REPLY, P.CHANGE_CONTACTS, P.MERGE_CONTACTS, P.DECIDE_FLAGS, P.CORRECT_READINGS,
    P.RECORD_CONSENTS,
}  # fmt: skip
_LEAD = _AGENT | {P.SEE_AGGREGATES, P.EDIT_RULES, P.EDIT_CANNED_REPLIES, P.IMPORT}
_PRIVACY = _SEES | {
    P.SEE_AGGREGATES, P.SEE_AUDIT, P.CORRECT_READINGS, P.RECORD_CONSENTS, P.EXPORT_CONTACTS, P.ERASE_CONTACTS,
}  # fmt: skip
PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.OWNER: frozenset(Permission),
    Role.LEAD: frozenset(_LEAD),
    Role.AGENT: frozenset(_AGENT),
    Role.ANALYST: frozenset({P.SEE_AGGREGATES}),
    Role.PRIVACY: frozenset(_PRIVACY),
}


def may(member: Member, permission: Permission) -> bool:
    """Tell whether `member` is active and their role has `permission`."""
    return member.is_active and permission in PERMISSIONS[Role(member.role)]


def require(by: Member | None, permission: Permission) -> None:
    """Raise NotAllowed unless `by` has `permission`; None is the installation itself (command line, connectors)."""
    if by is not None and not may(by, permission):
        what = permission.value.replace("_", " ")
        role = by.get_role_display().lower()
        standing = f"in the role of {role}" if by.is_active else "while deactivated"
        raise NotAllowed(f"{by.name} may not {what} {standing}. Nothing was changed; an owner can.")
