"""`unspoken rules`: see the rules, switch them, and try one on past days before it is switched on."""

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .setup import start_django

if TYPE_CHECKING:
    from unspoken.flags.backtest import Backtest
    from unspoken.flags.models import Rule

rules_command = typer.Typer(no_args_is_help=True, add_completion=False, help="List, switch and back-test rules.")
Name = Annotated[str, typer.Argument(help="The rule's short name, as `unspoken rules list` prints it")]


@rules_command.command("list")
def list_rules() -> None:
    """Print every rule: on or off, purpose, flags so far and how often people found them right."""
    start_django()
    from django.db.models import Count
    from rich.console import Console
    from rich.table import Table

    from unspoken.flags.models import Flag, Rule
    from unspoken.flags.queries import precision

    raised = dict(Flag.objects.values_list("rule_id").annotate(Count("id")))
    table = Table("rule", "on", "purpose", "flags", "right", "what it is about")
    for rule in Rule.objects.order_by("name"):
        found = precision(rule)
        right = "–" if found.value is None else f"{found.value:.0%} of {found.decided}"
        flags, on = raised.get(rule.pk, 0), "yes" if rule.enabled else "no"
        table.add_row(rule.name, on, rule.purpose, str(flags), right, rule.title)
    Console().print(table)


@rules_command.command()
def show(name: Name) -> None:
    """Print a rule: what it asks for, and its other settings."""
    rule = _rule(name)
    typer.echo(f"{rule.title} ({rule.name}, version {rule.version}, {'on' if rule.enabled else 'off'})")
    typer.echo(rule.description)
    urgent = ", urgent: also in quiet hours" if rule.urgent else ""
    typer.echo(f"For {rule.purpose}; again after {rule.cooldown_seconds:,} s at the earliest{urgent}.")
    typer.echo(json.dumps(rule.condition, indent=2, ensure_ascii=False))


@rules_command.command()
def enable(name: Name) -> None:
    """Switch a rule on: from the next message it raises flags."""
    rule = _rule(name)
    from unspoken.flags.actions import enable_rule
    from unspoken.kit.clock import now

    enable_rule(rule, now=now())
    typer.echo(f"{name} is on: from the next message it raises flags.")


@rules_command.command()
def disable(name: Name) -> None:
    """Switch a rule off: it raises no more flags, and those it raised stay."""
    rule = _rule(name)
    from unspoken.flags.actions import disable_rule
    from unspoken.kit.clock import now

    disable_rule(rule, now=now())
    typer.echo(f"{name} is off: it raises no more flags.")


@rules_command.command()
def backtest(
    name: Name,
    days: Annotated[float, typer.Option(min=0.01, help="How many days to look back")] = 90,
    shown: Annotated[int, typer.Option(min=0, help="How many flags to list")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print every flag as JSON, one a line")] = False,
) -> None:
    """Print which flags a rule would have raised over past days; changes nothing and calls no model."""
    rule = _rule(name)
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn

    from unspoken.flags import backtest as past
    from unspoken.kit.clock import now

    with Progress(SpinnerColumn(), TextColumn("{task.completed:,.0f} messages"), console=Console(stderr=True),
                  transient=True) as bar:  # fmt: skip
        task = bar.add_task("", total=None)
        try:
            found = past.backtest(rule, days=days, now=now(), progress=lambda done: bar.update(task, completed=done))
        except ValueError as error:
            raise typer.BadParameter(str(error)) from error
    if as_json:
        if found.caveat:
            typer.echo(found.caveat, err=True)
        for line in _as_json(found):
            typer.echo(line)
    else:
        _print(rule, found, shown)


def _rule(name: str) -> "Rule":
    start_django()
    from unspoken.flags.models import Rule

    rule = Rule.objects.filter(name=name).first()
    if rule is None:
        known = ", ".join(Rule.objects.order_by("name").values_list("name", flat=True)) or "none yet"
        raise typer.BadParameter(f"There is no rule {name!r}. The rules are: {known}.")
    return rule


def _print(rule: "Rule", found: "Backtest", shown: int) -> None:
    from unspoken.flags.models import Held

    flags = len(found.flags)
    typer.echo(f"{rule.title} ({rule.name}, version {rule.version}, {'on' if rule.enabled else 'off'})")
    if found.caveat:
        typer.echo(found.caveat)
    if found.blind:
        return
    voices = f", {found.calls:,} calls whose voice was read" if found.calls else ""
    typer.echo(
        f"{flags:,} flags on {found.flagged_share:.1%} of {found.conversations:,} conversations"
        f" ({found.messages:,} messages{voices}) in {found.days:g} days: {flags / found.days:.1f} a day,"
        f" at most {max(found.per_day.values(), default=0)} in one."
    )
    held = [(found.held(Held.BUDGET), "the alert budget"), (found.held(Held.QUIET), "quiet hours")]
    typer.echo("Of these, " + " and ".join(f"{count:,} held by {why}" for count, why in held) + ".")
    for flag in found.flags[-shown:] if shown else ():
        typer.echo(f"\n{flag.at:%Y-%m-%d %H:%M} {flag.conversation_id} {flag.message_id}")
        for reason in flag.reasons:
            typer.echo(f"  {reason}")
    if flags > shown > 0:
        typer.echo(f"\nThe newest {shown} are listed; --shown or --json gives more.")


def _as_json(found: "Backtest") -> Iterable[str]:
    for flag in found.flags:
        line: dict[str, Any] = {
            "at": flag.at.isoformat(), "conversation": flag.conversation_id, "message": flag.message_id,
            "contact": flag.contact_id, "held": flag.held.value, "reasons": flag.reasons,
            "otherwise": flag.counterfactual,
        }  # fmt: skip
        yield json.dumps(line, ensure_ascii=False)
