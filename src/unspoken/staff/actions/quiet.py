"""When alerts may interrupt a member or a team, and how many."""

from datetime import datetime, time
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.db import transaction

from unspoken.journal.actions import record

from ..events import MemberChanged, TeamChanged
from ..models import Member, Role, Team
from ..permissions import NotAllowed, Permission, may


@transaction.atomic
def set_quiet_hours(
    whose: Member | Team,
    *,
    timezone: str,
    quiet_from: time | None,
    quiet_until: time | None,
    alerts_per_hour: int | None,
    now: datetime,
    by: Member | None = None,
) -> None:
    """Set local quiet hours (both ends or neither; may span midnight) and the alerts an hour (0…, None: no limit).

    A member sets their own, a lead their team's, an owner anybody's. Raises ValidationError, NotAllowed.
    """
    _require_reach(by, whose)
    if timezone not in available_timezones():
        raise ValidationError(f"There is no time zone {timezone!r}. Write one such as Europe/London.", code="timezone")
    if (quiet_from is None) != (quiet_until is None):
        raise ValidationError("Quiet hours need both a beginning and an end. Nothing was changed.", code="half")
    if alerts_per_hour is not None and alerts_per_hour < 0:
        raise ValidationError("The number of alerts an hour cannot be below 0. Nothing was changed.", code="negative")
    whose.timezone, whose.quiet_from, whose.quiet_until = timezone, quiet_from, quiet_until
    whose.alerts_per_hour = alerts_per_hour
    whose.save(update_fields=["timezone", "quiet_from", "quiet_until", "alerts_per_hour"])
    actor = by.pk if by else ""
    if isinstance(whose, Team):
        record(TeamChanged(team_id=whose.pk, what="quiet_hours", actor=actor), now=now)
    else:
        record(MemberChanged(member_id=whose.pk, what="quiet_hours", actor=actor), now=now)


def _require_reach(by: Member | None, whose: Member | Team) -> None:
    if by is None or may(by, Permission.MANAGE_TEAMS):
        return
    if isinstance(whose, Team):
        own = by.is_active and by.role == Role.LEAD and by.teams.filter(pk=whose.pk).exists()
    else:
        own = by.is_active and by.pk == whose.pk
    if not own:
        raise NotAllowed(f"{by.name} may not set the quiet hours of {whose}. Nothing was changed; an owner can.")
