"""Describing contacts, their handles, purchases and visits; and what each refuses."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from unspoken.conversations.tests.talk import conversation
from unspoken.journal.models import Entry
from unspoken.people.actions import (
    add_identity,
    add_note,
    create_contact,
    create_organisation,
    merge_contacts,
    record_order,
    record_return,
    record_visit,
    remove_identity,
    set_owner,
    tag,
    untag,
    update_contact,
)
from unspoken.people.models import Contact, Identity, IdentityKind, Note, Order, Organisation, Return, Tag, Visit
from unspoken.staff.permissions import NotAllowed
from unspoken.staff.tests.cast import MORNING, Members, members

from .cast import EARLIER, Contacts, contacts

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Members:
    return members()


@pytest.fixture
def people() -> Contacts:
    return contacts()


def stored(contact: Contact) -> dict[str, Any]:
    return Contact.objects.values().get(pk=contact.pk)


def changes(contact: Contact) -> list[str]:
    """Return what was recorded of a contact since the beginning of the test's own actions."""
    entries = Entry.objects.filter(kind="contact.changed", contact_id=contact.pk, at=MORNING).order_by("id")
    return [entry.data["what"] for entry in entries]


def test_a_contact_is_made_with_what_is_known(cast: Members) -> None:
    zoe = create_contact(
        name=" Zoë Ng ", title="Owner", organisation=" Ng & Co ", city="Kent", country="GB", language="en",
        attributes={"cups": 3}, preferences={"contact": "phone"}, owner=cast.ben, by=cast.lea, now=MORNING,
    )  # fmt: skip
    row = stored(zoe)
    assert (row["name"], row["attributes"], row["preferences"]) == ("Zoë Ng", {"cups": 3}, {"contact": "phone"})
    assert (row["owner_id"], row["created_at"], row["last_seen_at"]) == (cast.ben.pk, MORNING, None)
    assert row["search"] == zoe.search == " zoe ng ng & co"
    assert Organisation.objects.get().name == "Ng & Co"
    assert zoe.preference_changes.values_list("name", "value", "at").get() == ("contact", "phone", MORNING)
    assert changes(zoe) == ["created"]


def test_one_organisation_is_made_once(people: Contacts) -> None:
    update_contact(people.noor, organisation="Café Lumen", now=MORNING)
    assert Organisation.objects.count() == 1
    update_contact(people.noor, organisation="", now=MORNING)
    assert stored(people.noor)["organisation_id"] is None
    with pytest.raises(ValidationError, match="already"):
        create_organisation(" Café Lumen ", now=MORNING)


def test_a_change_is_recorded_by_what_it_was(cast: Members, people: Contacts) -> None:
    update_contact(people.noor, name="Noor H.", city="Bath", preferences={"tea": True}, by=cast.ben, now=MORNING)
    assert changes(people.noor) == ["attributes", "name", "preferences"]
    update_contact(people.noor, name="Noor H.", city="Bath", by=cast.ben, now=MORNING)
    assert len(changes(people.noor)) == 3


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"name": "x" * 201}, "name"), ({"city": "a\x00b"}, "city"), ({"name": "\ud83d"}, "name"),
     ({"attributes": {"a": ["\x00"]}}, "attributes"), ({"country": "GBR"}, "country")],
)  # fmt: skip
def test_what_cannot_be_stored_is_refused_by_field(people: Contacts, fields: Any, field: str) -> None:
    before, count = stored(people.noor), Contact.objects.count()
    with pytest.raises(ValidationError) as refused:
        update_contact(people.noor, **fields, now=MORNING)
    assert list(refused.value.message_dict) == [field]
    with pytest.raises(ValidationError):
        create_contact(**fields, now=MORNING)
    assert (stored(people.noor), Contact.objects.count()) == (before, count)


def test_a_handle_is_spelled_one_way_and_belongs_to_one(cast: Members, people: Contacts) -> None:
    identity = add_identity(
        people.noor, kind=IdentityKind.EMAIL, handle=" Noor@Work.example ", by=cast.ben, now=MORNING
    )
    again = add_identity(people.noor, kind=IdentityKind.EMAIL, handle="noor@work.EXAMPLE", by=cast.ben, now=MORNING)
    assert (again.pk, identity.handle) == (identity.pk, "noor@work.example")
    with pytest.raises(ValidationError, match="Merge the two if they are one person"):
        add_identity(people.otto, kind=IdentityKind.EMAIL, handle="noor@work.example", by=cast.ben, now=MORNING)
    with pytest.raises(ValidationError, match="no e-mail handle"):
        add_identity(people.otto, kind=IdentityKind.EMAIL, handle="nobody", by=cast.ben, now=MORNING)
    assert people.otto.identities.count() == 1
    remove_identity(identity, by=cast.ben, now=MORNING)
    assert not Identity.objects.filter(handle="noor@work.example").exists()
    assert changes(people.noor) == ["identities", "identities"]


