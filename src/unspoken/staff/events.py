"""What is recorded of members, teams and tokens."""

from dataclasses import dataclass
from typing import ClassVar

from unspoken.journal.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberChanged(Event):
    """`what` changed: created, name, role, password, deactivated, reactivated, quiet_hours, joined, left."""

    kind: ClassVar[str] = "member.changed"
    member_id: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamChanged(Event):
    """`what` changed: created, quiet_hours."""

    kind: ClassVar[str] = "team.changed"
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenIssued(Event):
    """A key for a program was made."""

    kind: ClassVar[str] = "token.issued"
    token_id: str
    member_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRevoked(Event):
    """A key stopped working for good."""

    kind: ClassVar[str] = "token.revoked"
    token_id: str
    member_id: str
