"""Finding contacts as one types, and never one that a member may not see."""

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from unspoken.conversations.tests.talk import conversation
from unspoken.people.actions import (
    add_identity,
    create_contact,
    record_order,
    record_visit,
    remove_identity,
    set_owner,
    tag,
    update_contact,
    update_organisation,
)
from unspoken.people.actions.resolve import Known, resolve_contacts
from unspoken.people.models import Contact, IdentityKind, Organisation
from unspoken.people.queries import contact_for, contacts_page, find_contacts, visible_contacts
from unspoken.people.search import folded, refresh_search, search_line, words_of
from unspoken.staff.actions import deactivate
from unspoken.staff.tests.cast import MORNING, Members, members

from .cast import EARLIER, Contacts, contacts


@pytest.fixture
def cast() -> Members:
    return members()


@pytest.fixture
def people() -> Contacts:
    return contacts()


def test_text_is_folded_to_what_is_typed() -> None:
    assert folded("  Café  LUMEN Straße ") == "cafe lumen strasse"
    assert search_line(["Zoë Ng", "", "+447700900101"]) == " zoe ng 447700900101"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("Mina oka", ["mina", "oka"]),
        ("+44 7700 900101", ["447700900101"]),
        ("(07700) 900-101", ["7700900101"]),
        ("12", ["12"]),
        ("HR-09947", ["hr-09947"]),
        ("0000", ["0"]),
        ("  ", []),
    ],
)
def test_what_is_typed_becomes_words(typed: str, words: list[str]) -> None:
    assert words_of(typed) == words


@pytest.mark.django_db
@pytest.mark.parametrize(
    "typed",
    ["mina", "Oka", "okafor mina", "cafe lum", "mina@lumen", "lumen.example", "07700 900", "+44 7700 900101", "mina.ok",
     "HR-00", "77009"],
)  # fmt: skip
def test_a_contact_is_found_by_everything_that_names_them(cast: Members, people: Contacts, typed: str) -> None:
    record_order(people.mina, number="HR-0042", now=MORNING)
    assert find_contacts(cast.ben, typed) == [people.mina]


@pytest.mark.django_db
def test_every_word_must_be_found(cast: Members, people: Contacts) -> None:
    assert find_contacts(cast.ben, "mina haddad") == []
    assert find_contacts(cast.ben, "100%") == []
    assert find_contacts(cast.ben, "_") == []


@pytest.mark.django_db
def test_beginnings_of_words_come_first_then_who_was_seen_last(cast: Members, people: Contacts) -> None:
    inside = create_contact(name="Gunnar Inno", now=MORNING)
    begins = create_contact(name="Nora Lind", now=EARLIER)
    record_visit(inside, where="shop", now=MORNING)
    record_visit(people.noor, where="shop", now=EARLIER)
    assert find_contacts(cast.ben, "no") == [people.noor, begins, inside]
    assert find_contacts(cast.ben, "no", limit=1) == [people.noor]
    Contact.objects.exclude(pk=inside.pk).update(created_at=EARLIER - timedelta(days=1))
    assert find_contacts(cast.ben, "", limit=3) == [inside, people.noor, begins]


@pytest.mark.django_db
def test_what_is_found_keeps_up_with_every_change(cast: Members, people: Contacts) -> None:
    update_contact(people.noor, name="Noor Saleh", now=MORNING)
    assert (find_contacts(cast.ben, "saleh"), find_contacts(cast.ben, "haddad")) == ([people.noor], [])
    handle = add_identity(people.noor, kind=IdentityKind.SOCIAL, handle="@NoorBakes", now=MORNING)
    assert find_contacts(cast.ben, "noorb") == [people.noor]
    remove_identity(handle, now=MORNING)
    assert find_contacts(cast.ben, "noorb") == []
    update_organisation(Organisation.objects.get(), name="Lumen Group", domain="", now=MORNING)
    assert (find_contacts(cast.ben, "lumen group"), find_contacts(cast.ben, "cafe")) == ([people.mina], [])
    add_identity(people.otto, kind=IdentityKind.EXTERNAL, handle="shop:8891", now=MORNING)
    assert find_contacts(cast.ben, "8891") == [people.otto]
    before = list(Contact.objects.order_by("pk").values_list("search", flat=True))
    refresh_search(list(Contact.objects.values_list("pk", flat=True)))
    assert list(Contact.objects.order_by("pk").values_list("search", flat=True)) == before


