"""Free pairs of name and value (attributes, preferences) as lines that a person can edit: `name: value`."""

import json
from typing import Any

from django import forms

from unspoken.kit.outside_json import parsed

MOST = 100


class PairsField(forms.CharField):
    """A mapping, one pair a line; a value that reads as JSON (a number, a list) is kept as such, all else as text."""

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": 4, "class": "code"}), required=False, **options)

    def prepare_value(self, value: Any) -> Any:
        """Return a mapping as lines."""
        if not isinstance(value, dict):
            return value
        return "\n".join(f"{name}: {written(one)}" for name, one in value.items())

    def to_python(self, value: Any) -> Any:
        """Return lines as a mapping; the first that cannot be used is named."""
        pairs: dict[str, Any] = {}
        for number, line in enumerate(str(value or "").splitlines(), start=1):
            if not line.strip():
                continue
            name, colon, said = line.partition(":")
            if not colon or not name.strip():
                raise forms.ValidationError(f"Line {number} has no colon. Write it like “cups a day: 180”.")
            pairs[name.strip()] = read(said.strip())
        if len(pairs) > MOST:
            raise forms.ValidationError(f"{len(pairs)} lines are too many; at most {MOST} are kept.")
        return pairs


def written(value: Any) -> str:
    """Return a value as it is edited."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def read(said: str) -> Any:
    """Return what was written as a value."""
    try:
        return parsed(said)
    except ValueError:
        return said
