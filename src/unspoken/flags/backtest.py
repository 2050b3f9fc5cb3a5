"""What a rule would have done: its flags over past days, before it is switched on.

The same conditions, the same ledger (duplicates, cool-down, quiet hours, budget) as live, over stored readings of
messages and of voices. It is assumed that nobody decides on the flags, so there is at most one per conversation. Alerts
of other rules that were really raised count against the budgets. What is not kept of a call (`context.NOT_KEPT`) has no
value here, and the result says so.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from unspoken.flags.compiled import CompiledRule
from unspoken.flags.conditions import All, Condition, Leaf, Not, Some
from unspoken.flags.context import FIELDS, NOT_KEPT, Context
from unspoken.flags.explanations import counterfactual, explain
from unspoken.flags.ledger import HOUR, Candidate, Ledger, Raised, candidate_of
from unspoken.flags.models import Flag, Held, Rule
from unspoken.flags.replay import replay
from unspoken.staff.models import Member, Team

MOST_HITS = 100_000
"""A rule that holds for more messages than this is not back-tested further: it could never be a rule. Of a call, in
which one thing holds second after second, only the moments count that could become a flag."""

Progress = Callable[[int], None]


class TooWideError(ValueError):
    """A rule holds for so many messages that a list of them would help nobody."""


@dataclass(frozen=True, slots=True)
class WouldFlag:
    """A flag that would have been raised: when, on which message, why (plain sentences), and whether it were held."""

    at: datetime
    message_id: str
    conversation_id: str
    contact_id: str | None
    held: Held
    reasons: tuple[str, ...]
    counterfactual: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Backtest:
    """What a rule would have done in since…until: messages, conversations and calls' voices looked at, and flags,
    oldest first.

    held_for: messages, and moments of a silence or a call, for which the condition held; beyond the flags: duplicates,
    and those cooling down. unknown: names of fields that the rule looks at and that are not kept of the past; blind:
    whether it cannot hold without them.
    """

    since: datetime
    until: datetime
    messages: int
    conversations: int
    held_for: int
    flags: tuple[WouldFlag, ...]
    calls: int = 0
    unknown: tuple[str, ...] = ()
    blind: bool = False

    @property
    def caveat(self) -> str:
        """What could not be tried, in words; '' where everything could."""
        if not self.unknown:
            return ""
        what = " and ".join(FIELDS[name].words for name in self.unknown)
        why = f"{what} cannot be told of past calls: who spoke when is known only while a call is under way"
        if self.blind:
            return f"This rule cannot be tried on the past, because {why}."
        return f"{why[0].upper()}{why[1:]}. Whatever the rule asks of that counted as not known."

    @property
    def days(self) -> float:
        """Days looked at."""
        return (self.until - self.since) / timedelta(days=1)

    @property
    def per_day(self) -> dict[date, int]:
        """Flags by day (UTC), days with any only."""
        return dict(Counter(flag.at.date() for flag in self.flags))

    @property
    def flagged_share(self) -> float:
        """Share (0…1) of the conversations looked at that would have been flagged."""
        return len({flag.conversation_id for flag in self.flags}) / self.conversations if self.conversations else 0.0

    def held(self, why: Held) -> int:
        """Return how many flags would have interrupted nobody, because of `why`."""
        return sum(flag.held == why for flag in self.flags)


@dataclass(frozen=True, slots=True)
class _Hit:
    at: datetime
    occurred_at: datetime
    candidate: Candidate
    reasons: tuple[str, ...]
    counterfactual: tuple[str, ...]


def backtest(rule: Rule, *, days: float, now: datetime, progress: Progress | None = None) -> Backtest:
    """Return what `rule`, saved or not, would have done over the last `days`; `progress` hears of messages so far.

    Raises ConditionError or PurposeError for a rule that may not be, TooWideError past 100,000 messages.
    """
    compiled, since = CompiledRule.of(rule), now - timedelta(days=days)
    past = _Past(compiled)
    for contexts in replay(since=since, until=now, fields=compiled.fields, waits=compiled.waits):
        past.add(contexts)
        if len(past.hits) > MOST_HITS:
            raise TooWideError(f"{rule.name} holds for more than {MOST_HITS:,} messages; narrow it, then try again.")
        if progress is not None:
            progress(past.messages)
    return Backtest(
        since, now, past.messages, len(past.conversations), past.held_for, tuple(_raised(past.hits, rule, since)),
        len(past.calls), tuple(sorted(compiled.fields & NOT_KEPT)), not _outcomes(compiled.condition)[0],
    )  # fmt: skip


@dataclass(slots=True)
class _Past:
    """What was seen so far: how much was looked at, and the hits of which flags may come."""

    rule: CompiledRule
    hits: list[_Hit] = field(default_factory=list)
    held_for: int = 0
    messages: int = 0
    conversations: set[str] = field(default_factory=set)
    calls: set[str] = field(default_factory=set)

    def add(self, contexts: Sequence[Context]) -> None:
        """Look at everything of some contacts."""
        for moved in (context.moved for context in contexts):
            self.messages += moved.silent_until is None and moved.call is None
            self.conversations.add(moved.conversation.pk)
            if moved.call is not None:
                self.calls.add(moved.conversation.pk)
        holding = sorted(filter(self.rule.holds, contexts), key=_order)
        self.held_for += len(holding)
        self.hits.extend(_hit(self.rule, context) for context in self._worth_keeping(holding))

    def _worth_keeping(self, holding: Sequence[Context]) -> Iterator[Context]:
        """Yield what may become a flag; all of a contact's is in one go, so that its own flags decide that."""
        ledger = Ledger()
        for context in holding:
            candidate = candidate_of(self.rule.rule, context.moved)
            admitted = ledger.admits(candidate, at=context.now)
            if admitted:
                ledger.note(Raised.of(candidate, at=context.now))
            if admitted or context.moved.call is None:
                yield context


