"""What is recorded of flags and rules."""

from dataclasses import dataclass
from typing import ClassVar

from unspoken.journal.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagRaised(Event):
    """A rule found something that needs a person; `held` says why it interrupts nobody, if so."""

    kind: ClassVar[str] = "flag.raised"
    flag_id: str
    rule: str
    held: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagDecided(Event):
    """A member accepted, snoozed, resolved or refused a flag."""

    kind: ClassVar[str] = "flag.decided"
    flag_id: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleChanged(Event):
    """A rule was made, changed, switched on or off."""

    kind: ClassVar[str] = "rule.changed"
    rule_id: str
    what: str
