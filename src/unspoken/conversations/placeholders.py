"""The places for names in canned replies: `{contact_name}` and `{agent_name}`. Pure."""

import re
from collections.abc import Mapping

_PLACE = re.compile(r"\{(\w+)\}")
NAMES = ("contact_name", "agent_name")


def unknown_placeholders(text: str) -> list[str]:
    """Return the names in braces that we have nothing for, in order of appearance."""
    return [name for name in _PLACE.findall(text) if name not in NAMES]


def filled(text: str, values: Mapping[str, str]) -> str:
    """Return `text` with each placeholder replaced; braces around anything else stay as they are."""
    return _PLACE.sub(lambda place: values.get(place[1], place[0]), text)
