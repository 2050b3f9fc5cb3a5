"""Queries on the way of a message, whose SQL is made once instead of every time.

Django makes the SQL of a query anew each time it is asked, which costs several times what SQLite takes to answer it.

    _OF_SOURCE = Prepared(
        lambda: Message.objects.filter(source=Given("source"), id__among=Given("ids")).values_list("id", "text")
    )
    rows = _OF_SOURCE(source="shop-chat", ids={"msg_1", "msg_2"})
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import CharField, DateTimeField, Expression, ForeignKey, JSONField, Lookup, QuerySet, TextField
from django.db.models.query import ModelIterable
from pydantic_core import from_json


class Given(Expression):
    """A place in a prepared query for what each call gives: a text, a moment or, after `among`, several texts."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        return "%s", (self,)


@CharField.register_lookup
@TextField.register_lookup
@ForeignKey.register_lookup
class Among(Lookup):
    """`column__among=Given(name)`: one of several texts, in SQL that does not change with their number."""

    lookup_name = "among"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, left = self.process_lhs(compiler, connection)
        keys, right = self.process_rhs(compiler, connection)
        values = (*left, *right)
        if connection.vendor == "postgresql":
            return f"{column} = ANY({keys})", values
        return f"{column} IN (SELECT value FROM json_each({keys}))", values  # noqa: S608  names and places only


class Prepared:
    """A query with `Given` places; call it with their values by name. Returns tuples or models, as the query does.

    query: what makes it; called once per kind of database, when first needed.
    """

    def __init__(self, query: Callable[[], "QuerySet[Any, Any]"]) -> None:
        self._query = query
        self._made = cache(self._make)

    def __call__(self, **given: Any) -> list[Any]:
        """Return the rows of the query for the values `given`."""
        statement, places, finish = self._made(connection.vendor)
        values = [_plain(given[place.name]) if isinstance(place, Given) else place for place in places]
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            rows = cursor.fetchall()
        return [finish(row) for row in rows]

    def _make(self, vendor: str) -> tuple[str, tuple[Any, ...], Callable[[tuple[Any, ...]], Any]]:
        query = self._query()
        compiler = query.query.get_compiler(connection=connection)
        statement, places = compiler.as_sql()
        columns = [column[0] for column in compiler.select]
        converters = [
            (place, _converter(column, steps)) for place, (steps, column) in compiler.get_converters(columns).items()
        ]

        def converted(row: tuple[Any, ...]) -> tuple[Any, ...]:
            if not converters:
                return row
            values = list(row)
            for place, convert in converters:
                if values[place] is not None:
                    values[place] = convert(values[place])
            return tuple(values)

        if not issubclass(query._iterable_class, ModelIterable):
            return statement, tuple(places), converted
        names = [column.target.attname for column in columns]
        return statement, tuple(places), lambda row: query.model.from_db(connection.alias, names, converted(row))


def _converter(column: Any, steps: Any) -> Callable[[Any], Any]:
    """Return what makes the database's value ours; the two common kinds several times as fast as Django does."""
    if isinstance(column.output_field, JSONField):
        return from_json
    if isinstance(column.output_field, DateTimeField) and connection.vendor == "sqlite":
        return lambda moment: moment.replace(tzinfo=UTC)  # parsed by the driver already

    def convert(value: Any) -> Any:
        for step in steps:
            value = step(value, column, connection)
        return value

    return convert


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return list(value) if connection.vendor == "postgresql" else json.dumps(list(value))