def test_tags_come_and_go(people: Contacts) -> None:
    for name in ("vip", " vip "):
        tag(people.noor, name=name, now=MORNING)
    assert [tag.name for tag in people.noor.tags.all()] == ["vip"]
    untag(people.noor, name="vip", now=MORNING)
    untag(people.noor, name="vip", now=MORNING)
    assert people.noor.tags.count() == 0
    assert changes(people.noor) == ["tags", "tags"]
    for name in (" ", "x" * 61):
        with pytest.raises(ValidationError):
            tag(people.noor, name=name, now=MORNING)
    assert Tag.objects.count() == 1


def test_an_owner_is_somebody_who_looks_after_contacts(cast: Members, people: Contacts) -> None:
    set_owner(people.noor, owner=cast.ben, now=MORNING)
    with pytest.raises(ValidationError, match="may not look after contacts"):
        set_owner(people.noor, owner=cast.ana, now=MORNING)
    assert stored(people.noor)["owner_id"] == cast.ben.pk
    set_owner(people.noor, owner=None, now=MORNING)
    assert stored(people.noor)["owner_id"] is None
    assert changes(people.noor) == ["owner", "owner"]


def test_purchases_returns_and_visits_move_when_one_was_last_seen(people: Contacts) -> None:
    line = {"product": "Kettle", "quantity": 1, "price": "39.90"}
    order = record_order(
        people.noor,
        number=" HR-1 ",
        lines=[line],
        total=Decimal("39.90"),
        status="paid",
        placed_at=EARLIER,
        now=MORNING,
    )
    assert stored(people.noor)["last_seen_at"] == EARLIER
    item = record_return(people.noor, product="Kettle", reason="Leaks", order_number="HR-1", now=MORNING)
    assert (item.order, item.requested_at, stored(people.noor)["last_seen_at"]) == (order, MORNING, MORNING)
    record_visit(people.noor, where="shop", what="kettles", at=EARLIER, now=MORNING)
    assert stored(people.noor)["last_seen_at"] == MORNING
    row = Order.objects.get()
    assert (row.number, row.lines, row.total, row.currency) == ("HR-1", [line], Decimal("39.90"), "GBP")
    assert changes(people.noor) == ["order", "return", "visit"]


def test_an_order_of_the_same_number_is_brought_up_to_date(people: Contacts) -> None:
    record_order(people.noor, number="HR-1", status="paid", placed_at=EARLIER, now=MORNING)
    record_order(people.noor, number="HR-1", status="delivered", now=MORNING)
    assert Order.objects.values_list("status", "placed_at").get() == ("delivered", EARLIER)
    with pytest.raises(ValidationError, match="another contact's"):
        record_order(people.otto, number="HR-1", status="lost", now=MORNING)
    with pytest.raises(ValidationError, match="has no order HR-1"):
        record_return(people.otto, product="Kettle", order_number="HR-1", now=MORNING)
    assert (Order.objects.get().status, Return.objects.count()) == ("delivered", 0)


def test_a_merged_contact_is_not_changed_behind_the_back_of_the_kept(cast: Members, people: Contacts) -> None:
    merge_contacts(people.noor, people.otto, by=cast.ben, now=MORNING)
    with pytest.raises(ValidationError, match="was merged into Noor Haddad"):
        record_visit(people.otto, where="shop", now=MORNING)
    assert Visit.objects.count() == 0


@pytest.mark.parametrize("who", ["cleo", "ana", "pia"])
def test_nobody_changes_whom_they_do_not_see_or_may_not(cast: Members, people: Contacts, who: str) -> None:
    conversation(team=cast.care, contact=people.noor)
    by, identity = getattr(cast, who), people.noor.identities.get()
    before, recorded = stored(people.noor), Entry.objects.count()
    attempts: list[Callable[[], object]] = [
        lambda: update_contact(people.noor, name="X", by=by, now=MORNING),
        lambda: add_identity(people.noor, kind=IdentityKind.CHAT, handle="x", by=by, now=MORNING),
        lambda: remove_identity(identity, by=by, now=MORNING),
        lambda: tag(people.noor, name="x", by=by, now=MORNING),
        lambda: untag(people.noor, name="x", by=by, now=MORNING),
        lambda: set_owner(people.noor, owner=cast.ben, by=by, now=MORNING),
        lambda: add_note(people.noor, text="x", by=by, now=MORNING),
        lambda: record_order(people.noor, number="x", by=by, now=MORNING),
        lambda: record_return(people.noor, product="x", by=by, now=MORNING),
        lambda: record_visit(people.noor, where="x", by=by, now=MORNING),
    ]
    for attempt in attempts:
        with pytest.raises(NotAllowed, match="Nothing was changed"):
            attempt()
    assert (stored(people.noor), Entry.objects.count()) == (before, recorded)
    assert [model.objects.count() for model in (Order, Return, Visit, Note, Tag)] == [0, 0, 0, 0, 0]
    assert Identity.objects.filter(pk=identity.pk).exists()


def test_a_note_is_kept_with_its_author(cast: Members, people: Contacts) -> None:
    note = add_note(people.noor, text=" Rang twice. ", by=cast.ben, now=MORNING)
    assert Note.objects.values_list("text", "author", "created_at").get() == ("Rang twice.", cast.ben.pk, MORNING)
    with pytest.raises(ValidationError):
        add_note(people.noor, text=" ", by=cast.ben, now=MORNING)
    assert list(people.noor.notes.all()) == [note]
