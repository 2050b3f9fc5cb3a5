"""The list of flags, decisions on them, and how a new one is announced."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from unspoken.flags.models import Flag, FlagStatus, Held
from unspoken.journal.models import Entry

from .scene import Scene

SignIn = Callable[..., Client]


@pytest.mark.parametrize("status", ["accepted", "resolved", "wrong"])
def test_a_decision_moves_the_flag_to_its_list(shop: Scene, as_: SignIn, status: str) -> None:
    client = as_(shop.who.ben)
    answer = client.post(
        reverse("flag-decide", args=[shop.flag.pk]), {"status": status, "reason": "", "next": "/flags"}
    )
    shop.flag.refresh_from_db()
    assert (answer["Location"], shop.flag.status, shop.flag.decided_by) == ("/flags", status, shop.who.ben)
    assert shop.flag.pk not in client.get("/flags").content.decode()
    listed = "refused" if status == "wrong" else status
    assert shop.flag.pk in client.get(f"/flags?list={listed}").content.decode()


def test_not_helpful_needs_a_reason_which_counts_against_the_rule(shop: Scene, as_: SignIn) -> None:
    client, address = as_(shop.who.ben), reverse("flag-decide", args=[shop.flag.pk])
    refused = client.post(address, {"status": "not_helpful", "next": "/flags"}, follow=True)
    shop.flag.refresh_from_db()
    assert ("Say in a word why" in refused.content.decode(), shop.flag.status) == (True, FlagStatus.OPEN)
    client.post(address, {"status": "not_helpful", "reason": "she was joking", "next": "/flags"})
    html = client.get("/flags?list=refused").content.decode()
    assert "“she was joking”" in html and "Right in 0 of 1 decided flag (" in html


def test_a_snoozed_flag_says_until_when(shop: Scene, as_: SignIn) -> None:
    client = as_(shop.who.ben)
    client.post(reverse("flag-decide", args=[shop.flag.pk]), {"status": "snoozed", "hours": "4"})
    html = client.get("/flags?list=snoozed").content.decode()
    assert "in 4 h" in html


def test_a_decision_leads_nowhere_but_to_ourselves(shop: Scene, as_: SignIn) -> None:
    answer = as_(shop.who.ben).post(
        reverse("flag-decide", args=[shop.flag.pk]), {"status": "accepted", "next": "https://evil.example"}
    )
    assert answer["Location"] == reverse("conversation", args=[shop.chat.pk])


def test_a_privacy_officer_decides_on_nothing(shop: Scene, as_: SignIn) -> None:
    entries = Entry.objects.count()
    answer = as_(shop.who.pia).post(reverse("flag-decide", args=[shop.flag.pk]), {"status": "wrong"})
    shop.flag.refresh_from_db()
    assert (answer.status_code, shop.flag.status, Entry.objects.count()) == (403, FlagStatus.OPEN, entries)


def test_announces_a_flag_with_a_link_and_keeps_a_held_one_quiet(shop: Scene, as_: SignIn) -> None:
    client, address = as_(shop.who.ben), reverse("flag-announcement", args=[shop.flag.pk])
    html = client.get(address).content.decode()
    assert "New flag: Rising frustration" in html
    assert f'href="/conversations/{shop.chat.pk}#{shop.flag.pk}">Mina Okafor</a>' in html
    Flag.objects.update(held=Held.QUIET)
    assert (client.get(address).status_code, client.get(address).content) == (204, b"")
    assert "kept quiet: quiet hours" in client.get("/flags?list=held").content.decode()


def test_an_empty_list_teaches(shop: Scene, as_: SignIn) -> None:
    Flag.objects.all().delete()
    html = as_(shop.who.ben).get("/flags").content.decode()
    assert "No flag is open" in html and "when a rule holds" in html


def test_a_cursor_that_nobody_gave_shows_the_first_page(shop: Scene, as_: SignIn) -> None:
    client = as_(shop.who.ben)
    for address in ("/flags?cursor=nonsense", "/?cursor=nonsense", "/contacts?cursor=nonsense"):
        answer = client.get(address)
        assert answer.status_code == 200 and "Mina Okafor" in answer.content.decode()
