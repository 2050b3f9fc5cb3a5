"""`unspoken rules` in the terminal."""

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from unspoken.commands import rules as command
from unspoken.flags.defaults import install_default_rules
from unspoken.flags.models import Flag, Rule
from unspoken.flags.tests.stage import FRUSTRATED, Stage, frustrated, rule
from unspoken.kit import clock
from unspoken.people.models import Contact
from unspoken.staff.tests.cast import MORNING, members

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: MORNING.replace(hour=12))
    monkeypatch.setattr(command, "start_django", lambda: None)


def run(*arguments: str) -> Any:
    return CliRunner().invoke(command.rules_command, list(arguments), env={"COLUMNS": "200"})


def test_lists_what_is_there_and_how_right_it_was() -> None:
    install_default_rules(MORNING)
    shown = run("list").output
    assert [line.split("│")[1].strip() for line in shown.splitlines() if "service" in line or "gratitude" in line] == [
        *Rule.objects.order_by("name").values_list("name", flat=True)
    ]


def test_shows_what_a_rule_asks_for() -> None:
    rule()
    shown = run("show", "frustrated").output
    assert shown.startswith("frustrated (frustrated, version 1, on)\n")
    assert json.loads(shown[shown.index("{") :]) == FRUSTRATED


def test_switches_a_rule() -> None:
    rule()
    assert run("disable", "frustrated").output == "frustrated is off: it raises no more flags.\n"
    assert not Rule.objects.get().enabled
    assert run("enable", "frustrated").output == "frustrated is on: from the next message it raises flags.\n"
    assert Rule.objects.get().enabled


def test_tells_what_a_rule_would_have_done_without_doing_it() -> None:
    made = rule()
    care = members().care
    for number in range(3):
        person = Contact.objects.create(name=f"P{number}", created_at=MORNING)
        Stage(person, care).says(at=MORNING.replace(minute=number), read=frustrated())
    Flag.objects.all().delete()
    shown = run("backtest", "frustrated", "--days", "2", "--shown", "1").output
    assert "3 flags on 100.0% of 3 conversations (3 messages) in 2 days: 1.5 a day, at most 3 in one." in shown
    assert "Of these, 0 held by the alert budget and 0 held by quiet hours." in shown
    assert shown.count("Expressed frustration was 0.80 (at least 0.50)") == 1
    lines = [json.loads(line) for line in run("backtest", "frustrated", "--days", "2", "--json").stdout.splitlines()]
    assert [line["at"] for line in lines] == [MORNING.replace(minute=number).isoformat() for number in range(3)]
    assert lines[0]["otherwise"] == ["Had expressed frustration been below 0.50 (it was 0.80)."]
    assert (Flag.objects.count(), Rule.objects.get()) == (0, made)


def test_a_rule_that_cannot_be_tried_on_the_past_says_so_and_gives_no_count() -> None:
    rule("silent", {"field": "call.silence", "op": ">=", "value": 30})
    shown = run("backtest", "silent", "--days", "2")
    assert "This rule cannot be tried on the past, because the silence on the line cannot be told" in shown.output
    assert "flags on" not in shown.output
    told = run("backtest", "silent", "--days", "2", "--json")
    assert (told.stdout, "This rule cannot be tried on the past" in told.stderr) == ("", True)


def test_an_unknown_name_is_answered_with_the_names_there_are() -> None:
    rule()
    refused = run("show", "frustrating")
    assert refused.exit_code == 2
    assert "There is no rule 'frustrating'. The rules are: frustrated." in " ".join(
        refused.output.replace("│", "").split()
    )
