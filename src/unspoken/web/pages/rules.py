"""Rules: what is flagged, how often that was right, and what a change would have done, before it is switched on."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from unspoken.conversations.models import Conversation
from unspoken.conversations.queries import visible_conversations
from unspoken.flags.actions import disable_rule, enable_rule, save_rule
from unspoken.flags.backtest import Backtest, TooWideError, WouldFlag, backtest
from unspoken.flags.conditions import ConditionError, parse
from unspoken.flags.context import FIELDS
from unspoken.flags.models import Rule
from unspoken.flags.purposes import PurposeError
from unspoken.flags.queries import precisions
from unspoken.kit.clock import now
from unspoken.staff.models import Member
from unspoken.staff.permissions import Permission, may, require

from ..door import Request, door, put_problems, say, show, show_part
from ..forms.rules import LeafForm, LeafForms, RuleForm, rows_of, told
from ..showing.conditions import in_lines

DAYS = 90
EXAMPLES = 20


@dataclass(frozen=True, slots=True)
class Tried:
    """A back-test and, of its flags, the newest that the member may see, each with its conversation."""

    result: Backtest
    examples: list[tuple[WouldFlag, Conversation]]
    hidden: int


@door
@require_safe
def rules(request: Request) -> HttpResponse:
    """Show all rules with how often each was right."""
    rows = list(Rule.objects.order_by("-enabled", "title"))
    return show(
        request, "web/rules.html", section="rules", rules=rows, precisions=precisions(row.pk for row in rows),
        may_edit=may(request.user, Permission.EDIT_RULES),
    )  # fmt: skip


@door
@require_safe
def rule(request: Request, name: str) -> HttpResponse:
    """Show one rule in words."""
    found = _find(name)
    return show(
        request, "web/rule.html", section="rules", rule=found, lines=in_lines(parse(found.condition)),
        precisions=precisions([found.pk]), may_edit=may(request.user, Permission.EDIT_RULES), days=DAYS,
    )  # fmt: skip


@door
@require_safe
def tried(request: Request, name: str) -> HttpResponse:
    """Show what a rule would have done over the last 90 days."""
    found = _find(name)
    context = {"rule": found, "may_edit": may(request.user, Permission.EDIT_RULES)} | try_out(found, request.user)
    if request.htmx:
        return show_part(request, "web/parts/backtest.html", **context)
    return show(request, "web/rule_tried.html", section="rules", **context)


@door
@require_POST
def switch(request: Request, name: str) -> HttpResponse:
    """Switch a rule on or off."""
    found, moment = _find(name), now()
    on = request.POST.get("on") == "1"
    (enable_rule if on else disable_rule)(found, by=request.user, now=moment)
    say(request, f"“{found.title}” is {'on: it raises flags from the next message' if on else 'off; its flags stay'}.")
    return redirect("rule", found.name)


@door
@require_http_methods(["GET", "POST"])
def edit(request: Request, name: str = "") -> HttpResponse:
    """Write a rule; `try` shows what it would have done without saving it."""
    require(request.user, Permission.EDIT_RULES)
    found = _find(name) if name else None
    form = RuleForm(request.POST or None, initial=told(found) if found else None)
    rows = LeafForms(request.POST or None, initial=(rows_of(found.condition) or []) if found else None)
    context: dict[str, Any] = {"rule": found, "form": form, "rows": rows, "fields": FIELDS.values()}
    if request.method == "POST" and form.is_valid() and rows.is_valid():
        if found:
            form.cleaned_data["name"] = found.name
        try:
            if "try" not in request.POST:
                return redirect("rule", _save(form, rows, request.user).name)
            context |= try_out(_unsaved(form, rows, found), request.user)
        except ValidationError as problem:
            _explain(form, problem)
    return show(request, "web/rule_form.html", section="rules", **context)


def try_out(rule: Rule, member: Member) -> dict[str, Any]:
    """Return the back-test of a rule for its template, or the reason why there is none."""
    try:
        result = backtest(rule, days=DAYS, now=now())
    except (ConditionError, PurposeError, TooWideError) as problem:
        return {"problem": str(problem)}
    newest = result.flags[::-1][:200]
    seen = visible_conversations(member).select_related("contact").in_bulk([flag.conversation_id for flag in newest])
    examples = [(flag, seen[flag.conversation_id]) for flag in newest if flag.conversation_id in seen]
    hidden = len(newest) - len(examples)
    return {"tried": Tried(result, examples[:EXAMPLES], hidden)}


def _save(form: RuleForm, rows: "forms.BaseFormSet[LeafForm]", by: Member) -> Rule:
    data = form.cleaned_data
    return save_rule(
        data["name"], title=data["title"], purpose=data["purpose"], condition=form.condition_of(rows), now=now(), by=by,
        description=data["description"], cooldown_seconds=60 * data["cooldown_minutes"], urgent=data["urgent"],
    )  # fmt: skip


def _unsaved(form: RuleForm, rows: "forms.BaseFormSet[LeafForm]", found: Rule | None) -> Rule:
    data, moment = form.cleaned_data, now()
    return Rule(
        pk=found.pk if found else None, name=data["name"], title=data["title"], purpose=data["purpose"],
        condition=form.condition_of(rows), cooldown_seconds=60 * data["cooldown_minutes"], urgent=data["urgent"],
        created_at=moment, updated_at=moment,
    )  # fmt: skip


def _explain(form: RuleForm, problem: ValidationError) -> None:
    code = getattr(problem, "code", None)
    if code in {"condition", "purpose"}:
        form.add_error("how" if code == "condition" else code, problem.messages)
    else:
        put_problems(form, problem)


def _find(name: str) -> Rule:
    found = Rule.objects.filter(name=name).first()
    if found is None:
        raise Http404
    return found
