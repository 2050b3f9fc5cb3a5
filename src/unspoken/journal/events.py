"""What an event is: a frozen dataclass with a kind in the past participle, e.g. `message.received`."""

from dataclasses import asdict, dataclass, fields
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
        routing = {field.name for field in fields(Event)}
        return {name: value for name, value in asdict(self).items() if name not in routing}