@pytest.mark.django_db
def test_finding_is_one_query(
    cast: Members, people: Contacts, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    record_visit(people.noor, where="shop", now=MORNING)
    found = {"mina oka": ["Café Lumen"], "": ["None", "None", "Café Lumen"], "o": ["Café Lumen", "None", "None"]}
    for typed, names in found.items():
        with django_assert_num_queries(1):
            assert [str(contact.organisation) for contact in find_contacts(cast.ben, typed)] == names


@pytest.mark.django_db
def test_nobody_finds_whom_they_may_not_see(cast: Members, people: Contacts) -> None:
    bens = conversation(team=cast.care, contact=people.mina)
    conversation(team=cast.press, contact=people.noor)
    everybody = {people.mina, people.noor, people.otto}
    expected = {
        "ada": everybody, "pia": everybody, "ben": {people.mina, people.otto}, "lea": {people.mina, people.otto},
        "cleo": {people.noor, people.otto}, "ana": set(),
    }  # fmt: skip
    for who, seen in expected.items():
        member = getattr(cast, who)
        assert set(visible_contacts(member)) == seen, who
        assert set(find_contacts(member, "o")) == seen, who
        assert set(contacts_page(member).items) == seen, who
    with pytest.raises(Contact.DoesNotExist):
        contact_for(cast.cleo, people.mina.pk)
    conversation(team=None, contact=people.mina)
    assert contact_for(cast.cleo, people.mina.pk) == people.mina
    bens.delete()
    deactivate(cast.ben, by=cast.ada, now=MORNING)
    assert not visible_contacts(cast.ben).exists()


@pytest.mark.django_db
def test_an_owner_sees_their_contact_whoever_answers(cast: Members, people: Contacts) -> None:
    conversation(team=cast.care, contact=people.mina)
    set_owner(people.mina, owner=cast.cleo, by=cast.ben, now=MORNING)
    assert people.mina in set(visible_contacts(cast.cleo))


@pytest.mark.django_db
def test_contacts_come_in_pages_newest_record_first(
    cast: Members, people: Contacts, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    tag(people.noor, name="vip", now=MORNING)
    set_owner(people.otto, owner=cast.ben, now=MORNING)
    with django_assert_num_queries(3):
        first = contacts_page(cast.ben, limit=2)
        shown = [[len(contact.identities.all()), len(contact.tags.all())] for contact in first.items]
    assert (first.items, shown) == ([people.otto, people.noor], [[1, 0], [1, 1]])
    last = contacts_page(cast.ben, limit=2, cursor=first.next_cursor)
    assert (last.items, last.next_cursor) == ([people.mina], None)
    assert contacts_page(cast.ben, tag="vip").items == [people.noor]
    assert contacts_page(cast.ben, owner=cast.ben.pk).items == [people.otto]
    assert people.mina.organisation is not None
    assert contacts_page(cast.ben, organisation=people.mina.organisation.pk).items == [people.mina]


@pytest.mark.django_db
def test_those_heard_of_last_come_first_and_who_was_never_seen_by_when_they_were_added(
    cast: Members, people: Contacts
) -> None:
    Contact.objects.update(created_at=EARLIER)
    Contact.objects.filter(pk=people.mina.pk).update(last_seen_at=MORNING)
    Contact.objects.filter(pk=people.otto.pk).update(created_at=EARLIER + timedelta(hours=1))
    first = contacts_page(cast.ben, by="heard_of", limit=2)
    assert first.items == [people.mina, people.otto]
    last = contacts_page(cast.ben, by="heard_of", limit=2, cursor=first.next_cursor)
    assert (last.items, last.next_cursor) == ([people.noor], None)


@pytest.mark.django_db
def test_a_contact_page_takes_four_queries(
    cast: Members, people: Contacts, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(4):  # where it went by merging, the contact, its identities, its tags
        mina = contact_for(cast.ben, people.mina.pk)
        assert (len(mina.identities.all()), len(mina.tags.all()), mina.owner) == (3, 0, None)


@pytest.mark.django_db
def test_a_handle_that_came_with_a_message_is_found_too(cast: Members, people: Contacts) -> None:
    known = [("email", "noor@example.net"), ("phone", "+447700900555")]
    resolve_contacts([Known(handles=tuple(known)), Known(handles=(("external", "shop:77"),), name="Zoë")], now=MORNING)
    assert find_contacts(cast.ben, "07700 900555") == [people.noor]
    assert [contact.name for contact in find_contacts(cast.ben, "zoe 77")] == ["Zoë"]
