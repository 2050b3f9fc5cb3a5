"""Which entries of the journal a member may be told of. The pages check again when they make the HTML."""

from dataclasses import dataclass
from typing import Any

from unspoken.journal.models import Entry

from .models import Member, Role

TOLD = ("message.", "conversation.", "reading.", "flag.", "reply.", "contact.", "consent.", "rule.", "tone.", "call.")


@dataclass(frozen=True, slots=True)
class Hearing:
    """What one member may hear of: everything, or the conversations of `teams` and those of no team."""

    everything: bool
    conversations: bool
    teams: frozenset[str]

    def covers(self, entry: Entry) -> bool:
        """Tell whether `entry` concerns something that the member may see."""
        if not entry.kind.startswith(TOLD):
            return False
        if self.everything:
            return True
        if entry.conversation_id and not self.conversations:
            return False
        return not entry.team_id or entry.team_id in self.teams


def hearing_of(member_id: str) -> Hearing | None:
    """Return what the member may hear of now, or None when the account is closed."""
    member = Member.objects.filter(pk=member_id, is_active=True).first()
    if member is None:
        return None
    return Hearing(
        everything=member.sees_all_teams,
        conversations=member.role != Role.ANALYST,
        teams=frozenset(member.teams.values_list("id", flat=True)),
    )


def notice_of(entry: Entry) -> dict[str, Any]:
    """Return what is told: kind and ids, never content."""
    told = {"kind": entry.kind, "conversation": entry.conversation_id, "contact": entry.contact_id}
    told |= {name: entry.data[name + "_id"] for name in ("message", "flag", "rule") if entry.data.get(name + "_id")}
    return {name: value for name, value in told.items() if value}
