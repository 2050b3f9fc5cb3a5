"""A rule as people write it: rows of field, comparison and value, or the whole condition as JSON."""

import json
from collections.abc import Mapping
from typing import Any

from django import forms

from unspoken.flags.conditions import OPERATORS
from unspoken.flags.context import FIELDS, Field
from unspoken.flags.models import Rule, RulePurpose
from unspoken.kit.outside_json import parsed

SPARE = 3
LISTS = {"in", "not in", "has", "mentions"}
_OPS = tuple(dict.fromkeys(op for ops in OPERATORS.values() for op in ops))
_WORDS = {
    ">=": "at least", ">": "above", "<=": "at most", "<": "below", "==": "is", "!=": "is not", "in": "one of",
    "not in": "none of", "has": "include", "mentions": "mention",
}  # fmt: skip


class LeafForm(forms.Form):
    """One comparison."""

    field = forms.ChoiceField(required=False, choices=[("", "—"), *((one.name, one.words) for one in FIELDS.values())])
    op = forms.ChoiceField(required=False, label="comparison", choices=[(op, _WORDS[op]) for op in _OPS])
    value = forms.CharField(required=False, widget=forms.TextInput(attrs={"autocomplete": "off"}))


LeafForms = forms.formset_factory(LeafForm, extra=SPARE, max_num=64, absolute_max=64)


class RuleForm(forms.Form):
    """What a rule is called, what it is for and when it may speak."""

    title = forms.CharField(max_length=120)
    name = forms.SlugField(max_length=60, help_text="Short and fixed, such as rising-frustration; used by the API.")
    description = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 2}))
    purpose = forms.ChoiceField(
        choices=RulePurpose.choices,
        help_text="Negative emotion may serve help and safety only: never marketing, pricing or the ranking of people.",
    )
    cooldown_minutes = forms.IntegerField(
        min_value=0, max_value=60 * 24 * 90, initial=30, label="Quiet for how many minutes after a flag"
    )
    urgent = forms.BooleanField(required=False, label="Urgent: may interrupt in quiet hours")
    how = forms.ChoiceField(
        label="Condition", widget=forms.RadioSelect, initial="rows",
        choices=[("rows", "As rows"), ("json", "As JSON, for nested conditions")],
    )  # fmt: skip
    join = forms.ChoiceField(label="Rows hold", choices=[("all", "all together"), ("any", "any one of them")])
    condition = forms.CharField(
        required=False, widget=forms.Textarea(attrs={"class": "code", "rows": 12, "spellcheck": "false"})
    )

    def condition_of(self, rows: "forms.BaseFormSet[LeafForm]") -> Any:
        """Return the condition as JSON types; raises ValidationError when it is not even that."""
        if self.cleaned_data["how"] == "json":
            try:
                return parsed(self.cleaned_data["condition"])
            except ValueError as error:
                raise forms.ValidationError({"condition": f"This is no JSON: {error}. Nothing was saved."}) from error
        parts = [_leaf(row.cleaned_data) for row in rows if row.is_valid() and row.cleaned_data.get("field")]
        return {self.cleaned_data["join"]: parts}


def told(rule: Rule) -> dict[str, Any]:
    """Return the form's initial values for a rule that exists."""
    return {
        "title": rule.title, "name": rule.name, "description": rule.description, "purpose": rule.purpose,
        "cooldown_minutes": rule.cooldown_seconds // 60, "urgent": rule.urgent,
        "how": "rows" if rows_of(rule.condition) is not None else "json",
        "join": "any" if "any" in rule.condition else "all",
        "condition": json.dumps(rule.condition, indent=2, ensure_ascii=False),
    }  # fmt: skip


def rows_of(condition: Mapping[str, Any]) -> list[dict[str, str]] | None:
    """Return a flat condition as rows, or None when it is nested."""
    parts = condition.get("all") or condition.get("any") or ([condition] if "field" in condition else None)
    if parts is None or any("field" not in part for part in parts):
        return None
    return [{"field": part["field"], "op": part["op"], "value": _written(part["value"])} for part in parts]


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _leaf(row: Mapping[str, str]) -> dict[str, Any]:
    field, op, value = FIELDS[row["field"]], row["op"], row["value"].strip()
    return {"field": field.name, "op": op, "value": _value(field, op, value)}


def _value(field: Field, op: str, value: str) -> Any:
    """Return what was written as the type that the field wants; what does not fit stays text, to be refused."""
    if field.type == "flag":
        return {"yes": True, "true": True, "no": False, "false": False}.get(value.lower(), value)
    if field.type == "number":
        try:
            return float(value.replace("−", "-").replace(",", "."))
        except ValueError:
            return value
    return [one.strip() for one in value.split(",") if one.strip()] if op in LISTS else value
