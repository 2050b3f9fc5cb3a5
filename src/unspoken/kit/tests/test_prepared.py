"""Prepared queries find what the plain ones find."""

from datetime import UTC, datetime, timedelta

from unspoken.kit.prepared import Given, Prepared
from unspoken.people.models import Contact

NOW = datetime(2026, 11, 23, 9, 30, 15, 123456, tzinfo=UTC)

_NAMED = Prepared(lambda: Contact.objects.filter(name__among=Given("names")).order_by("name"))
_SINCE = Prepared(
    lambda: (
        Contact.objects.filter(title=Given("title"), created_at__gte=Given("since"), merged_into=None)
        .order_by("name")
        .values_list("name", "attributes", "created_at", "last_seen_at")
    )
)


def people() -> None:
    for place, name in enumerate(["Ada", "Ben", "Cleo % ' \" ☕"]):
        made = Contact.objects.create(name=name, title="Dr", attributes={"n": place}, created_at=NOW)
        Contact.objects.filter(pk=made.pk).update(created_at=NOW + timedelta(days=place))


def test_finds_the_same_models_for_any_number_of_keys(db: None) -> None:
    people()
    for names in ([], ["Ada"], ["Ada", "nobody", "Cleo % ' \" ☕"], {"Ben", "Ada"}):
        found = _NAMED(names=names)
        assert found == list(Contact.objects.filter(name__in=names).order_by("name"))
        assert [one.attributes for one in found] == [one.attributes for one in Contact.objects.filter(name__in=names)]
        assert all(not one._state.adding and one.created_at.tzinfo for one in found)


def test_takes_texts_and_moments_and_gives_tuples(db: None) -> None:
    people()
    rows = _SINCE(title="Dr", since=NOW + timedelta(days=1))
    assert rows == [("Ben", {"n": 1}, NOW + timedelta(days=1), None),
                    ("Cleo % ' \" ☕", {"n": 2}, NOW + timedelta(days=2), None)]  # fmt: skip
    assert _SINCE(title="Mx", since=NOW) == []
