"""JSON from outside: whatever is wrong with it is a ValueError that says so, also that it is nested too deeply.

Python's own parser meets a thousand open brackets with a RecursionError; what reads its value later gives up sooner.
"""

import json
from collections.abc import Mapping
from typing import Any

DEEPEST = 64
"""Levels of lists and objects within each other that are taken; nobody writes more."""

TOO_DEEP = f"is nested more than {DEEPEST} levels deep"


def parsed(written: str | bytes) -> Any:
    """Return the value that `written` holds; raises ValueError for no JSON and for what is nested too deeply."""
    try:
        value = json.loads(written)
    except RecursionError as error:
        raise ValueError(f"it {TOO_DEEP}") from error
    if is_too_deep(value):
        raise ValueError(f"it {TOO_DEEP}")
    return value


def is_too_deep(value: Any) -> bool:
    """Tell whether lists and objects lie within each other more than DEEPEST levels deep."""
    level, depth = [value], 0
    while level and depth < DEEPEST:
        level, depth = [inner for one in level for inner in _inside(one)], depth + 1
    return any(isinstance(one, Mapping | list | tuple) for one in level)


def _inside(value: Any) -> list[Any]:
    if isinstance(value, Mapping):
        return list(value.values())
    return list(value) if isinstance(value, list | tuple) else []
