"""What holds for every page: it opens, obeys the content security policy, can be read aloud, and costs few queries."""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from itertools import pairwise
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from unspoken.journal.models import Entry
from unspoken.kit.clock import now
from unspoken.people.models import Contact

from .addresses import pages
from .scene import SAYS, Scene, converse

SignIn = Callable[..., Client]
MOST = 20
VOID = {"input", "meta", "link", "br", "hr", "img", "use", "path", "line", "circle", "rect", "polyline", "polygon"}


class Outline(HTMLParser):
    """Collects what a reader's software looks for."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.labelled: set[str] = set()
        self.fields: list[dict[str, str | None]] = []
        self.headings: list[int] = []
        self.counts: dict[str, int] = {}
        self.attributes: list[tuple[str, str, str | None]] = []
        self.inside: list[str] = []
        self.wrapped: set[int] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.counts[tag] = self.counts.get(tag, 0) + 1
        self.attributes += [(tag, name, value) for name, value in attrs]
        if found.get("id"):
            self.ids.append(str(found["id"]))
        if tag == "label" and found.get("for"):
            self.labelled.add(str(found["for"]))
        if tag in {"input", "select", "textarea"} and found.get("type") not in {"hidden", "submit"}:
            if "label" in self.inside:
                self.wrapped.add(len(self.fields))
            self.fields.append(found)
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag not in VOID:
            self.inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.inside:
            while self.inside.pop() != tag:
                pass


def every_page(shop: Scene, as_: SignIn) -> dict[str, str]:
    client = as_(shop.who.ada)
    answers = {name: client.get(address) for name, address in pages(shop).items()}
    assert {name: answer.status_code for name, answer in answers.items() if answer.status_code != 200} == {}
    return {name: answer.content.decode() for name, answer in answers.items()}


def test_no_page_has_a_script_a_style_or_a_handler_in_its_text(shop: Scene, as_: SignIn) -> None:
    for name, html in every_page(shop, as_).items():
        outline = Outline(html)
        assert re.findall(r"<script(?![^>]*\bsrc=)|<style", html) == [], name
        inline = [one for one in outline.attributes if one[1] == "style" or one[1].startswith("on")]
        assert inline == [], name
        assert "javascript:" not in html


def test_the_policy_allows_nothing_but_our_own(shop: Scene, as_: SignIn) -> None:
    answer = as_(shop.who.ada).get(reverse("home"))
    policy = dict(part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'self'"
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert answer["Cache-Control"] == "private, no-store"


def test_every_page_can_be_read_aloud(shop: Scene, as_: SignIn) -> None:
    for name, html in every_page(shop, as_).items():
        outline = Outline(html)
        assert (outline.counts["main"], outline.headings.count(1), outline.headings[0]) == (1, 1, 1), name
        assert [pair for pair in pairwise(outline.headings) if pair[1] > pair[0] + 1] == [], name
        assert len(outline.ids) == len(set(outline.ids)), (name, sorted(outline.ids))
        unnamed = [
            field for place, field in enumerate(outline.fields)
            if field.get("id") not in outline.labelled and place not in outline.wrapped and not field.get("aria-label")
        ]  # fmt: skip
        assert unnamed == [], name
        assert '<html lang="en">' in html
        assert len(re.findall(r"<title>[^<]+ · Unspoken</title>", html)) == 1, name


def test_no_page_asks_the_database_more_than_twenty_times(shop: Scene, as_: SignIn) -> None:
    client, counts = as_(shop.who.ada), {}
    for name, address in pages(shop).items():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        counts[name] = len(queries)
    over = {name: count for name, count in counts.items() if count > MOST}
    assert over.pop("tried rule", 0) <= 30  # looks through the past in batches of its own
    assert over == {}


@pytest.mark.parametrize("name", ["queue", "conversation", "contact", "flags", "contacts", "journal"])
def test_a_page_asks_no_more_when_there_is_more_to_show(shop: Scene, as_: SignIn, name: str) -> None:
    client, address = as_(shop.who.ben if name != "journal" else shop.who.ada), pages(shop)[name]
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for number in range(5):
        other = Contact.objects.create(name=f"Mina Other {number}", created_at=now())
        converse(other, shop.who.care, SAYS, now=now(), subject=f"Another matter {number}")
        converse(shop.mina, shop.who.care, SAYS, now=now(), subject=f"Once more {number}")
    with CaptureQueriesContext(connection) as many:
        assert client.get(address).status_code == 200
    assert len(many) == len(few)


def test_nobody_sees_a_page_without_signing_in(shop: Scene) -> None:
    for address in pages(shop).values():
        answer = Client().get(address)
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("sign-in"))


def test_a_part_asked_for_after_the_session_ended_loads_the_whole_page_anew(shop: Scene) -> None:
    address = reverse("conversation-part", args=[shop.chat.pk, "thread"])
    answer = Client().get(address, headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Refresh"], answer.content) == (200, "true", b"")


def test_a_form_without_its_token_changes_nothing(shop: Scene) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(shop.who.ben)
    answer = client.post(reverse("conversation-status", args=[shop.chat.pk]), {"status": "resolved"})
    shop.chat.refresh_from_db()
    assert (answer.status_code, shop.chat.status) == (403, "open")
    assert "Please send that again" in answer.content.decode()


def test_a_form_with_a_nul_changes_nothing_whatever_the_database(shop: Scene, as_: SignIn) -> None:
    ben = as_(shop.who.ben)
    for address, form in (
        (reverse("contact-change", args=[shop.mina.pk, "untag"]), {"name": "a\x00b"}),
        (reverse("contact-change", args=[shop.mina.pk, "owner"]), {"owner": "\x00"}),
        (reverse("conversation-write", args=[shop.chat.pk]), {"text": "Hello", "as": "reply", "token": "\x00"}),
        (reverse("flag-decide", args=[shop.flag.pk]), {"status": "not_helpful", "reason": "a\x00b"}),
    ):
        before = Entry.objects.count()
        answer = ben.post(address, urlencode(form), content_type="application/x-www-form-urlencoded")
        assert (answer.status_code, "NUL" in answer.content.decode(), Entry.objects.count()) == (400, True, before)
    for address in ("conversations/%00", "contacts/%00", f"conversations/{shop.chat.pk}/parts/%00", "readings/%00"):
        assert ben.get(f"/{address}").status_code == 404, address


def test_what_is_not_there_gets_a_friendly_page(shop: Scene, as_: SignIn) -> None:
    answer = as_(shop.who.ben).get("/nowhere")
    assert answer.status_code == 404
    assert "There is nothing here that you can see" in answer.content.decode()


def test_signs_in_by_email_in_any_case_and_out_again(shop: Scene) -> None:
    shop.who.ben.set_password("correct horse battery")
    shop.who.ben.save()
    client = Client()
    wrong = client.post(reverse("sign-in"), {"username": "ben@example.org", "password": "wrong"})
    assert "sessionid" not in client.cookies and "alert" in wrong.content.decode()
    right = client.post(reverse("sign-in"), {"username": "Ben@Example.org", "password": "correct horse battery"})
    assert (right.status_code, right["Location"]) == (302, "/")
    assert client.get("/").status_code == 200
    client.post(reverse("sign-out"))
    assert client.get("/").status_code == 302
