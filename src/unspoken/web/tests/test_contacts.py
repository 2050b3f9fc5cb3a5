"""Contacts: found, read as a whole, changed, merged and unmerged."""

from collections.abc import Callable

from django.test import Client
from django.urls import reverse

from unspoken.kit.clock import now
from unspoken.people.actions import add_identity
from unspoken.people.models import Contact, IdentityKind, Merge
from unspoken.people.search import refresh_search
from unspoken.privacy.models import ConsentDecision

from .scene import Scene

SignIn = Callable[..., Client]


def change(client: Client, contact: Contact, what: str, **data: str) -> str:
    answer = client.post(reverse("contact-change", args=[contact.pk, what]), data, follow=True)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_finds_from_the_first_letters_on(shop: Scene, as_: SignIn) -> None:
    refresh_search([shop.mina.pk])
    client = as_(shop.who.ben)
    html = client.get("/contacts?q=oka", headers={"HX-Request": "true", "HX-Target": "found"}).content.decode()
    assert "Mina Okafor" in html and "Noor" not in html and "<html" not in html
    assert "Nobody found" in client.get("/contacts?q=zzz").content.decode()


def test_says_in_one_sentence_what_is_known_each_clause_leading_to_its_evidence(shop: Scene, as_: SignIn) -> None:
    client = as_(shop.who.ben)
    html = client.get(reverse("contact", args=[shop.mina.pk])).content.decode()
    assert "Reads as <a" in html.replace("\n", "")
    newest = shop.readings[-1]
    assert f'href="/readings/{newest.pk}"' in html
    led = client.get(f"/readings/{newest.pk}")
    assert led["Location"] == f"/conversations/{shop.chat.pk}#{newest.message_id}"


def test_shows_permissions_with_their_history(shop: Scene, as_: SignIn) -> None:
    client = as_(shop.who.ben)
    html = change(
        client, shop.mina, "consent", modality="text", purpose="insights", decision="withdrawn", source="on the phone"
    )
    assert "<b>given</b> to help them" in html and "<b>withdrawn</b> for patterns over many" in html
    assert "All 3 decisions" in html and "recorded by Ben" in html
    newest = ConsentDecision.objects.order_by("-id")[0]
    assert (newest.decision, newest.source, newest.recorded_by) == ("withdrawn", "on the phone", shop.who.ben)


def test_keeps_notes_tags_owners_and_handles(shop: Scene, as_: SignIn) -> None:
    client = as_(shop.who.ben)
    assert "Rings before noon." in change(client, shop.mina, "note", text="Rings before noon.")
    assert "wholesale" in change(client, shop.mina, "tag", name="wholesale")
    assert "looked after by Ben" in change(client, shop.mina, "owner", owner=shop.who.ben.pk)
    assert "mina@example.org" in change(client, shop.mina, "identity", kind="email", handle="Mina@Example.org")
    change(client, shop.mina, "untag", name="wholesale")
    change(client, shop.mina, "forget-identity", identity=shop.mina.identities.get().pk)
    assert (shop.mina.tags.count(), shop.mina.identities.count()) == (0, 0)


def test_says_what_cannot_be_kept_and_changes_nothing(shop: Scene, as_: SignIn) -> None:
    client = as_(shop.who.ben)
    add_identity(Contact.objects.get(name="Noor Haddad"), kind=IdentityKind.EMAIL, handle="n@example.org", now=now())
    assert "belongs to another contact" in change(client, shop.mina, "identity", kind="email", handle="n@example.org")
    assert "message-line error" in change(client, shop.mina, "identity", kind="nonsense", handle="x")
    assert "message-line error" in change(client, shop.mina, "note", text=" ")
    assert "message-line error" in change(client, shop.mina, "consent", modality="aura", source="x")
    assert (shop.mina.identities.count(), shop.mina.notes.count(), shop.mina.consents.count()) == (0, 0, 2)
    assert client.post(reverse("contact-change", args=[shop.mina.pk, "everything"])).status_code == 404


def test_adds_a_contact_with_an_address_and_free_attributes(shop: Scene, as_: SignIn) -> None:
    data = {"name": "Otto Lind", "email": "otto@example.org", "attributes": "cups a day: 12\nwater: hard"}
    answer = as_(shop.who.ben).post("/contacts/new", data)
    made = Contact.objects.get(name="Otto Lind")
    assert answer["Location"] == f"/contacts/{made.pk}"
    assert (made.attributes, made.owner, made.identities.get().handle) == (
        {"cups a day": 12, "water": "hard"}, shop.who.ben, "otto@example.org",
    )  # fmt: skip


def test_a_taken_address_adds_nobody(shop: Scene, as_: SignIn) -> None:
    add_identity(shop.mina, kind=IdentityKind.EMAIL, handle="mina@example.org", now=now())
    answer = as_(shop.who.ben).post("/contacts/new", {"name": "Otto", "email": "mina@example.org"})
    assert "belongs to another contact" in answer.content.decode()
    assert not Contact.objects.filter(name="Otto").exists()


def test_edits_a_contact_and_names_the_line_that_cannot_be_used(shop: Scene, as_: SignIn) -> None:
    client, address = as_(shop.who.ben), reverse("contact-edit", args=[shop.mina.pk])
    answer = client.post(address, {"name": "Mina O.", "preferences": "phone\n"})
    assert "Line 1 has no colon." in answer.content.decode()
    client.post(address, {"name": "Mina O.", "organisation": "Café Lumen", "preferences": 'likes: ["tea", "oat"]'})
    shop.mina.refresh_from_db()
    assert shop.mina.organisation is not None
    assert (shop.mina.name, shop.mina.organisation.name, shop.mina.preferences) == (
        "Mina O.", "Café Lumen", {"likes": ["tea", "oat"]},
    )  # fmt: skip


def test_merges_two_and_undoes_it(shop: Scene, as_: SignIn) -> None:
    noor, client = Contact.objects.get(name="Noor Haddad"), as_(shop.who.ben)
    client.post(reverse("contact-merge", args=[shop.mina.pk]), {"absorbed": noor.pk})
    led = client.get(reverse("contact", args=[noor.pk]))
    assert led["Location"] == reverse("contact", args=[shop.mina.pk])
    html = client.get(led["Location"]).content.decode()
    assert "Merged into this contact" in html and "A question" in html
    made = Merge.objects.get()
    client.post(reverse("contact-undo-merge", args=[shop.mina.pk, made.pk]))
    assert client.get(reverse("contact", args=[noor.pk])).status_code == 200
    assert "A question" not in client.get(reverse("contact", args=[shop.mina.pk])).content.decode()


def test_an_analyst_finds_nobody(shop: Scene, as_: SignIn) -> None:
    client = as_(shop.who.ana)
    assert "Mina" not in client.get("/contacts").content.decode()
    assert client.post("/contacts/new", {"name": "X"}).status_code == 403
    assert not Contact.objects.filter(name="X").exists()
