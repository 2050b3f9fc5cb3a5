"""Two contacts become one, and two again, to the row."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from unspoken.conversations.tests.talk import conversation, customer_says
from unspoken.flags.models import Flag, Rule
from unspoken.journal.models import Entry
from unspoken.people.actions import (
    add_note,
    merge_contacts,
    record_order,
    record_return,
    record_visit,
    tag,
    unmerge,
    update_contact,
)
from unspoken.people.models import Contact, Merge
from unspoken.people.queries import contact_for, find_contacts, merges_of, surviving
from unspoken.people.tests.cast import Contacts, contacts
from unspoken.privacy.models import ConsentDecision
from unspoken.readings.models import ContactBaseline, ContactState, StoredReading, ToneReading, VoiceBaseline
from unspoken.staff.permissions import NotAllowed
from unspoken.staff.tests.cast import MORNING, Members, members

pytestmark = pytest.mark.django_db
LATER = MORNING + timedelta(hours=1)
LEAKS = {"field": "trajectory.direction", "op": "==", "value": "worsening"}


@pytest.fixture
def cast() -> Members:
    return members()


@pytest.fixture
def people() -> Contacts:
    return contacts()


def a_life(contact: Contact, cast: Members) -> None:
    """Give a contact one row of everything that belongs to one."""
    record_order(contact, number=f"O-{contact.name}", now=MORNING)
    record_return(contact, product="Kettle", order_number=f"O-{contact.name}", now=MORNING)
    record_visit(contact, where="website", now=MORNING)
    add_note(contact, text="Prefers tea.", by=cast.ben, now=MORNING)
    update_contact(contact, preferences={"contact": "phone"}, now=MORNING)
    ConsentDecision.objects.create(
        contact=contact, modality="text", purpose="service", decision="given", decided_at=MORNING, recorded_at=MORNING
    )  # fmt: skip
    chat = conversation(team=cast.care, contact=contact)
    message = customer_says(chat, "It leaks again.", at=MORNING)
    StoredReading.objects.create(
        message=message, conversation=chat, contact=contact, model="m", model_version="1", valence=-0.5, arousal=0.5,
        confidence=0.9, area="product", occurred_at=MORNING, created_at=MORNING,
    )  # fmt: skip
    rule, _ = Rule.objects.get_or_create(
        name="leaks", defaults={"title": "Leaks", "condition": LEAKS, "created_at": MORNING, "updated_at": MORNING}
    )
    Flag.objects.create(
        rule=rule, rule_version=1, conversation=chat, message=message, contact=contact, raised_at=MORNING
    )
    ContactState.objects.create(contact=contact, area="product", updated_at=MORNING)
    ContactBaseline.objects.create(contact=contact)
    ToneReading.objects.create(
        conversation=chat, contact=contact, consent_id=1, model="voice", model_version="1", begins=0, ends=3,
        created_at=MORNING,
    )  # fmt: skip
    VoiceBaseline.objects.create(
        contact=contact, consent_id=1, model="voice 1", arousal=0.1, stress=-0.2, seconds=9, updated_at=MORNING
    )


def rows_of(contact: Contact) -> dict[str, list[Any]]:
    """Return the ids of every row that points to a contact, by relation."""
    found = {}
    for relation in Contact._meta.related_objects:
        if relation.related_model not in {Contact, Merge}:
            rows = relation.related_model._base_manager.filter(**{relation.field.name: contact})
            found[f"{relation.related_model._meta.label}.{relation.field.name}"] = sorted(
                rows.values_list("pk", flat=True)
            )
    return found


def everything() -> dict[str, Any]:
    """Return all contacts with their tags, and every row that points to one."""
    return {
        contact.pk: (
            Contact.objects.values().get(pk=contact.pk), set(contact.tags.values_list("name", flat=True)),
            rows_of(contact),
        )
        for contact in Contact.objects.all()
    }  # fmt: skip


def test_every_row_of_the_absorbed_contact_moves(cast: Members, people: Contacts) -> None:
    a_life(people.otto, cast)
    before = rows_of(people.otto)
    merge_contacts(people.noor, people.otto, by=cast.ben, now=LATER)
    after = rows_of(people.noor)
    one_to_one = "readings.ContactBaseline.contact"
    for relation, ids in before.items():
        if relation == one_to_one:
            assert rows_of(people.otto)[relation] == ids
        else:
            assert ids and set(ids) <= set(after[relation]), relation
            assert rows_of(people.otto)[relation] == [], relation


def test_undoing_a_merge_brings_back_exactly_what_moved(cast: Members, people: Contacts) -> None:
    for contact in (people.noor, people.otto):
        a_life(contact, cast)
    tag(people.noor, name="vip", now=MORNING)
    tag(people.otto, name="vip", now=MORNING)
    tag(people.otto, name="wholesale", now=MORNING)
    update_contact(people.otto, title="Baker", city="Ghent", attributes={"shop": "North"}, now=MORNING)
    before = everything()
    merge = merge_contacts(people.noor, people.otto, by=cast.ben, now=LATER)
    people.noor.refresh_from_db()
    assert (people.noor.title, people.noor.city, people.noor.attributes) == ("Baker", "Ghent", {"shop": "North"})
    assert {tag.name for tag in people.noor.tags.all()} == {"vip", "wholesale"}
    unmerge(merge, by=cast.ben, now=LATER)
    assert everything() == before


def test_what_came_since_the_merge_stays(cast: Members, people: Contacts) -> None:
    a_life(people.otto, cast)
    merge = merge_contacts(people.noor, people.otto, by=cast.ben, now=LATER)
    new = record_order(people.noor, number="O-new", now=LATER)
    update_contact(people.noor, city="Leeds", attributes={"cups": 3}, now=LATER)
    unmerge(merge, by=cast.ben, now=LATER)
    assert list(people.noor.orders.all()) == [new]
    people.noor.refresh_from_db()
    assert (people.noor.city, people.noor.attributes) == ("Leeds", {"cups": 3})


def test_a_state_that_both_have_stays_with_each(cast: Members, people: Contacts) -> None:
    a_life(people.noor, cast)
    a_life(people.otto, cast)
    ContactState.objects.create(contact=people.otto, area="public", updated_at=MORNING)
    merge_contacts(people.noor, people.otto, by=cast.ben, now=LATER)
    assert set(people.noor.states.values_list("area", flat=True)) == {"product", "public"}
    assert set(people.otto.states.values_list("area", flat=True)) == {"product"}


def test_merging_is_recorded_and_the_absorbed_is_found_as_the_kept(cast: Members, people: Contacts) -> None:
    merge = merge_contacts(people.noor, people.otto, by=cast.ben, now=LATER)
    entry = Entry.objects.get(kind="contact.merged")
    assert (entry.contact_id, entry.actor) == (people.noor.pk, cast.ben.pk)
    assert entry.data == {"absorbed_id": people.otto.pk, "merge_id": merge.pk}
    assert contact_for(cast.ben, people.otto.pk) == people.noor
    assert find_contacts(cast.ben, "otto@example") == [people.noor]
    assert list(merges_of(people.noor)) == [merge]
    unmerge(merge, by=cast.ben, now=LATER)
    assert find_contacts(cast.ben, "otto@example") == [people.otto]
    assert Entry.objects.get(kind="contact.unmerged").data == {"absorbed_id": people.otto.pk, "merge_id": merge.pk}
    assert list(merges_of(people.noor)) == []


def test_merges_in_a_chain_are_undone_from_the_last(cast: Members, people: Contacts) -> None:
    for contact in (people.mina, people.noor, people.otto):
        a_life(contact, cast)
    before = everything()
    first = merge_contacts(people.noor, people.otto, by=cast.ben, now=LATER)
    between = everything()
    second = merge_contacts(people.mina, people.noor, by=cast.ben, now=LATER)
    assert surviving(people.otto.pk) == people.mina.pk
    assert people.mina.orders.count() == 3
    during = everything()
    with pytest.raises(ValidationError, match="undo the merge first"):
        unmerge(first, by=cast.ben, now=LATER)
    assert everything() == during
    unmerge(second, by=cast.ben, now=LATER)
    assert everything() == between
    unmerge(first, by=cast.ben, now=LATER)
    assert everything() == before


def test_two_merges_into_one_contact_are_undone_in_any_order(cast: Members, people: Contacts) -> None:
    for contact in (people.mina, people.noor, people.otto):
        a_life(contact, cast)
    before = everything()
    first = merge_contacts(people.mina, people.noor, by=cast.ben, now=LATER)
    second = merge_contacts(people.mina, people.otto, by=cast.ben, now=LATER)
    unmerge(first, by=cast.ben, now=LATER)
    unmerge(second, by=cast.ben, now=LATER)
    assert everything() == before


def test_a_merge_is_undone_once(cast: Members, people: Contacts) -> None:
    merge = merge_contacts(people.noor, people.otto, by=cast.ben, now=LATER)
    unmerge(merge, by=cast.ben, now=LATER)
    with pytest.raises(ValidationError, match="undone already"):
        unmerge(merge, by=cast.ben, now=LATER)
    assert Entry.objects.filter(kind="contact.unmerged").count() == 1


def test_a_contact_cannot_be_merged_with_itself_or_twice(cast: Members, people: Contacts) -> None:
    merge_contacts(people.noor, people.otto, by=cast.ben, now=LATER)
    before = everything()
    for kept, absorbed, why in [
        (people.noor, people.noor, "with itself"),
        (people.noor, people.otto, "was merged into Noor"),
        (people.mina, people.otto, "was merged into Noor"),
        (people.otto, people.mina, "was merged into Noor"),
        (people.otto, people.noor, "was merged into Noor"),
    ]:
        with pytest.raises(ValidationError, match=why):
            merge_contacts(kept, absorbed, by=cast.ben, now=LATER)
    assert everything() == before
    assert Merge.objects.count() == 1


@pytest.mark.parametrize("who", ["cleo", "ana", "pia"])
def test_nobody_merges_whom_they_do_not_see_or_may_not_change(cast: Members, people: Contacts, who: str) -> None:
    a_life(people.otto, cast)
    before = everything()
    with pytest.raises(NotAllowed, match="Nothing was changed"):
        merge_contacts(people.noor, people.otto, by=getattr(cast, who), now=LATER)
    assert everything() == before
    assert not Entry.objects.filter(kind="contact.merged").exists()
