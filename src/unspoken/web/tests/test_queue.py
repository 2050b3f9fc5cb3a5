"""The attention queue: what comes first, why, and for whom."""

from collections.abc import Callable

from django.test import Client

from unspoken.conversations.actions import assign, set_labels, set_status
from unspoken.kit.clock import now
from unspoken.people.models import Contact

from .scene import SAYS, Scene, converse

SignIn = Callable[..., Client]


def test_what_worsens_comes_first_with_a_line_that_says_why(shop: Scene, as_: SignIn) -> None:
    html = as_(shop.who.ben).get("/").content.decode()
    assert html.index("Mina Okafor") < html.index("Noor Haddad")
    assert "Reads as increasingly frustrated; waited 2 h; a promised time passed." in html
    assert "Rising frustration" in html and "↘ worsening" in html


def test_says_what_has_not_been_analysed(shop: Scene, as_: SignIn) -> None:
    shop.calm.trajectory.delete()
    assert "Not analysed yet." in as_(shop.who.ben).get("/").content.decode()


def test_can_be_narrowed_by_whose_it_is_inbox_and_label(shop: Scene, as_: SignIn) -> None:
    assign(shop.chat, assignee=shop.who.ben, now=now())
    set_labels(shop.chat, labels=["refund"], now=now())
    client = as_(shop.who.ben)
    for query in ("assignee=me", "label=refund", f"inbox={shop.chat.inbox_id}"):
        html = client.get(f"/?{query}").content.decode()
        assert ("Mina Okafor" in html, "Noor Haddad" in html) == (True, False), query
    html = client.get("/?assignee=nobody").content.decode()
    assert ("Mina Okafor" in html, "Noor Haddad" in html) == (False, True)
    assert "Nothing here matches" in client.get("/?label=unknown").content.decode()


def test_each_status_has_its_list(shop: Scene, as_: SignIn) -> None:
    set_status(shop.chat, status="resolved", now=now())
    client = as_(shop.who.ben)
    assert "Mina Okafor" not in client.get("/").content.decode()
    assert "Mina Okafor" in client.get("/?status=resolved").content.decode()
    assert "Mina Okafor" not in client.get("/?status=nonsense").content.decode()


def test_pages_follow_each_other_without_a_gap(shop: Scene, as_: SignIn) -> None:
    for number in range(40):
        contact = Contact.objects.create(name=f"Customer {number:02}", created_at=now())
        converse(contact, shop.who.care, SAYS[:1], now=now(), subject=f"Question {number:02}")
    client = as_(shop.who.ben)
    first = client.get("/")
    second = client.get("/", {"cursor": first.context["next_cursor"]})
    shown = [row.conversation.pk for answer in (first, second) for row in answer.context["rows"]]
    assert (len(shown), len(set(shown)), second.context["next_cursor"]) == (42, 42, None)


def test_to_htmx_only_the_rows_are_sent(shop: Scene, as_: SignIn) -> None:
    answer = as_(shop.who.ben).get("/", headers={"HX-Request": "true", "HX-Target": "queue"})
    html = answer.content.decode()
    assert '<ul class="list"' in html and 'id="tabs" hx-swap-oob' in html and "<html" not in html


def test_an_empty_queue_teaches(shop: Scene, as_: SignIn) -> None:
    html = as_(shop.who.cleo).get("/").content.decode()
    assert "Nothing needs you right now" in html and "unspoken import FILE" in html
