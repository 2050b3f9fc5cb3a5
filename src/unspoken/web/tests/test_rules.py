"""Rules: read in words, written as rows or JSON, tried before they are switched on."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from unspoken.flags.models import Flag, Rule

from .scene import Scene

SignIn = Callable[..., Client]
FORM = {
    "title": "Waiting long", "name": "waiting-long", "description": "", "purpose": "service", "cooldown_minutes": "30",
    "how": "rows", "join": "all", "form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "0",
    "form-0-field": "conversation.waiting", "form-0-op": ">=", "form-0-value": "600",
    "form-1-field": "conversation.channel", "form-1-op": "in", "form-1-value": "chat, call",
}  # fmt: skip


def test_a_rule_is_shown_in_words(shop: Scene, as_: SignIn) -> None:
    html = as_(shop.who.ben).get("/rules/rising-frustration").content.decode()
    assert "The direction: worsening" in html and "at least 0.50" in html
    assert "Switch off" not in html


def test_a_back_test_shows_which_conversations_and_hides_those_of_others(shop: Scene, as_: SignIn) -> None:
    address = reverse("rule-tried", args=["rising-frustration"])
    html = as_(shop.who.ben).get(address).content.decode()
    assert "<b>1 flag</b> on 50 % of 2 conversations" in html and "Mina Okafor" in html
    html = as_(shop.who.cleo).get(address).content.decode()
    assert "Mina" not in html and "1 of the newest are on conversations of other teams" in html


def test_a_rule_on_calls_says_what_cannot_be_tried_on_the_past(shop: Scene, as_: SignIn) -> None:
    silence = {"form-0-field": "call.silence", "form-0-op": ">=", "form-0-value": "30", "try": "1"}
    html = as_(shop.who.lea).post("/rules/new", FORM | silence).content.decode()
    assert "This rule cannot be tried on the past, because the silence on the line cannot be told of past calls" in html
    assert "It would have raised" not in html
    html = as_(shop.who.lea).post("/rules/new", FORM | silence | {"join": "any"}).content.decode()
    assert "The silence on the line cannot be told of past calls" in html
    assert "It would have raised" in html


def test_a_rule_is_written_as_rows_and_starts_switched_off(shop: Scene, as_: SignIn) -> None:
    answer = as_(shop.who.lea).post("/rules/new", FORM)
    rule = Rule.objects.get(name="waiting-long")
    assert (answer["Location"], rule.enabled, rule.cooldown_seconds) == ("/rules/waiting-long", False, 1800)
    assert rule.condition == {"all": [
        {"field": "conversation.waiting", "op": ">=", "value": 600.0},
        {"field": "conversation.channel", "op": "in", "value": ["chat", "call"]},
    ]}  # fmt: skip


def test_a_rule_is_tried_without_being_saved(shop: Scene, as_: SignIn) -> None:
    html = as_(shop.who.lea).post("/rules/new", FORM | {"try": "1"}).content.decode()
    assert "Not saved yet: what it would have done" in html and "It would have raised" in html
    assert not Rule.objects.filter(name="waiting-long").exists()
    assert Flag.objects.count() == 1


def test_a_nested_condition_is_edited_as_json(shop: Scene, as_: SignIn) -> None:
    nested = '{"not": {"any": [{"field": "reading.top", "op": "==", "value": "delight"}]}}'
    client = as_(shop.who.lea)
    client.post("/rules/new", FORM | {"how": "json", "condition": nested})
    html = client.get("/rules/waiting-long/edit").content.decode()
    assert "&quot;not&quot;" in html and re.search(r'value="json"[^>]* checked', html)
    assert "none of this" in client.get("/rules/waiting-long").content.decode()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"how": "json", "condition": "{"}, "This is no JSON"),
        ({"how": "json", "condition": '{"field": "x", "op": "==", "value": 1}'}, "is no field"),
        ({"form-0-value": "long"}, "is a number (seconds)"),
        ({"form-0-op": "mentions"}, "cannot be compared by"),
        ({"form-0-field": "", "form-1-field": ""}, "expected a list with at least one condition"),
        ({"purpose": "marketing"}, "may not ask for negative emotion"),
        ({"cooldown_minutes": "-1"}, "greater than or equal to 0"),
        ({"name": "Not A Slug"}, "slug"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_with_the_reason(
    shop: Scene, as_: SignIn, wrong: dict[str, str], said: str
) -> None:
    html = as_(shop.who.lea).post("/rules/new", FORM | wrong).content.decode()
    assert said in html.replace("&#x27;", "'")
    assert not Rule.objects.filter(title="Waiting long").exists()


def test_a_lead_switches_and_an_agent_may_not(shop: Scene, as_: SignIn) -> None:
    address = reverse("rule-switch", args=["rising-frustration"])
    assert as_(shop.who.ben).post(address, {"on": "0"}).status_code == 403
    assert as_(shop.who.ben).get("/rules/new").status_code == 403
    assert Rule.objects.get(name="rising-frustration").enabled
    assert as_(shop.who.lea).post(address, {"on": "0"}).status_code == 302
    assert not Rule.objects.get(name="rising-frustration").enabled


def test_a_condition_nested_too_deeply_is_said_to_be(shop: Scene, as_: SignIn) -> None:
    deep = {"how": "json", "condition": "[" * 100_000 + "]" * 100_000}
    html = as_(shop.who.lea).post("/rules/new", FORM | deep).content.decode()
    assert "This is no JSON: it is nested more than 64 levels deep. Nothing was saved." in html
    assert not Rule.objects.filter(name="waiting-long").exists()
