"""Pages by key instead of by offset: page 900 costs what page 1 costs, and nothing slips between two pages."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db.models import BooleanField, F, Func, Model, QuerySet, Value

from .outside_json import parsed

T = TypeVar("T")
M = TypeVar("M", bound=Model)


class BadCursor(ValueError):  # noqa: N818 - it says what is bad, as BadOption does
    """A cursor that no page of ours gave."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some items and the cursor of the next page, or None after the last."""

    items: list[T]
    next_cursor: str | None


def newest_first(rows: QuerySet[M], *, keys: Sequence[str], cursor: str | None, limit: int) -> Page[M]:
    """Return up to `limit` rows in descending order of `keys` (the last one unique), after `cursor`."""
    found = list(ordered(rows, keys=keys, after=decode(cursor, length=len(keys)))[: limit + 1])
    return page_of(found, keys=keys, limit=limit)


def ordered(rows: QuerySet[M], *, keys: Sequence[str], after: Sequence[Any] | None) -> QuerySet[M]:
    """Order `rows` by `keys`, descending, and leave out those that come before or at the key values `after`."""
    if after is not None:
        rows = rows.filter(_RowBefore(*(F(key) for key in keys), *(Value(value) for value in after)))
    return rows.order_by(*(f"-{key}" for key in keys))


def page_of(found: list[M], *, keys: Sequence[str], limit: int) -> Page[M]:
    """Make a page of one row more than `limit`, whose surplus tells that there is a next page."""
    items = found[:limit]
    more = len(found) > limit
    return Page(items, encode([getattr(items[-1], key) for key in keys]) if more else None)


class _RowBefore(Func):
    """(a, b) < (x, y) as one comparison of rows: both databases answer it by walking an index from that place on.

    Django's own TupleLessThan writes it out with ORs on SQLite, which then walks from the beginning.
    """

    output_field = BooleanField()
    arg_joiner = ", "

    def as_sql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        parts = [compiler.compile(expression) for expression in self.source_expressions]
        half = len(parts) // 2
        columns, values = (", ".join(sql for sql, _ in side) for side in (parts[:half], parts[half:]))
        return f"({columns}) < ({values})", [param for _, params in parts for param in params]


def encode(values: Sequence[Any]) -> str:
    """Return key values (text, numbers, moments) as one opaque, URL-safe word."""
    plain = [{"at": value.isoformat()} if isinstance(value, datetime) else value for value in values]
    return base64.urlsafe_b64encode(json.dumps(plain, separators=(",", ":")).encode()).decode().rstrip("=")


def decode(cursor: str | None, *, length: int) -> list[Any] | None:
    """Return the key values in `cursor`, None for no cursor; raises BadCursor for anything we did not make."""
    if not cursor:
        return None
    try:
        plain = parsed(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        values = [datetime.fromisoformat(value["at"]) if isinstance(value, dict) else value for value in plain]
    except (ValueError, KeyError, TypeError) as error:
        raise BadCursor("This cursor is not one of ours. Start again from the first page.") from error
    if len(values) != length:
        raise BadCursor("This cursor belongs to another list. Start again from the first page.")
    return values
