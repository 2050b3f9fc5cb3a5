"""Reading flags: what a member may see, how many wait, and how often a rule has been right."""

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from unspoken.conversations.models import Conversation
from unspoken.flags.models import REFUSED, Flag, FlagStatus, Held, Rule
from unspoken.staff.models import Member
from unspoken.staff.sight import in_sight

DECIDED = (FlagStatus.ACCEPTED, FlagStatus.RESOLVED, *REFUSED)
_Z = 1.959964  # two-sided 95 %


@dataclass(frozen=True, slots=True)
class Counters:
    """How many flags a member may see: open and interrupting, open but held, snoozed, and open on what is theirs."""

    open: int
    held: int
    snoozed: int
    mine: int


@dataclass(frozen=True, slots=True)
class Precision:
    """How often people found a rule right: value 0…1 (None before the first decision), with its 95 % interval."""

    decided: int
    refused: int
    value: float | None
    low: float
    high: float


def visible_flags(member: Member) -> QuerySet[Flag]:
    """Return the flags of the conversations that `member` may see, newest first."""
    return Flag.objects.filter(in_sight(member, team="conversation__team")).order_by("-raised_at", "-id")


def counters(member: Member) -> Counters:
    """Return how many flags wait for `member`, with one query."""
    still_open = Q(status=FlagStatus.OPEN)
    counts = visible_flags(member).filter(status__in=[FlagStatus.OPEN, FlagStatus.SNOOZED]).aggregate(
        open=Count("id", filter=still_open & Q(held=Held.NO)),
        held=Count("id", filter=still_open & ~Q(held=Held.NO)),
        snoozed=Count("id", filter=Q(status=FlagStatus.SNOOZED)),
        mine=Count("id", filter=still_open & Q(conversation__assignee=member)),
    )  # fmt: skip
    return Counters(**counts)


def precision(rule: Rule) -> Precision:
    """Return how often decided flags of `rule`, in all its versions, were not refused as wrong or not helpful."""
    return precisions([rule.pk])[rule.pk]


def precisions(rule_ids: Iterable[str]) -> dict[str, Precision]:
    """Return the `precision` of each rule by its id, in one query."""
    wanted = set(rule_ids)
    rows = Flag.objects.filter(rule__in=wanted, status__in=DECIDED).order_by().values("rule_id").annotate(
        decided=Count("id"), refused=Count("id", filter=Q(status__in=REFUSED))
    )  # fmt: skip
    counts = {row["rule_id"]: (row["decided"], row["refused"]) for row in rows}
    return {rule_id: _precision(*counts.get(rule_id, (0, 0))) for rule_id in wanted}


def _precision(decided: int, refused: int) -> Precision:
    if not decided:
        return Precision(0, 0, None, 0.0, 1.0)
    low, high = wilson(decided - refused, decided)
    return Precision(decided, refused, 1 - refused / decided, low, high)


def wilson(right: int, total: int) -> tuple[float, float]:
    """Return the 95 % interval (0…1) of a share, `right` of `total` > 0 (Wilson 1927, without correction)."""
    share, spread = right / total, _Z * _Z / total
    middle = (share + spread / 2) / (1 + spread)
    half = _Z * math.sqrt(share * (1 - share) / total + spread / (4 * total)) / (1 + spread)
    return max(0.0, middle - half) if right else 0.0, min(1.0, middle + half) if right < total else 1.0


def open_flags_of(conversations: Iterable[Conversation]) -> dict[str, list[Flag]]:
    """Return the open flags of each conversation that has some, by conversation id, newest first, in one query."""
    found: defaultdict[str, list[Flag]] = defaultdict(list)
    rows = Flag.objects.filter(conversation__in=[one.id for one in conversations], status=FlagStatus.OPEN)
    for flag in rows.select_related("rule").defer("evidence", "counterfactual").order_by("-raised_at", "-id"):
        found[flag.conversation_id].append(flag)
    return dict(found)
