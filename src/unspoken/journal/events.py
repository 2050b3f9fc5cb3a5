"""What an event is: a frozen dataclass with a kind in the past participle, e.g. `message.received`."""

from dataclasses import dataclass, fields
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
        names = _beyond_routing.get(type(self))
        if names is None:
            routing = {field.name for field in fields(Event)}
            names = tuple(field.name for field in fields(self) if field.name not in routing)
            _beyond_routing[type(self)] = names
        return {name: getattr(self, name) for name in names}


_beyond_routing: dict[type[Event], tuple[str, ...]] = {}  # asked for with every message
