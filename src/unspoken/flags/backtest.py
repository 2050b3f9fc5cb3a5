"""What a rule would have done: its flags over past days, before it is switched on.

The same conditions, the same ledger (duplicates, cool-down, quiet hours, budget) as live, over stored readings. It is
assumed that nobody decides on the flags, so there is at most one per conversation. Alerts of other rules that were
really raised count against the budgets.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from unspoken.flags.compiled import CompiledRule
from unspoken.flags.context import Context
from unspoken.flags.explanations import counterfactual, explain
from unspoken.flags.ledger import HOUR, Candidate, Ledger, candidate_of
from unspoken.flags.models import Flag, Held, Rule
from unspoken.flags.replay import replay
from unspoken.staff.models import Member, Team

MOST_HITS = 100_000
"""A rule that holds for more messages than this is not back-tested further: it could never be a rule."""

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
    """What a rule would have done in since…until: messages and conversations looked at, and flags, oldest first.

    held_for: messages, and moments of a silence, for which the condition held; beyond the flags: duplicates, and those
    cooling down.
    """

    since: datetime
    until: datetime
    messages: int
    conversations: int
    held_for: int
    flags: tuple[WouldFlag, ...]

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
    hits: list[_Hit] = []
    conversations: set[str] = set()
    messages = 0
    for contexts in replay(since=since, until=now, fields=compiled.fields, waits=compiled.waits):
        messages += sum(context.moved.silent_until is None for context in contexts)
        conversations.update(context.moved.conversation.pk for context in contexts)
        hits.extend(_hit(compiled, context) for context in contexts if compiled.holds(context))
        if len(hits) > MOST_HITS:
            raise TooWideError(f"{rule.name} holds for more than {MOST_HITS:,} messages; narrow it, then try again.")
        if progress is not None:
            progress(messages)
    flags = tuple(_raised(hits, rule, since))
    return Backtest(since, now, messages, len(conversations), len(hits), flags)


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
