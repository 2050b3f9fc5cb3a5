"""Whatever fits or does not fit the published description: never a 500, and every answer as described."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.db import connection
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error

from unspoken.intake import batcher
from unspoken.kit.clock import now
from unspoken.staff.actions import issue_token
from unspoken.staff.models import Scope
from unspoken.staff.tests.cast import members


@schemathesis.serializer("application/x-ndjson")
def as_lines(ctx: Any, value: Any) -> bytes:
    return str(value).encode("utf-8", "replace")


@pytest.fixture
def described(transactional_db: None) -> Iterator[Any]:
    from unspoken.config.asgi import application

    secret = issue_token(members().ada, name="fuzz", scopes=list(Scope), now=now())[1]
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", application)
    schema.config.update(headers={"Authorization": f"Bearer {secret}"})
    yield schema
    batcher.close()
    connection.close()


@pytest.mark.slow
def test_never_fails_with_a_server_error(described: Any) -> None:
    operations = [result.ok() for result in described.get_all_operations()]
    assert len(operations) > 30
    for operation in operations:
        _attack(operation)


def _attack(operation: Any) -> None:
    @given(case=operation.as_strategy())
    @settings(max_examples=12, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    def attack(case: Any) -> None:
        case.call_and_validate(checks=[not_a_server_error])

    attack()
