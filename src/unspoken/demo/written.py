"""What was written for the demo, as it lies in `corpus/` (one JSON object a line; see DATASHEET.md there)."""

import json
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Any

CORPUS = resources.files("unspoken.demo") / "corpus"
CONVERSATIONS = ("chats-", "emails-", "calls", "reviews", "surveys", "mentions")


def lines_of(name: str) -> list[dict[str, Any]]:
    """Return the objects of one file of the corpus."""
    text = (CORPUS / name).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines() if line.strip()]


@cache
def contacts() -> dict[str, dict[str, Any]]:
    """Return the contacts by key."""
    return {contact["key"]: contact for contact in lines_of("contacts.jsonl")}


def conversations() -> Iterator[dict[str, Any]]:
    """Yield every written conversation except the live one."""
    for file in sorted(CORPUS.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".jsonl") and file.name.startswith(CONVERSATIONS):
            yield from lines_of(file.name)
