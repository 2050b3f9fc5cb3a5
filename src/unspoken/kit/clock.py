"""The one place that reads the time. Doors call `now()` once and pass it in; nothing further inside reads a clock."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(tz=UTC)
