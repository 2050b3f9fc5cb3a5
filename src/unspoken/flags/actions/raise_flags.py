"""Evaluate the enabled rules on what has just moved and raise flags; called inside the pipeline's transaction."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet, Sum

from unspoken.conversations.models import Author
from unspoken.flags.compiled import CompiledRule, enabled_rules
from unspoken.flags.context import TOO_OLD, Context, Moved
from unspoken.flags.events import FlagRaised
from unspoken.flags.evidence import evidence_of
from unspoken.flags.explanations import counterfactual
from unspoken.flags.ledger import AFTER_REFUSAL, HOUR, Candidate, Ledger, Raised, candidate_of
from unspoken.flags.models import UNFINISHED, Flag, Held
from unspoken.journal.actions import record_all
from unspoken.kit.prepared import Given, Prepared
from unspoken.people.models import Order
from unspoken.staff.models import Member, Team

Hit = tuple[CompiledRule, Context]


def evaluate(moved: Sequence[Moved], *, now: datetime, rules: Sequence[CompiledRule] | None = None) -> list[Flag]:
    """Raise the flags that `rules` (all enabled ones) find in `moved`, in the caller's transaction; return them.

    One query when no rule holds (two when it comes to the value of a contact), whatever the size of the batch.
    """
    recent = [one for one in moved if _is_due(one, now)]
    if not recent:
        return []
    value_of = _Values(recent)
    contexts = [Context(one, now, value_of) for one in recent]
    judged = enabled_rules() if rules is None else rules
    hits = [(rule, context) for context in contexts for rule in judged if rule.holds(context)]
    return _raise(hits, now=now) if hits else []


def _is_due(moved: Moved, now: datetime) -> bool:
    message = moved.message
    if moved.call is not None:
        return True
    return message.author_kind == Author.CUSTOMER and not message.private and now - message.occurred_at < TOO_OLD


class _Values:
    """What each contact of a batch has ordered for, in all: one query, when the first is asked for."""

    def __init__(self, moved: Sequence[Moved]) -> None:
        self._contacts = {one.contact.pk for one in moved if one.contact is not None}
        self._totals: dict[str, Decimal] | None = None

    def __call__(self, contact_id: str) -> Decimal:
        if self._totals is None:
            orders = Order.objects.filter(contact_id__in=self._contacts).values_list("contact_id")
            self._totals = dict(orders.annotate(Sum("total")))
        return self._totals.get(contact_id, Decimal(0))


def _raise(hits: Sequence[Hit], *, now: datetime) -> list[Flag]:
    candidates = [candidate_of(rule.rule, context.moved) for rule, context in hits]
    ledger = _ledger(candidates, now=now)
    if not any(ledger.admits(candidate, at=now) for candidate in candidates):
        return []
    _note_alerts(ledger, candidates, now=now)
    flags = []
    for (rule, context), candidate in zip(hits, candidates, strict=True):
        if ledger.admits(candidate, at=now):
            flags.append(_flag(rule, context, candidate, held=ledger.enter(candidate, at=now), now=now))
    return _store(flags, now=now) if flags else []


def _ledger(candidates: Sequence[Candidate], *, now: datetime) -> Ledger:
    """Return what was raised before in these conversations and to these contacts."""
    ledger = Ledger()
    longest = max(timedelta(seconds=one.cooldown) for one in candidates)
    known = _RAISED(
        rules={one.rule_id for one in candidates},
        conversations={one.conversation_id for one in candidates},
        contacts={one.contact_id for one in candidates if one.contact_id},
        since=now - max(longest, AFTER_REFUSAL),
    )
    for row in known:
        ledger.note(Raised(*row))
    return ledger


def _raised() -> "QuerySet[Flag, Any]":
    where = Q(conversation_id__among=Given("conversations")) | Q(contact_id__among=Given("contacts"))
    still = Q(status__in=UNFINISHED) | Q(raised_at__gt=Given("since"))
    return Flag.objects.filter(where, still, rule_id__among=Given("rules")).values_list(
        "rule_id", "message_id", "conversation_id", "contact_id", "status", "raised_at"
    )


_RAISED = Prepared(_raised)


def _note_alerts(ledger: Ledger, candidates: Sequence[Candidate], *, now: datetime) -> None:
    """Add whom the candidates would interrupt, and the alerts that these had in the last hour."""
    teams = ledger.teams = Team.objects.in_bulk({one.team_id for one in candidates if one.team_id})
    members = ledger.members = Member.objects.in_bulk({one.member_id for one in candidates if one.member_id})
    interrupted = Flag.objects.filter(Q(team_id__in=teams) | Q(member_id__in=members), held=Held.NO)
    alerts = interrupted.filter(raised_at__gt=now - HOUR).order_by("raised_at")
    for team_id, member_id, raised_at in alerts.values_list("team_id", "member_id", "raised_at"):
        ledger.note_alert(raised_at, team_id=team_id, member_id=member_id)


def _flag(rule: CompiledRule, context: Context, candidate: Candidate, *, held: Held, now: datetime) -> Flag:
    named = {key: getattr(rule.rule, key) for key in ("name", "title", "version", "purpose")}
    return Flag(
        rule=rule.rule,
        rule_version=rule.rule.version,
        conversation=context.moved.conversation,
        message=context.moved.message,
        contact=context.moved.contact,
        team_id=candidate.team_id,
        member_id=candidate.member_id,
        held=held,
        evidence={"rule": named, **evidence_of(rule.condition, context)},
        counterfactual=counterfactual(rule.condition, context),
        raised_at=now,
    )


def _store(flags: list[Flag], *, now: datetime) -> list[Flag]:
    """Store flags and their journal entries; where another process raised the same just before, it wins."""
    Flag.objects.bulk_create(flags, ignore_conflicts=True)
    stored = set(Flag.objects.filter(pk__in=[flag.pk for flag in flags]).values_list("pk", flat=True))
    kept = [flag for flag in flags if flag.pk in stored]
    record_all([_event(flag) for flag in kept], now=now)
    return kept


def _event(flag: Flag) -> FlagRaised:
    return FlagRaised(
        flag_id=flag.pk,
        rule=flag.rule.name,
        held=flag.held,
        conversation_id=flag.conversation_id,
        contact_id=flag.contact_id or "",
        team_id=flag.team_id or "",
    )
