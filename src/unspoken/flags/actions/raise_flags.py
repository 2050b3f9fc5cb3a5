"""Evaluate the enabled rules on what has just moved and raise flags; called inside the pipeline's transaction."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Q, Sum

from unspoken.conversations.models import Author
from unspoken.flags.compiled import CompiledRule, enabled_rules
from unspoken.flags.context import TOO_OLD, Context, Moved
from unspoken.flags.events import FlagRaised
from unspoken.flags.evidence import evidence_of
from unspoken.flags.explanations import counterfactual
from unspoken.flags.ledger import AFTER_REFUSAL, HOUR, Candidate, Ledger, Raised, candidate_of
from unspoken.flags.models import UNFINISHED, Flag, Held
from unspoken.journal.actions import record_all
from unspoken.people.models import Order
from unspoken.staff.models import Member, Team

Hit = tuple[CompiledRule, Context]


def evaluate(moved: Sequence[Moved], *, now: datetime) -> list[Flag]:
    """Raise the flags that the enabled rules find in `moved`, in the caller's transaction; return them.

    One query when no rule holds (two when a rule looks at the value of contacts), whatever the size of the batch.
    """
    recent = [one for one in moved if _is_due(one, now)]
    if not recent:
        return []
    rules = enabled_rules()
    values = contact_values(recent) if any("contact.value" in rule.fields for rule in rules) else {}
    hits = find_hits(recent, rules, values=values, now=now)
    return _raise(hits, now=now) if hits else []


def _is_due(moved: Moved, now: datetime) -> bool:
    message = moved.message
    return message.author_kind == Author.CUSTOMER and not message.private and now - message.occurred_at < TOO_OLD


def contact_values(moved: Sequence[Moved]) -> dict[str, Decimal]:
    """Return what each contact in `moved` has ordered for, in all."""
    contacts = {one.contact.pk for one in moved if one.contact is not None}
    totals = Order.objects.filter(contact_id__in=contacts).values("contact_id").annotate(sum=Sum("total"))
    return {row["contact_id"]: row["sum"] for row in totals}


def find_hits(
    moved: Sequence[Moved], rules: Sequence[CompiledRule], *, values: dict[str, Decimal], now: datetime
) -> list[Hit]:
    """Return each rule that holds with the context it holds in, in the order of `moved`."""
    contexts = [Context(one, now, values.get(one.contact.pk if one.contact else "", Decimal(0))) for one in moved]
    return [(rule, context) for context in contexts for rule in rules if rule.holds(context)]


def _raise(hits: Sequence[Hit], *, now: datetime) -> list[Flag]:
    candidates = [candidate_of(rule.rule, context.moved) for rule, context in hits]
    ledger = _ledger(candidates, now=now)
    flags = []
    for (rule, context), candidate in zip(hits, candidates, strict=True):
        if ledger.admits(candidate, at=now):
            flags.append(_flag(rule, context, candidate, held=ledger.enter(candidate, at=now), now=now))
    return _store(flags, now=now) if flags else []


def _ledger(candidates: Sequence[Candidate], *, now: datetime) -> Ledger:
    """Return what was raised before in these conversations and to these contacts, with the alerts of the last hour."""
    teams = Team.objects.in_bulk({one.team_id for one in candidates if one.team_id})
    members = Member.objects.in_bulk({one.member_id for one in candidates if one.member_id})
    ledger = Ledger(teams, members)
    longest = max(timedelta(seconds=one.cooldown) for one in candidates)
    where = Q(conversation_id__in={one.conversation_id for one in candidates}) | Q(
        contact_id__in={one.contact_id for one in candidates if one.contact_id}
    )
    still = Q(status__in=UNFINISHED) | Q(raised_at__gt=now - max(longest, AFTER_REFUSAL))
    known = Flag.objects.filter(where, still, rule_id__in={one.rule_id for one in candidates})
    for row in known.values_list("rule_id", "message_id", "conversation_id", "contact_id", "status", "raised_at"):
        ledger.note(Raised(*row))
    interrupted = Flag.objects.filter(Q(team_id__in=teams) | Q(member_id__in=members), held=Held.NO)
    alerts = interrupted.filter(raised_at__gt=now - HOUR).order_by("raised_at")
    for team_id, member_id, raised_at in alerts.values_list("team_id", "member_id", "raised_at"):
        ledger.note_alert(raised_at, team_id=team_id, member_id=member_id)
    return ledger


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
