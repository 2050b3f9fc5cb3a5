"""The enabled rules, parsed once per process and again only when one of them has changed."""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from unspoken.flags.conditions import Condition, evaluate, leaves, parse
from unspoken.flags.context import ON_CALL, WAITING, Context
from unspoken.flags.models import Rule
from unspoken.flags.purposes import check_purpose
from unspoken.kit.prepared import Prepared

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A rule ready to be judged. fields: the names of what it looks at; waits: the waiting times it names (seconds)."""

    rule: Rule
    condition: Condition
    fields: frozenset[str]
    waits: tuple[float, ...] = ()

    @classmethod
    def of(cls, rule: Rule) -> "CompiledRule":
        """Return `rule` compiled; raise ConditionError or PurposeError for one that may not be."""
        condition = parse(rule.condition)
        check_purpose(rule.purpose, condition)
        waits = {float(leaf.value) for leaf in leaves(condition) if leaf.field == WAITING}  # type: ignore[arg-type]
        return cls(rule, condition, frozenset(leaf.field for leaf in leaves(condition)), tuple(sorted(waits)))

    @property
    def looks_at_calls(self) -> bool:
        """Whether it looks at a voice or a line, which move while nobody writes."""
        return any(name.startswith(ON_CALL) for name in self.fields)

    def holds(self, context: Context) -> bool:
        """Return whether the rule is about this conversation and its condition holds."""
        team_id = self.rule.team_id
        if team_id is not None and team_id != context.moved.conversation.team_id:
            return False
        return evaluate(self.condition, context) is True


class _Kept(NamedTuple):
    stamp: tuple[tuple[str, int, datetime], ...]
    rules: tuple[CompiledRule, ...]


_kept = _Kept((), ())


def enabled_rules() -> tuple[CompiledRule, ...]:
    """Return the enabled rules by name, with one query: which there are and when each was changed."""
    global _kept
    stamp = tuple(_STAMP())
    if stamp != _kept.stamp:
        _kept = _Kept(stamp, tuple(filter(None, map(_compiled, Rule.objects.filter(enabled=True).order_by("name")))))
    return _kept.rules


_STAMP = Prepared(lambda: Rule.objects.filter(enabled=True).order_by("name").values_list("id", "version", "updated_at"))


def _compiled(rule: Rule) -> CompiledRule | None:
    """A rule that came in by no door of ours and may not be is left out, and said so: the others go on."""
    try:
        return CompiledRule.of(rule)
    except ValueError as error:
        logger.error("Rule %s is left out: %s", rule.name, error)
        return None
