"""Which turns that a rule holds for become flags, and which of those interrupt: the same live and in a back-test.

A rule flags a conversation once until a person is done with it, then not again within its cool-down (which also covers
the contact's other conversations), and not for a day after a person refused it there. Flags beyond what a team or the
assigned member can take in an hour, or in the team's quiet hours, are kept and listed but interrupt nobody.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from unspoken.flags.context import Moved
from unspoken.flags.models import REFUSED, UNFINISHED, Held, Rule
from unspoken.flags.quiet import is_quiet
from unspoken.staff.models import Member, Team

HOUR = timedelta(hours=1)
AFTER_REFUSAL = timedelta(days=1)
"""How long a rule stays silent in a conversation after a person said that its flag was wrong or not helpful."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A rule that held for a message: everything that decides whether a flag comes of it. cooldown in seconds."""

    rule_id: str
    cooldown: float
    urgent: bool
    message_id: str
    conversation_id: str
    contact_id: str | None
    team_id: str | None
    member_id: str | None


def candidate_of(rule: Rule, moved: Moved) -> Candidate:
    """Return what decides whether a rule that held for `moved` becomes a flag."""
    conversation = moved.conversation
    return Candidate(
        rule_id=rule.pk, cooldown=rule.cooldown_seconds, urgent=rule.urgent, message_id=moved.message.pk,
        conversation_id=conversation.pk, contact_id=moved.contact.pk if moved.contact is not None else None,
        team_id=conversation.team_id, member_id=conversation.assignee_id,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Raised:
    """A flag that exists: status as on the flag."""

    rule_id: str
    message_id: str
    conversation_id: str
    contact_id: str | None
    status: str
    raised_at: datetime

    @classmethod
    def of(cls, candidate: Candidate, *, at: datetime) -> "Raised":
        """Return the open flag that comes of a candidate."""
        return cls(candidate.rule_id, candidate.message_id, candidate.conversation_id, candidate.contact_id, "open", at)


@dataclass(slots=True)
class Ledger:
    """What has been raised so far, and the alerts of the last hour per team and member."""

    teams: Mapping[str, Team] = field(default_factory=dict)
    members: Mapping[str, Member] = field(default_factory=dict)
    _flagged: set[tuple[str, str]] = field(default_factory=set)
    _unfinished: set[tuple[str, str]] = field(default_factory=set)
    _refused: dict[tuple[str, str], datetime] = field(default_factory=dict)
    _last: dict[tuple[str, str], datetime] = field(default_factory=dict)
    _alerts: dict[str, deque[datetime]] = field(default_factory=dict)

    def note(self, flag: Raised) -> None:
        """Remember a flag, raised just now or long ago."""
        self._flagged.add((flag.rule_id, flag.message_id))
        place = (flag.rule_id, flag.conversation_id)
        if flag.status in UNFINISHED:
            self._unfinished.add(place)
        if flag.status in REFUSED:
            self._refused[place] = max(flag.raised_at, self._refused.get(place, flag.raised_at))
        for where in filter(None, (flag.conversation_id, flag.contact_id)):
            before = self._last.get((flag.rule_id, where), flag.raised_at)
            self._last[flag.rule_id, where] = max(flag.raised_at, before)

    def note_alert(self, at: datetime, *, team_id: str | None, member_id: str | None) -> None:
        """Remember that somebody was interrupted; call in order of time."""
        for who in filter(None, (team_id, member_id)):
            self._alerts.setdefault(who, deque()).append(at)

    def admits(self, candidate: Candidate, *, at: datetime) -> bool:
        """Return whether a flag comes of `candidate`: not a duplicate, not cooling down, not refused a day ago."""
        rule, place = candidate.rule_id, (candidate.rule_id, candidate.conversation_id)
        if (rule, candidate.message_id) in self._flagged or place in self._unfinished:
            return False
        refused = self._refused.get(place)
        if refused is not None and at - refused < AFTER_REFUSAL:
            return False
        cooldown = timedelta(seconds=candidate.cooldown)
        places = filter(None, (candidate.conversation_id, candidate.contact_id))
        return all(at - last >= cooldown for one in places if (last := self._last.get((rule, one))) is not None)

    def enter(self, candidate: Candidate, *, at: datetime) -> Held:
        """Remember the flag that comes of `candidate` and return why it is held, if so."""
        held = self._held(candidate, at)
        self.note(Raised.of(candidate, at=at))
        if not held:
            self.note_alert(at, team_id=candidate.team_id, member_id=candidate.member_id)
        return held

    def _held(self, candidate: Candidate, at: datetime) -> Held:
        team = self.teams.get(candidate.team_id or "")
        member = self.members.get(candidate.member_id or "")
        if team is not None and not candidate.urgent and is_quiet(team, now=at):
            return Held.QUIET
        spent = any(
            who.alerts_per_hour is not None and self._alerts_of(who.pk, at) >= who.alerts_per_hour
            for who in _present(team, member)
        )
        return Held.BUDGET if spent else Held.NO

    def _alerts_of(self, who: str, at: datetime) -> int:
        alerts = self._alerts.get(who)
        if alerts is None:
            return 0
        while alerts and at - alerts[0] >= HOUR:
            alerts.popleft()
        return len(alerts)


def _present(team: Team | None, member: Member | None) -> Iterable[Team | Member]:
    return [who for who in (team, member) if who is not None]
