"""Every change of members, teams and tokens, one function per verb, each with its journal entry."""

from .members import (
    create_member,
    deactivate,
    reactivate,
    rename_member,
    set_password,
    set_role,
)
from .quiet import set_quiet_hours
from .teams import create_team, join_team, leave_team
from .tokens import issue_token, revoke_token

__all__ = [
    "create_member",
    "create_team",
    "deactivate",
    "issue_token",
    "join_team",
    "leave_team",
    "reactivate",
    "rename_member",
    "revoke_token",
    "set_password",
    "set_quiet_hours",
    "set_role",
]
