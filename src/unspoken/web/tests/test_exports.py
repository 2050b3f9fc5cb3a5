"""The files that a conversation's page offers."""

import json
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, include, path

from unspoken.config.urls import urlpatterns as house
from unspoken.conversations.models import Conversation
from unspoken.journal.models import Entry
from unspoken.journal.queries import first_broken_entry
from unspoken.people.models import Channel
from unspoken.readings.exports.tests.emotionml_rules import violations
from unspoken.web.pages.exports import export

from .scene import Scene

SignIn = Callable[..., Client]
urlpatterns: list[URLPattern | URLResolver] = [
    path("conversations/<str:conversation_id>/export/<str:form>", export, name="conversation-export"),
    path("", include(house)),
]
pytestmark = [pytest.mark.django_db, pytest.mark.urls("unspoken.web.tests.test_exports")]


def test_a_conversation_can_be_taken_away_as_emotionml(shop: Scene, as_: SignIn) -> None:
    answer = as_(shop.who.ben).get(f"/conversations/{shop.chat.pk}/export/emotionml")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/emotionml+xml")
    assert answer["Content-Disposition"] == f'attachment; filename="{shop.chat.pk}.emotionml"'
    assert answer["Cache-Control"] == "private, no-store"
    assert violations(answer.content.decode()) == []
    assert answer.content.count(b"<emotion ") == len(shop.readings)
    taken = Entry.objects.get(kind="conversation.exported")
    assert (taken.conversation_id, taken.actor, taken.data) == (shop.chat.pk, shop.who.ben.pk, {"what": "emotionml"})
    assert first_broken_entry() is None
    shown = as_(shop.who.pia).get("/journal?kind=conversation.").content.decode()
    assert '<b>conversation.exported</b> <span class="soft">emotionml</span>' in shown


def test_only_a_call_can_be_taken_away_as_contact_lens(shop: Scene, as_: SignIn) -> None:
    ben = as_(shop.who.ben)
    address = f"/conversations/{shop.chat.pk}/export/contact-lens"
    assert ben.get(address).status_code == 404
    Conversation.objects.filter(pk=shop.chat.pk).update(channel=Channel.CALL)
    told = json.loads(ben.get(address).content)
    assert [one.get("Sentiment") for one in told["Transcript"]] == [
        "NEUTRAL", None, "POSITIVE", "NEGATIVE", None, "NEGATIVE",
    ]  # fmt: skip


def test_an_unknown_format_and_a_conversation_out_of_sight_are_not_there(shop: Scene, as_: SignIn) -> None:
    assert as_(shop.who.ben).get(f"/conversations/{shop.chat.pk}/export/pdf").status_code == 404
    assert as_(shop.who.cleo).get(f"/conversations/{shop.chat.pk}/export/emotionml").status_code == 404
    assert Client().get(f"/conversations/{shop.chat.pk}/export/emotionml").status_code == 302
    assert as_(shop.who.ben).post(f"/conversations/{shop.chat.pk}/export/emotionml").status_code == 405
    assert not Entry.objects.filter(kind="conversation.exported").exists()
