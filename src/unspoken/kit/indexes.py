"""Taking away the index that Django gives every foreign key, where a longer index begins with the same column.

Altering the field would do it too, but SQLite then makes the table anew, and its triggers are lost without a word.
"""

from collections.abc import Sequence
from typing import Any

from django.db import migrations


class DropForeignKeyIndexes(migrations.RunPython):
    """A migration step that drops every plain index over just one of `columns` of `table`."""

    def __init__(self, table: str, columns: Sequence[str]) -> None:
        self.table, self.columns = table, tuple(columns)
        super().__init__(self._drop, migrations.RunPython.noop)

    def deconstruct(self) -> tuple[str, Sequence[Any], dict[str, Any]]:
        return self.__class__.__name__, [self.table, self.columns], {}

    def _drop(self, apps: Any, schema_editor: Any) -> None:
        connection = schema_editor.connection
        with connection.cursor() as cursor:
            found = connection.introspection.get_constraints(cursor, self.table)
        for name, about in found.items():
            plain = about["index"] and not about["unique"] and not about["primary_key"]
            if plain and len(about["columns"]) == 1 and about["columns"][0] in self.columns:
                schema_editor.execute(f"DROP INDEX {connection.ops.quote_name(name)}")
