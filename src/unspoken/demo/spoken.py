"""The demo's own calls, as they lie in `calls/`: a recording, what is said in it, by whom and when (see README.md)."""

import json
from functools import cache
from pathlib import Path
from typing import Any

CALLS = Path(__file__).parent / "calls"


@cache
def calls() -> dict[str, dict[str, Any]]:
    """Return the calls by key: written as those of the corpus, with `recording`, the side of the `customer`, and the
    seconds in which each message `begins` and `ends`."""
    lines = (CALLS / "calls.jsonl").read_text(encoding="utf-8").splitlines()
    return {call["key"]: call for call in map(json.loads, lines)}


def recording_of(call: dict[str, Any]) -> Path:
    """Return the file that a call was recorded in."""
    return CALLS / str(call["recording"])
