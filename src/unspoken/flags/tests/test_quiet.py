"""Quiet hours are local, and may span midnight."""

from datetime import UTC, datetime, time

import pytest

from unspoken.flags.quiet import is_quiet
from unspoken.staff.models import Team


@pytest.mark.parametrize(
    ("hours", "zone", "quiet"),
    [
        ((time(22), time(7)), "UTC", [False, True, True, False]),
        ((time(22), time(7)), "Europe/Berlin", [True, True, False, False]),
        ((time(9), time(17)), "UTC", [False, False, False, True]),
        ((time(9), time(9)), "UTC", [False, False, False, False]),
        ((None, time(7)), "UTC", [False, False, False, False]),
        ((time(22), None), "UTC", [False, False, False, False]),
        ((time(22), time(7)), "Nowhere/Atlantis", [False, True, True, False]),
    ],
)
def test_is_quiet_in_local_time(hours: tuple[time | None, time | None], zone: str, quiet: list[bool]) -> None:
    team = Team(timezone=zone, quiet_from=hours[0], quiet_until=hours[1])
    moments = [(21, 0), (22, 0), (6, 59), (9, 0)]
    assert [is_quiet(team, now=datetime(2026, 3, 2, *moment, tzinfo=UTC)) for moment in moments] == quiet
