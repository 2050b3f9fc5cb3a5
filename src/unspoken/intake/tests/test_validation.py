import json
from dataclasses import replace
from datetime import timedelta

import pytest

from unspoken.intake.validation import check, cleaned

from .fake import START, said

NOW = START + timedelta(hours=1)
DEEP = json.loads("[" * 70 + "]" * 70)


@pytest.mark.parametrize("text", ["hello", "", "🧺 שלום 你好", "x" * 1_000_000])
def test_takes_ordinary_text(text: str) -> None:
    assert check(said(text, 1), now=NOW) == []


@pytest.mark.parametrize(
    "changes, field, words",
    [
        ({"external_id": " "}, "external_id", "must not be empty."),
        ({"source": ""}, "source", "must not be empty."),
        ({"conversation_id": ""}, "conversation_id", "must not be empty."),
        ({"external_id": "x" * 255}, "external_id", "has 255 characters; 254 are allowed."),
        ({"text": "a\x00b"}, "text", "contains a NUL character; remove it."),
        ({"text": "ok \ud83d"}, "text", "contains half of a surrogate pair at character 3; send whole characters."),
        ({"text": "é" * (5 * 1024 * 1024 + 1)}, "text", "is larger than 10 MB with what it quotes"),
        ({"occurred_at": NOW + timedelta(days=2)}, "occurred_at", "lies in the future (2026-03-04T10:00:00+00:00)"),
        ({"occurred_at": START.replace(tzinfo=None)}, "occurred_at", "has no time zone; write it like 2026-11-23T"),
        ({"occurred_at": START.replace(year=1970)}, "occurred_at", "lies before 1990 (1970-03-02T09:00:00+00:00)"),
        ({"stars": 11}, "stars", "is 11; give 0 to 10, or leave it out."),
        ({"metadata": {"a": "\x00"}}, "metadata", "contains a NUL character; remove it."),
        ({"metadata": {"a": float("nan")}}, "metadata", "is not plain JSON: Out of range float values"),
        ({"metadata": {"a": DEEP}}, "metadata", "is nested more than 64 levels deep; write it flatter."),
        ({"channel": "fax"}, "channel", "is none of chat, email, call, review, survey, mention."),
    ],
)
def test_names_the_field_and_what_is_wrong(changes: dict[str, object], field: str, words: str) -> None:
    [problem] = check(replace(said("hello", 1), **changes), now=NOW)
    assert problem.field == field
    assert problem.message.startswith(words)


def test_cleans_what_no_database_stores() -> None:
    assert cleaned("a\x00b\ud83dc 🧺") == "a\ufffdb\ufffdc 🧺"
