"""The published description of the API changes only on purpose, and the API keeps to it under fire."""

import json
from pathlib import Path

import pytest
from django.test import Client

SNAPSHOT = Path(__file__).parent / "openapi.json"


def test_the_description_is_as_published() -> None:
    shown = Client().get("/api/v1/openapi.json").json()
    text = json.dumps(shown, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    if not SNAPSHOT.exists():  # delete the file to publish a changed description, and read the difference
        SNAPSHOT.write_text(text, encoding="utf-8")
        pytest.fail(f"{SNAPSHOT.name} was written anew; look at it and commit it")
    assert shown["openapi"].startswith("3.1")
    assert json.loads(SNAPSHOT.read_text(encoding="utf-8")) == shown


@pytest.mark.django_db
def test_health_and_metrics_answer() -> None:
    assert Client().get("/healthz").json() == {"status": "ok"}
    assert b"unspoken_intake_seconds" in Client().get("/metrics").content
