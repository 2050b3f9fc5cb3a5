"""Flags and the rules that raise them."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import Field

from unspoken.flags import actions
from unspoken.flags.models import FlagStatus, Rule
from unspoken.flags.queries import precision, visible_flags
from unspoken.kit.clock import now
from unspoken.kit.keyset import newest_first
from unspoken.staff.models import Scope

from .inbound import Strict
from .schemas import FlagOut, PageOut, RuleOut
from .tokens import Token, asker

router = Router(tags=["flags"])
READ, WRITE = Token(Scope.CONVERSATIONS_READ), Token(Scope.FLAGS_WRITE)


class DecisionIn(Strict):
    """accepted, snoozed (with `snoozed_until`), resolved, wrong, or not_helpful (with `reason`)."""

    status: FlagStatus
    reason: Annotated[str, Field(max_length=2000)] = ""
    snoozed_until: datetime | None = None


@router.get("/flags", auth=READ, response=PageOut[FlagOut])
def list_flags(
    request: HttpRequest, status: FlagStatus | None = None, cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> PageOut[FlagOut]:  # fmt: skip
    """List flags, newest first."""
    rows = visible_flags(asker(request)).select_related("rule")
    if status:
        rows = rows.filter(status=status)
    page = newest_first(rows.order_by(), keys=("raised_at", "pk"), cursor=cursor, limit=limit)
    return PageOut(items=[FlagOut.of(row) for row in page.items], next_cursor=page.next_cursor)


@router.get("/flags/{flag_id}", auth=READ, response=FlagOut)
def get_flag(request: HttpRequest, flag_id: str) -> FlagOut:
    """Return a flag with its evidence and what would have made it not a flag."""
    return FlagOut.of(visible_flags(asker(request)).select_related("rule").get(pk=flag_id))


@router.post("/flags/{flag_id}/decision", auth=WRITE, response=FlagOut)
def decide(request: HttpRequest, flag_id: str, decision: DecisionIn) -> FlagOut:
    """Accept, snooze, resolve, or say that it is wrong or not helpful."""
    by = asker(request)
    flag = visible_flags(by).get(pk=flag_id)
    actions.decide_flag(
        flag, status=decision.status, reason=decision.reason, snoozed_until=decision.snoozed_until, by=by, now=now()
    )
    return get_flag(request, flag_id)


@router.get("/rules", auth=READ, response=list[RuleOut])
def list_rules(request: HttpRequest) -> list[RuleOut]:
    """List all rules."""
    return [RuleOut.of(rule) for rule in Rule.objects.order_by("name")]


@router.get("/rules/{slug:name}/precision", auth=READ, response=dict[str, Any])
def get_precision(request: HttpRequest, name: str) -> dict[str, Any]:
    """Return how often people found a rule right so far, with its 95 % interval."""
    found = precision(Rule.objects.get(name=name))
    return {name: getattr(found, name) for name in ("decided", "refused", "value", "low", "high")}
