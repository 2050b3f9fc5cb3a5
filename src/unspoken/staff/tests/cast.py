"""The members of every test: Ada owns, Lea leads Care, Ben is in Care, Cleo in Press, Ana counts, Pia protects."""

from dataclasses import dataclass
from datetime import UTC, datetime

from unspoken.staff.actions import create_member, create_team
from unspoken.staff.models import Member, Role, Team

MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Members:
    """Everybody, and the two teams. Ben (Care) and Cleo (Press) see nothing of each other's."""

    ada: Member
    lea: Member
    ben: Member
    cleo: Member
    ana: Member
    pia: Member
    care: Team
    press: Team


def members() -> Members:
    """Make the cast; nobody has a password."""
    care, press = create_team("Care", now=MORNING), create_team("Press", now=MORNING)

    def member(name: str, role: Role, *teams: Team) -> Member:
        return create_member(f"{name.lower()}@example.org", name=name, role=role, teams=teams, now=MORNING)

    return Members(
        ada=member("Ada", Role.OWNER), lea=member("Lea", Role.LEAD, care), ben=member("Ben", Role.AGENT, care),
        cleo=member("Cleo", Role.AGENT, press), ana=member("Ana", Role.ANALYST), pia=member("Pia", Role.PRIVACY),
        care=care, press=press,
    )  # fmt: skip
