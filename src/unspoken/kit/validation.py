"""Refuses what a database would refuse, before it does, with the field's name and what is wrong with it."""

import json
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from .outside_json import TOO_DEEP, is_too_deep


def check_row(row: models.Model) -> None:
    """Raise ValidationError (a message list per field) where a value is too long, unknown or cannot be stored.

    Relations and uniqueness are not looked at: no query is made.
    """
    fields = {field.name: getattr(row, field.attname) for field in row._meta.concrete_fields if not field.is_relation}
    problems = {name: [problem] for name, value in fields.items() if (problem := _unstorable(value))}
    if problems:
        raise ValidationError(problems)
    row.clean_fields(exclude={field.name for field in row._meta.concrete_fields if field.is_relation})


def check_text(text: str, *, field: str = "text") -> None:
    """Raise ValidationError, naming `field`, when `text` cannot be stored."""
    if problem := _unstorable(text):
        raise ValidationError({field: [problem]})


def _unstorable(value: Any) -> str:
    if isinstance(value, Mapping | list):
        if is_too_deep(value):
            return f"This {TOO_DEEP}, which cannot be stored. Write it flatter."
        value = json.dumps(value, ensure_ascii=False, default=str).replace("\\u0000", "\x00")
    if not isinstance(value, str):
        return ""
    if "\x00" in value:
        return "This text contains a NUL character, which cannot be stored. Remove it."
    try:
        value.encode()
    except UnicodeEncodeError:
        return "This text contains half of a character (a lone surrogate), which cannot be stored. Remove it."
    return ""
