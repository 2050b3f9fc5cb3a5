"""Teams, and who is in them."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from unspoken.journal.actions import record
from unspoken.kit.validation import check_row

from ..events import MemberChanged, TeamChanged
from ..models import Member, Team
from ..permissions import Permission, require


@transaction.atomic
def create_team(name: str, *, now: datetime, by: Member | None = None) -> Team:
    """Make a team; raises ValidationError when the name is blank or taken."""
    require(by, Permission.MANAGE_TEAMS)
    name = name.strip()
    if not name:
        raise ValidationError("A team needs a name. No team was made.", code="blank")
    check_row(Team(name=name))
    if Team.objects.filter(name=name).exists():
        raise ValidationError(f"There is a team {name} already. No team was made.", code="taken")
    team = Team.objects.create(name=name)
    record(TeamChanged(team_id=team.pk, what="created", actor=by.pk if by else ""), now=now)
    return team


@transaction.atomic
def join_team(member: Member, *, team: Team, now: datetime, by: Member | None = None) -> None:
    """Put `member` into `team`, whose conversations they then see."""
    require(by, Permission.MANAGE_TEAMS)
    if not member.teams.filter(pk=team.pk).exists():
        member.teams.add(team)
        _record(member, team, "joined", by=by, now=now)


@transaction.atomic
def leave_team(member: Member, *, team: Team, now: datetime, by: Member | None = None) -> None:
    """Take `member` out of `team`, whose conversations they then no longer see."""
    require(by, Permission.MANAGE_TEAMS)
    if member.teams.filter(pk=team.pk).exists():
        member.teams.remove(team)
        _record(member, team, "left", by=by, now=now)


def _record(member: Member, team: Team, what: str, *, by: Member | None, now: datetime) -> None:
    record(MemberChanged(member_id=member.pk, team_id=team.pk, what=what, actor=by.pk if by else ""), now=now)
