"""Dates and times as files write them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime

_NUMERIC = re.compile(
    r"(\d{1,4})([./-])(\d{1,2})\2(\d{2,4})"
    r"(?:[T ,]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?\s?([AaPp]\.?[Mm]\.?)?)?\s?(Z|UTC|GMT|[+-]\d{2}:?\d{2})?"
)
_EPOCH = re.compile(r"\d{9,10}(?:\.\d{1,9})?|\d{13}|\d{16}")


@dataclass(frozen=True, slots=True)
class Dates:
    """How a file writes dates: whether 3/4 is the third of April, and the zone of times that name none."""

    zone: tzinfo
    day_first: bool = True

    def read(self, value: str) -> datetime:
        """Return the moment that `value` names; raises ValueError for anything else.

        Takes ISO 8601, seconds (or milli-, microseconds) since 1970, numbers between . / or -, and mail dates.
        """
        value = value.strip()
        if _EPOCH.fullmatch(value):
            whole = value.partition(".")[0]
            return datetime.fromtimestamp(float(value) / 10 ** max(0, len(whole) - 10), tz=UTC)
        try:
            return self._in_zone(datetime.fromisoformat(value))
        except ValueError:
            pass
        if match := _NUMERIC.fullmatch(value):
            return self._in_zone(self._from_numbers(match))
        if not any(letter.isalpha() for letter in value):
            raise ValueError(value)
        try:
            return self._in_zone(parsedate_to_datetime(value))
        except (TypeError, IndexError, OverflowError) as error:
            raise ValueError(value) from error

    def _in_zone(self, moment: datetime) -> datetime:
        try:
            return (moment if moment.tzinfo else moment.replace(tzinfo=self.zone)).astimezone(UTC)
        except OverflowError as error:
            raise ValueError(str(moment)) from error

    def _from_numbers(self, match: re.Match[str]) -> datetime:
        first, middle, last = int(match[1]), int(match[3]), int(match[4])
        if len(match[1]) == 4:
            year, month, day = first, middle, last
        else:
            day, month = (first, middle) if self.day_first else (middle, first)
            year = last if len(match[4]) == 4 else 2000 + last
        hour = int(match[5] or 0)
        if match[8]:
            if not 1 <= hour <= 12:
                raise ValueError(match[0])
            hour = hour % 12 + 12 * (match[8][0] in "Pp")
        return datetime(year, month, day, hour, int(match[6] or 0), int(match[7] or 0), tzinfo=_offset(match[9]))


def _offset(written: str | None) -> tzinfo | None:
    if not written:
        return None
    if written[0] not in "+-":
        return UTC
    minutes = int(written[1:3]) * 60 + int(written[-2:])
    return timezone(timedelta(minutes=-minutes if written[0] == "-" else minutes))


def day_comes_first(samples: Iterable[str]) -> bool | None:
    """Tell whether dates such as 3/4/2026 begin with the day, by those that can only be one; None: not to be told."""
    for value in samples:
        match = _NUMERIC.fullmatch(value.strip())
        if match and len(match[1]) < 4:
            first, second = int(match[1]), int(match[3])
            if first > 12 or match[2] == ".":
                return True
            if second > 12:
                return False
    return None


def writes_numbers(samples: Iterable[str]) -> bool:
    """Tell whether any sample is a date whose order of day and month could be taken either way."""
    return any((match := _NUMERIC.fullmatch(value.strip())) and len(match[1]) < 4 for value in samples)
