"""Times in words, for the page before its script has run; `local-time.js` says the same in the reader's own zone."""

from datetime import datetime


def relative(moment: datetime, now: datetime) -> str:
    """Return `moment` as seen from `now`: 'just now', '3 min ago', 'in 2 h', '4 Sep'."""
    seconds = (now - moment).total_seconds()
    size = abs(seconds)
    if size < 45:
        return "just now" if seconds >= 0 else "in a moment"
    if size < 5400:
        return _said(max(1, round(size / 60)), "min", seconds)
    if size < 86400:
        return _said(round(size / 3600), "h", seconds)
    if size < 7 * 86400:
        days = round(size / 86400)
        return _said(days, "day" if days == 1 else "days", seconds)
    return f"{moment:%-d %b}" if size < 300 * 86400 else f"{moment:%-d %b %Y}"


def _said(number: int, unit: str, seconds: float) -> str:
    return f"{number} {unit} ago" if seconds >= 0 else f"in {number} {unit}"
