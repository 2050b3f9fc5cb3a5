"""What an event is: a frozen dataclass with a kind in the past participle, e.g. `message.received`."""

from dataclasses import dataclass, fields
from functools import cache
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Base of all events. The four routing ids go into columns; every further field goes into `data` (JSON values)."""

    kind: ClassVar[str]
    contact_id: str = ""
    conversation_id: str = ""
    team_id: str = ""
    actor: str = ""

    def data(self) -> dict[str, Any]:
        """Return the fields beyond the routing ids."""
        return {name: getattr(self, name) for name in _beyond_routing(type(self))}


@cache
def _beyond_routing(event: type[Any]) -> tuple[str, ...]:
    routing = {field.name for field in fields(Event)}
    return tuple(field.name for field in fields(event) if field.name not in routing)
