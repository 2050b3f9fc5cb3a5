"""Writing rules: save, enable, disable. Conditions and purposes are checked here and once more by the table itself."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from unspoken.flags.conditions import Condition, ConditionError, parse, to_json
from unspoken.flags.events import RuleChanged
from unspoken.flags.models import Rule, RulePurpose
from unspoken.flags.purposes import PurposeError, check_purpose
from unspoken.journal.actions import record
from unspoken.staff.models import Member, Team
from unspoken.staff.permissions import Permission, require


def save_rule(
    name: str,
    *,
    title: str,
    purpose: RulePurpose | str,
    condition: Mapping[str, Any],
    now: datetime,
    by: Member | None = None,
    description: str = "",
    cooldown_seconds: int = 1800,
    urgent: bool = False,
    team: Team | None = None,
) -> Rule:
    """Make the rule `name`, switched off, or change it; a new condition or purpose makes a new version.

    Raises ValidationError (code `condition` or `purpose`) for a condition that cannot be used or that the purpose does
    not allow, and NotAllowed for those who may not edit rules. `by` is None for the rules that we ship.
    """
    require(by, Permission.EDIT_RULES)
    parsed = _checked(purpose, condition)
    values = {"title": title, "description": description, "purpose": purpose, "condition": to_json(parsed),
              "cooldown_seconds": cooldown_seconds, "urgent": urgent, "team": team}  # fmt: skip
    with transaction.atomic():
        rule = Rule.objects.select_for_update().filter(name=name).first()
        if rule is None:
            rule = Rule(name=name, created_by=by, created_at=now, updated_at=now, **values)
            return _saved(rule, "made", by=by, now=now)
        if all(getattr(rule, key) == value for key, value in values.items()):
            return rule
        if (rule.condition, rule.purpose) != (values["condition"], values["purpose"]):
            rule.version += 1
        for key, value in values.items():
            setattr(rule, key, value)
        return _saved(rule, "changed", by=by, now=now)


def enable_rule(rule: Rule, *, now: datetime, by: Member | None = None) -> Rule:
    """Switch a rule on: from the next message it raises flags."""
    return _switch(rule, on=True, by=by, now=now)


def disable_rule(rule: Rule, *, now: datetime, by: Member | None = None) -> Rule:
    """Switch a rule off: it raises no more flags, and those it raised stay."""
    return _switch(rule, on=False, by=by, now=now)


def _switch(rule: Rule, *, on: bool, by: Member | None, now: datetime) -> Rule:
    require(by, Permission.EDIT_RULES)
    with transaction.atomic():
        kept = Rule.objects.select_for_update().get(pk=rule.pk)
        if kept.enabled == on:
            return kept
        kept.enabled = on
        return _saved(kept, "enabled" if on else "disabled", by=by, now=now)


def _saved(rule: Rule, what: str, *, by: Member | None, now: datetime) -> Rule:
    rule.updated_at = now
    rule.save()
    record(RuleChanged(rule_id=rule.pk, what=what, actor=by.pk if by else "", team_id=rule.team_id or ""), now=now)
    return rule


def _checked(purpose: str, condition: Any) -> Condition:
    try:
        parsed = parse(condition)
        check_purpose(purpose, parsed)
    except ConditionError as error:
        raise ValidationError(f"{error} Nothing was saved.", code="condition") from error
    except PurposeError as error:
        raise ValidationError(str(error), code="purpose") from error
    return parsed
