"""Permissions, one line for each kind of signal."""

from collections.abc import Sequence
from dataclasses import dataclass

from unspoken.privacy.models import ConsentDecision, Modality

_SHORT = {
    "service": "to help them", "insights": "for patterns over many", "baseline": "to remember what is usual for them",
    "recording": "to keep the recording",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Permitted:
    """What a contact decided about one kind of signal: (decision in words, what for, the decision itself)."""

    name: str
    lines: tuple[tuple[str, str, ConsentDecision], ...]


def permitted(decisions: Sequence[ConsentDecision]) -> list[Permitted]:
    """Return the decisions in force grouped by signal; alike decisions of one signal share a line."""
    found = []
    for modality in Modality:
        of_this = [one for one in decisions if one.modality == modality]
        lines: dict[str, tuple[str, str, ConsentDecision]] = {}
        for one in of_this:
            said, purposes, _ = lines.get(one.decision, (one.get_decision_display().lower(), "", one))
            purposes = f"{purposes} and {_SHORT[one.purpose]}" if purposes else _SHORT[one.purpose]
            lines[one.decision] = said, purposes, one
        if lines:
            found.append(Permitted(modality.label, tuple(lines.values())))
    return found
