"""The rule of sight: whose conversations a member may see.

Owner and privacy officer see all; lead and agent see what belongs to their teams or to no team; an analyst sees
nobody's words, only aggregates. Written once, as a condition on whatever path leads to the team.
"""

from django.db.models import Q

from .models import Member, Team
from .permissions import Permission, may

EVERYTHING = Q()
NOTHING = Q(pk__in=[])


def in_sight(member: Member, *, team: str = "team") -> Q:
    """Return the condition for rows that `member` may see; `team` is the path from the row to its team."""
    if not may(member, Permission.SEE_MESSAGES):
        return NOTHING
    if member.sees_all_teams:
        return EVERYTHING
    return Q(**{f"{team}__isnull": True}) | Q(**{f"{team}__in": member.teams.values("id")})


def teams_in_sight(member: Member) -> list[str | None]:
    """Return the same rule as a list: ids of the teams whose rows `member` may see, and None for rows of no team."""
    if not may(member, Permission.SEE_MESSAGES):
        return []
    teams = Team.objects.all() if member.sees_all_teams else member.teams.all()
    return [None, *teams.values_list("pk", flat=True)]
