"""Contacts in and out: round trips, gaps filled, nothing overwritten, nothing for a spreadsheet to run."""

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unspoken.importing.cards import Card
from unspoken.importing.consents import Basis, basis_of
from unspoken.importing.contacts import ContactSummary, export_contacts, open_contacts, take_contacts_in, write_contacts
from unspoken.importing.formats import contact_rows, vcard
from unspoken.intake.inbound import Handle
from unspoken.journal.models import Entry
from unspoken.people.actions import add_identity, create_contact, merge_contacts, tag
from unspoken.people.models import Contact, Identity, IdentityKind
from unspoken.people.tests.cast import contacts
from unspoken.privacy.models import ConsentDecision
from unspoken.privacy.tests.cast import consents
from unspoken.staff.permissions import NotAllowed
from unspoken.staff.tests.cast import members

from .bringing import NOON, written

pytestmark = pytest.mark.django_db


def bring(path: Path, *, basis: Basis | None = None, dry: bool = False, **options: object) -> ContactSummary:
    return take_contacts_in(
        open_contacts(path), clock=lambda: NOON, basis=basis, folder=None if dry else path.parent,
        tell=lambda done, size: None, **options,
    )  # fmt: skip


def everybody() -> list[tuple[object, ...]]:
    """Return what is on record of all contacts, but for ids and times."""
    rows = Contact.objects.filter(merged_into=None).select_related("organisation")
    return sorted(
        (
            row.name, row.title, row.organisation.name if row.organisation else "", row.city, row.country, row.language,
            tuple(sorted(row.identities.values_list("kind", "handle"))),
            tuple(sorted(row.tags.values_list("name", flat=True))),
            json.dumps(row.attributes, sort_keys=True),
        )
        for row in rows
    )  # fmt: skip


def shop() -> None:
    """Make the cast, and somebody whose every field is hard to write down."""
    cast = contacts()
    odd = create_contact(
        name='=HYPERLINK("http://x"), "Ölaf";\\ the\nGreat', title="-2+3", organisation="@SUM(A1)", city="Köln; Deutz",
        country="DE", language="de", attributes={"size": "M;L", "n": 3}, now=NOON,
    )  # fmt: skip
    for kind, handle in [("phone", "+49 221 4710826"), ("chat", "olaf;the, great"), ("external", "shop:77;a")]:
        add_identity(odd, kind=IdentityKind(kind), handle=handle, now=NOON)
    for name in ("=cmd", "a;b", "plain"):
        tag(odd, name=name, now=NOON)
    create_contact(name="", now=NOON)
    merge_contacts(cast.mina, cast.noor, now=NOON)


@pytest.mark.parametrize("ending", [".csv", ".vcf"])
def test_what_is_written_comes_in_again_as_it_was(tmp_path: Path, ending: str) -> None:
    shop()
    Contact.objects.filter(name="", identities=None, merged_into=None).delete()
    path = tmp_path / f"all{ending}"
    assert export_contacts(path, now=NOON) == 3
    before = everybody()
    unchanged = bring(path)
    assert (unchanged.counts["unchanged"], unchanged.counts["rejected"], everybody()) == (3, 0, before)
    Identity.objects.all().delete()
    Contact.objects.all().delete()
    assert bring(path).counts["made"] == 3
    assert everybody() == before


def test_no_cell_can_be_taken_for_a_formula() -> None:
    shop()
    file = io.StringIO(newline="")
    write_contacts(file, ending=".csv", now=NOON)
    cells = [cell for row in csv.reader(io.StringIO(file.getvalue(), newline="")) for cell in row]
    assert any(cell.startswith("'=HYPERLINK") for cell in cells)
    assert "'+492214710826" in cells
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []


def test_gaps_are_filled_and_what_is_on_record_stays(tmp_path: Path) -> None:
    cast = contacts()
    path = written(
        tmp_path, "a.csv",
        "Name,E-mail Address,Phone,Company,City,Country,Tags,Notes\n"
        "Somebody Else,mina@lumen.example,,Other Ltd,Leeds,FR,vip,secret\n"
        ",noor@example.net,07700 900202,Noor & Co,York,Germany,,\n"
        "New Person,new@example.org; second@example.org,,,,,a; b,\n",
    )  # fmt: skip
    summary = bring(path)
    assert summary.counts == {"filled": 2, "made": 1, "rejected": 0}
    for contact in (cast.mina, cast.noor):
        contact.refresh_from_db()
    assert (cast.mina.name, cast.mina.city, cast.mina.country, cast.mina.organisation.name) == (
        "Mina Okafor", "Bristol", "GB", "Café Lumen",
    )  # fmt: skip
    assert list(cast.mina.tags.values_list("name", flat=True)) == ["vip"]
    assert (cast.noor.name, cast.noor.city, cast.noor.attributes) == ("Noor Haddad", "York", {"country": "Germany"})
    assert cast.noor.identities.filter(handle="+447700900202").exists()
    new = Contact.objects.get(name="New Person")
    assert sorted(new.identities.values_list("handle", flat=True)) == ["new@example.org", "second@example.org"]
    assert bring(path).counts == {"unchanged": 3, "rejected": 0}