def _order(context: Context) -> tuple[datetime, datetime, str]:
    return context.now, context.moved.message.occurred_at, context.moved.message.pk


def _outcomes(condition: Condition) -> tuple[bool, bool]:
    """Return whether a condition can hold, and can fail to, where nothing is known of the fields that are not kept."""
    match condition:
        case Leaf(name):
            return (name not in NOT_KEPT,) * 2
        case Not(part):
            can, cannot = _outcomes(part)
            return cannot, can
        case All(parts):
            found = [_outcomes(part) for part in parts]
            return all(can for can, _ in found), any(cannot for _, cannot in found)
        case Some(parts):
            found = [_outcomes(part) for part in parts]
            return any(can for can, _ in found), all(cannot for _, cannot in found)


def _hit(rule: CompiledRule, context: Context) -> _Hit:
    return _Hit(
        at=context.now,
        occurred_at=context.moved.message.occurred_at,
        candidate=candidate_of(rule.rule, context.moved),
        reasons=tuple(judged.text for judged in explain(rule.condition, context) if judged.held),
        counterfactual=tuple(counterfactual(rule.condition, context)),
    )


def _raised(hits: list[_Hit], rule: Rule, since: datetime) -> Iterator[WouldFlag]:
    hits.sort(key=lambda hit: (hit.at, hit.occurred_at, hit.candidate.message_id))
    ledger = Ledger(Team.objects.in_bulk(), Member.objects.in_bulk())
    others = _alerts_of_others(rule, since)
    waiting = next(others, None)
    for hit in hits:
        while waiting is not None and waiting[0] <= hit.at:
            ledger.note_alert(waiting[0], team_id=waiting[1], member_id=waiting[2])
            waiting = next(others, None)
        candidate = hit.candidate
        if ledger.admits(candidate, at=hit.at):
            held = ledger.enter(candidate, at=hit.at)
            yield WouldFlag(hit.at, candidate.message_id, candidate.conversation_id, candidate.contact_id, held,
                            hit.reasons, hit.counterfactual)  # fmt: skip


def _alerts_of_others(rule: Rule, since: datetime) -> Iterator[tuple[datetime, str | None, str | None]]:
    alerts = Flag.objects.filter(held=Held.NO, raised_at__gt=since - HOUR).exclude(rule_id=rule.pk)
    rows = alerts.order_by("raised_at", "id").values_list("raised_at", "team_id", "member_id")
    return iter(rows.iterator(chunk_size=2000))
