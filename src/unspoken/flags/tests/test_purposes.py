"""Negative emotion may help its author and serve nothing else, by whatever door a rule comes."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from unspoken.flags.actions import disable_rule, enable_rule, save_rule
from unspoken.flags.conditions import ConditionError, parse
from unspoken.flags.models import Rule
from unspoken.flags.purposes import DENIED, PurposeError, asks_for_negative, check_purpose
from unspoken.flags.tests.stage import FRUSTRATED, is_, rule
from unspoken.journal.models import Entry
from unspoken.staff.permissions import NotAllowed
from unspoken.staff.tests.cast import MORNING, members

DELIGHTED = is_("reading.delight", ">=", 0.7)


@pytest.mark.parametrize(
    "condition",
    [
        FRUSTRATED,
        is_("reading.valence", "<=", 0.5),
        is_("reading.valence", "==", -0.5),
        is_("trajectory.ends_badly", ">", 0.1),
        is_("trajectory.direction", "==", "worsening"),
        is_("trajectory.direction", "!=", "steady"),
        is_("trajectory.direction", "not in", ["steady", "improving"]),
        is_("trajectory.causes", "has", ["waiting"]),
        is_("reading.top", "in", ["delight", "anger"]),
        is_("reading.delight", "<", 0.2),
        is_("service.leaving", ">=", 0.5),
        is_("service.satisfied", "<", 0.5),
        is_("message.stars", "<=", 2),
        is_("conversation.waiting", ">=", 600),
        {"not": is_("reading.valence", ">=", 0)},
        {"not": {"not": FRUSTRATED}},
        {"any": [DELIGHTED, {"all": [DELIGHTED, FRUSTRATED]}]},
        {"not": {"any": [is_("contact.value", "<", 100), is_("reading.frustration", "<", 0.5)]}},
    ],
)
@pytest.mark.parametrize("purpose", ["marketing", "gratitude"])
def test_what_asks_for_something_bad_may_not_sell(condition: dict[str, Any], purpose: str) -> None:
    parsed = parse(condition)
    assert asks_for_negative(parsed)
    with pytest.raises(PurposeError, match=f"A rule for {purpose} may not ask for negative emotion"):
        check_purpose(purpose, parsed)
    check_purpose("service", parsed)
    check_purpose("safety", parsed)


@pytest.mark.parametrize(
    "condition",
    [
        DELIGHTED,
        is_("reading.frustration", "<", 0.1),
        {"not": FRUSTRATED},
        is_("reading.valence", ">=", 0.2),
        is_("trajectory.direction", "!=", "worsening"),
        {"not": is_("reading.top", "in", ["anger", "frustration", "disappointment", "confusion", "worry", "sadness"])},
        {"all": [is_("contact.value", ">=", 500), is_("message.stars", ">=", 4)]},
        is_("reading.arousal", "<=", 0.5),
    ],
)
def test_what_asks_for_its_absence_may(condition: dict[str, Any]) -> None:
    parsed = parse(condition)
    assert asks_for_negative(parsed) == []
    check_purpose("marketing", parsed)


@pytest.mark.parametrize("purpose", [*DENIED, "fun"])
def test_there_are_no_rules_for_pricing_ranking_and_their_kin(purpose: str) -> None:
    with pytest.raises(PurposeError) as refused:
        check_purpose(purpose, parse(DELIGHTED))
    why = DENIED.get(purpose, "it is not one of the purposes that a rule can have")
    assert str(refused.value) == (
        f"A rule may not be for '{purpose}': {why}. Nothing was saved."
        " Choose one of: service, safety, gratitude, marketing."
    )


@pytest.mark.django_db
class TestSaving:
    def save(self, **fields: Any) -> Rule:
        values = {"title": "Frustrated", "purpose": "service", "condition": FRUSTRATED, "now": MORNING} | fields
        return save_rule("frustrated", **values)

    def test_a_refused_rule_leaves_nothing_behind(self) -> None:
        with pytest.raises(ValidationError) as refused:
            self.save(purpose="marketing")
        assert refused.value.code == "purpose"
        with pytest.raises(ValidationError) as malformed:
            self.save(condition={"field": "mood"})
        assert malformed.value.code == "condition"
        assert (Rule.objects.count(), Entry.objects.count()) == (0, 0)

    def test_a_saved_rule_cannot_be_turned_to_marketing_by_any_door(self) -> None:
        saved = self.save()
        assert saved.asks_for_negative
        with pytest.raises(ValidationError):
            self.save(purpose="marketing")
        saved.purpose = "marketing"
        with pytest.raises(PurposeError):
            saved.save()
        with pytest.raises(PurposeError):
            saved.save(update_fields=["purpose"])
        with pytest.raises(TypeError, match="use save_rule"):
            Rule.objects.update(purpose="marketing")
        with pytest.raises(TypeError, match="use save_rule"):
            Rule.objects.filter(pk=saved.pk).bulk_update([saved], ["purpose"])
        new = Rule(
            name="b", title="b", purpose="marketing", condition=FRUSTRATED, created_at=MORNING, updated_at=MORNING
        )
        with pytest.raises(PurposeError):
            Rule.objects.bulk_create([new])
        assert list(Rule.objects.values_list("name", "purpose", "version")) == [("frustrated", "service", 1)]

    def test_the_database_itself_refuses_it(self) -> None:
        self.save()
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE flags_rule SET purpose = 'marketing'")
        assert Rule.objects.get().purpose == "service"

    def test_a_malformed_condition_is_refused_by_the_table_too(self) -> None:
        with pytest.raises(ConditionError):
            Rule.objects.create(name="b", title="b", condition={"x": 1}, created_at=MORNING, updated_at=MORNING)
        assert Rule.objects.count() == 0

    def test_saving_again_makes_a_version_only_when_what_it_asks_changes(self) -> None:
        self.save()
        assert self.save().version == 1
        assert Entry.objects.count() == 1
        assert self.save(title="Annoyed").version == 1
        assert self.save(title="Annoyed", condition=is_("reading.frustration", ">=", 0.6)).version == 2
        saved = Rule.objects.get()
        assert (saved.title, saved.version, saved.enabled) == ("Annoyed", 2, False)
        assert list(Entry.objects.values_list("kind", "data__what")) == [
            ("rule.changed", "made"), ("rule.changed", "changed"), ("rule.changed", "changed"),
        ]  # fmt: skip

    def test_only_owner_and_lead_may_change_rules(self) -> None:
        cast = members()
        entries = Entry.objects.count()
        for member in (cast.ben, cast.ana, cast.pia):
            with pytest.raises(NotAllowed, match=f"{member.name} may not edit rules"):
                self.save(by=member)
        assert (Rule.objects.count(), Entry.objects.count()) == (0, entries)
        assert self.save(by=cast.lea).created_by == cast.lea

    def test_switching_is_recorded_once(self) -> None:
        saved = rule()
        assert saved.enabled
        assert enable_rule(saved, now=MORNING).enabled
        assert not disable_rule(saved, now=MORNING).enabled
        assert list(Entry.objects.order_by("id").values_list("data__what", flat=True)) == [
            "made",
            "enabled",
            "disabled",
        ]