def test_rows_that_cannot_be_used_are_kept_with_what_is_wrong(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "a.csv",
        f"name,email,phone\nA,no address,\nB,b@example.org,12\nC,,\n{'D' * 300},d@example.org,\nE,e@x.org,\n",
    )
    assert bring(path, dry=True).counts == {"made": 1, "rejected": 4}
    assert Contact.objects.count() == 0
    assert not (tmp_path / "a.csv.rejected.jsonl").exists()
    assert bring(path).counts == {"made": 1, "rejected": 4}
    kept = [json.loads(line) for line in (tmp_path / "a.csv.rejected.jsonl").read_text().splitlines()]
    assert [(one["line"], one["field"]) for one in kept] == [(2, "email"), (3, "phone"), (4, "line"), (5, "name")]
    assert list(Contact.objects.values_list("name", flat=True)) == ["E"]


def test_a_basis_is_recorded_for_those_who_have_not_decided(tmp_path: Path) -> None:
    cast = contacts()
    consents(cast)
    before = ConsentDecision.objects.count()
    path = written(tmp_path, "a.csv", "email\nmina@lumen.example\notto@example.com\nnew@example.org\n")
    basis = basis_of("newsletter form", "text:service,text:insights", file="a.csv")
    # Mina decided on both, Otto withdrew text (so that nothing of text is stated for him); only the new one is left.
    assert bring(path, basis=basis).counts["consents"] == 2
    new = Identity.objects.get(handle="new@example.org").contact
    made = ConsentDecision.objects.filter(id__gt=0).order_by("-id")[:2]
    assert {(one.contact_id, one.purpose, one.basis) for one in made} == {
        (new.pk, "service", "newsletter form"), (new.pk, "insights", "newsletter form"),
    }  # fmt: skip
    assert ConsentDecision.objects.count() == before + 2


def test_only_those_who_may_bring_contacts_in_and_out(tmp_path: Path) -> None:
    cast = members()
    contacts()
    path = written(tmp_path, "a.csv", "email\nnew@example.org\n")
    with pytest.raises(NotAllowed):
        bring(path, by=cast.ben)
    assert Contact.objects.count() == 3
    for member in (cast.ben, cast.lea, cast.ana):
        with pytest.raises(NotAllowed):
            export_contacts(tmp_path / "out.csv", now=NOON, by=member)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.csv"]
    assert not Entry.objects.filter(kind="file.exported").exists()
    assert bring(path, by=cast.lea).counts["made"] == 1
    assert export_contacts(tmp_path / "out.csv", now=NOON, by=cast.pia) == 4
    entry = Entry.objects.get(kind="file.exported")
    assert (entry.actor, entry.data) == (cast.pia.pk, {"count": 4, "format": "csv"})


CARD = """\
BEGIN:VCARD\r
VERSION:3.0\r
N:Okafor;Mina;;;\r
item1.EMAIL;TYPE=INTERNET,HOME:mina@home.example\r
EMAIL;TYPE=INTERNET,WORK,PREF:Mina@Lumen.example\r
TEL;VALUE=uri;TYPE=cell:tel:+44-7700-900101\r
ORG:Café Lumen;Kitchen\r
TITLE:Head \r
 of Bread\\, Cakes\r
ADR;TYPE=WORK:;;1 High St;Bristol;;BS1 1AA;GB\r
CATEGORIES:vip,early\\, bird\r
PHOTO;ENCODING=b:AAAA\r
END:VCARD\r
"""


def test_reads_a_card_of_an_address_book(tmp_path: Path) -> None:
    [piece] = open_contacts(written(tmp_path, "a.vcf", CARD)).pieces()
    assert vcard.card_of(piece) == Card(
        name="Mina Okafor", title="Head of Bread, Cakes", organisation="Café Lumen", city="Bristol", country="GB",
        handles=(
            Handle(kind=IdentityKind.EMAIL, value="Mina@Lumen.example"),
            Handle(kind=IdentityKind.EMAIL, value="mina@home.example"),
            Handle(kind=IdentityKind.PHONE, value="+44-7700-900101"),
        ),
        tags=("vip", "early, bird"),
    )  # fmt: skip


def test_reads_quoted_printable_of_old_telephones(tmp_path: Path) -> None:
    name = "FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:J=C3=BCr=\ngen"
    old = f"BEGIN:VCARD\nVERSION:2.1\n{name}\nTEL;CELL:0221 4710826\nEND:VCARD\n"
    [piece] = open_contacts(written(tmp_path, "a.vcf", old)).pieces()
    assert vcard.card_of(piece).name == "Jürgen"


WORDS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=60).map(
    lambda text: " ".join(text.split())
)
CARDS = st.builds(
    Card, name=WORDS.filter(bool), title=WORDS, organisation=WORDS, city=WORDS,
    country=st.sampled_from(["", "GB", "DE"]), language=st.sampled_from(["", "en", "pt-BR"]),
    tags=st.lists(WORDS.filter(bool), max_size=3, unique=True).map(tuple),
    handles=st.just((Handle(kind=IdentityKind.EMAIL, value="a@example.org"),)),
    attributes=st.dictionaries(WORDS.filter(bool), WORDS | st.integers(), max_size=3),
)  # fmt: skip


@given(CARDS)
def test_any_card_survives_a_vcard(card: Card) -> None:
    text = vcard.written(card)
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    [piece] = vcard.cards(io.StringIO(text, newline=""))
    assert vcard.card_of(piece) == card


@given(CARDS)
def test_any_card_survives_a_row(card: Card) -> None:
    file = io.StringIO(newline="")
    contact_rows.write([card], file)
    [row] = csv.DictReader(io.StringIO(file.getvalue(), newline=""))
    assert contact_rows.card_of(row, {name: name for name in contact_rows.HEADERS}, source="s") == card
