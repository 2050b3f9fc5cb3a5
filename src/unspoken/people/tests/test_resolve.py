import pytest

from unspoken.journal.models import Entry
from unspoken.people.actions.resolve import Known, find_contacts, resolve_contacts
from unspoken.people.handles import normalise
from unspoken.people.models import Contact, Identity
from unspoken.people.tests.cast import EARLIER, contacts


@pytest.mark.parametrize(
    "kind, value, stored",
    [
        ("email", " Mina@Example.ORG ", "mina@example.org"),
        ("email", "no address", ""),
        ("phone", "07700 900101", "+447700900101"),
        ("phone", "+1 (202) 555-0143", "+12025550143"),
        ("phone", "twelve", ""),
        ("chat", "Mina.Okafor", "mina.okafor"),
        ("social", "@MinaO", "minao"),
        ("external", "4711", "shop:4711"),
        ("external", "shop:4711", "shop:4711"),
        ("email", "x" * 250 + "@example.org", ""),
    ],
)
def test_spells_a_handle_in_one_way(kind: str, value: str, stored: str) -> None:
    assert normalise(kind, value, source="shop") == stored


def test_finds_those_known_and_makes_those_unknown(db: None) -> None:
    cast = contacts()
    before = Contact.objects.count()
    found = resolve_contacts(
        [
            Known((("email", "mina@lumen.example"),), "Somebody else"),
            Known((("email", "new@example.org"), ("chat", "newcomer")), "Nina New"),
            Known((("chat", "newcomer"),), "Nina again"),
            Known((), "Nobody"),
        ],
        now=EARLIER,
    )
    assert found[0] == cast.mina.id
    assert found[1] == found[2]
    assert found[3] is None
    assert Contact.objects.count() == before + 1
    nina = Contact.objects.get(id=found[1])
    assert (nina.name, set(nina.identities.values_list("handle", flat=True))) == (
        "Nina New", {"new@example.org", "newcomer"},
    )  # fmt: skip
    assert " nina" in nina.search and " newcomer" in nina.search
    assert Entry.objects.filter(contact_id=nina.id).values_list("data", flat=True).get() == {"what": "created"}


def test_a_new_handle_is_learned_and_one_of_somebody_else_stays_theirs(db: None) -> None:
    cast = contacts()
    [found] = resolve_contacts(
        [Known((("email", "noor@example.net"), ("chat", "noor"), ("email", "otto@example.com")))], now=EARLIER
    )
    assert found == cast.noor.id
    assert Identity.objects.get(handle="noor").contact_id == cast.noor.id
    assert Identity.objects.get(handle="otto@example.com").contact_id == cast.otto.id


def test_follows_merges_to_their_end(db: None) -> None:
    cast = contacts()
    Contact.objects.filter(id=cast.otto.id).update(merged_into=cast.noor)
    Contact.objects.filter(id=cast.noor.id).update(merged_into=cast.mina)
    assert find_contacts([("email", "otto@example.com")]) == {("email", "otto@example.com"): cast.mina.id}
