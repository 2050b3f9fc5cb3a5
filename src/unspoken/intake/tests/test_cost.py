"""What a batch costs must not grow with what is stored."""

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from unspoken.intake.pipeline import Pipeline
from unspoken.kit.rows import insert_rows, update_rows
from unspoken.people.models import Contact

from .fake import START, read, said

NOW = START.replace(hour=23)


@pytest.mark.skipif(
    settings.DATABASES["default"]["ENGINE"] != "django.db.backends.sqlite3", reason="SQLite says what it will do"
)
def test_no_statement_looks_through_a_whole_table(mina: Contact) -> None:
    pipeline = Pipeline(read)
    pipeline.receive([said("hello", 0)], now=NOW)
    with CaptureQueriesContext(connection) as captured:
        pipeline.receive(
            [said("this is terrible", n, minutes=n, conversation_id=f"c{n % 3}") for n in range(9)], now=NOW
        )
    scans = []
    for statement in [query["sql"] for query in captured.captured_queries if query["sql"].startswith("SELECT")]:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}")
            plan = [row[3] for row in cursor.fetchall()]
        bounded = statement.endswith("LIMIT 1") or "flags_rule" in statement  # the newest entry; a handful of rules
        asked_for = ("SCAN json_each", "SCAN qualify", "SCAN (subquery")  # keys, and the rows found by them
        tables = [step for step in plan if step.startswith("SCAN") and not step.startswith(asked_for)]
        scans += [statement for _ in tables if not bounded]
    assert scans == []


def test_rows_are_inserted_replaced_and_changed_each_to_its_own_values(db: None) -> None:
    people = [Contact(name=f"Person {n}", attributes={"n": n, "ü": "🧺"}, created_at=NOW) for n in range(5)]
    insert_rows(people)
    for number, person in enumerate(people):
        person.name, person.attributes = f"Someone {number}", {"n": -number}
    update_rows(people[:3], ["name", "attributes"])
    insert_rows(people[3:], or_update=["id"])
    kept = Contact.objects.filter(id__in=[person.id for person in people]).order_by("id")
    assert [person.name for person in kept] == [f"Someone {number}" for number in range(5)]
    assert [person.attributes for person in kept] == [{"n": -number} for number in range(5)]
    assert all(person.created_at == NOW for person in kept)
