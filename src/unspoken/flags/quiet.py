"""Quiet hours, in local time: when nothing interrupts unless its rule is urgent."""

from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from unspoken.staff.models import QuietHours


def is_quiet(hours: QuietHours, *, now: datetime) -> bool:
    """Return whether `now` lies in the quiet hours of a team or member; from 22:00 until 07:00 spans midnight."""
    start, end = hours.quiet_from, hours.quiet_until
    if start is None or end is None or start == end:
        return False
    local = now.astimezone(_zone(hours.timezone)).time()
    return start <= local < end if start < end else local >= start or local < end


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")
