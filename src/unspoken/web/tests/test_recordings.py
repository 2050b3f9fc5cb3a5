"""A recording is brought on the page of its call: by whom, when, and what the page says of it."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from unspoken.calls.models import Call, Recording
from unspoken.calls.tests.recordings import files
from unspoken.conversations.models import Conversation
from unspoken.kit.clock import now
from unspoken.people.models import Channel
from unspoken.privacy.actions import record_consent

from .scene import SAYS, Scene, converse
from .test_every_page import Outline

SignIn = Callable[..., Client]
FORM = 'id="recording-form"'


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    settings.UNSPOKEN = replace(settings.UNSPOKEN, data=tmp_path / "data")


@pytest.fixture
def call(shop: Scene) -> Conversation:
    """Return a call of Mina's that Care sees, whose voice may be read."""
    made = converse(shop.mina, shop.who.care, SAYS[:1], now=now(), subject="A call", channel=Channel.CALL)
    record_consent(shop.mina, modality="voice", purpose="service", decision="given", source="test", now=now())
    return made


def page(client: Client, call: Conversation) -> str:
    answer = client.get(reverse("conversation", args=[call.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def bring(client: Client, call: Conversation, **fields: Any) -> Any:
    form = {"customer": "left", "file": SimpleUploadedFile("Mina.wav", b"sound")} | fields
    return client.post(reverse("bring-recording", args=[call.pk]), form)


def test_a_recording_is_brought_and_the_page_says_how_far_it_is(shop: Scene, call: Conversation, as_: SignIn) -> None:
    ben = as_(shop.who.ben)
    assert FORM in page(ben, call)
    answer = bring(ben, call)
    assert (answer.status_code, answer["Location"]) == (302, f"{reverse('conversation', args=[call.pk])}#call")
    row = Recording.objects.get()
    assert (row.side, row.by, row.state, files()) == ("left", shop.who.ben, "waiting", [row.id])
    shown = page(ben, call)
    assert "A recording of this call waits to be listened to. Then its file is deleted; no sound is kept." in shown
    assert FORM not in shown
    part = reverse("conversation-part", args=[call.pk, "call"])
    Recording.objects.update(state="listening", seconds=65.0)
    assert "is being listened to: 1:05 so far." in ben.get(part).content.decode()
    Recording.objects.update(state="done", seconds=130.0, windows=1)
    shown = ben.get(part).content.decode()
    assert "A recording of 2:10 was listened to: the tone of one window was read. Its file is deleted." in shown
    assert FORM in shown


def test_without_permission_no_form_is_offered_and_nothing_is_written(
    shop: Scene, call: Conversation, as_: SignIn
) -> None:
    ben = as_(shop.who.ben)
    record_consent(shop.mina, modality="voice", purpose="service", decision="withdrawn", source="test", now=now())
    shown = page(ben, call)
    assert FORM not in shown
    assert "The customer has not permitted that the tone of their voice is read" in shown
    assert bring(ben, call).status_code == 302
    assert "(consent voice for service). Nothing was kept." in page(ben, call)
    assert (files(), Recording.objects.count()) == ([], 0)


def test_nothing_is_offered_on_the_line_or_to_those_who_may_not_change(
    shop: Scene, call: Conversation, as_: SignIn
) -> None:
    assert "bring-recording" not in page(as_(shop.who.pia), call)
    assert bring(as_(shop.who.pia), call).status_code == 403
    Call.objects.create(conversation=call, began_at=now(), seen_at=now(), tone="read")
    ben = as_(shop.who.ben)
    assert "bring-recording" not in page(ben, call)
    bring(ben, call)
    assert "bring its recording when it is over. Nothing was kept." in page(ben, call)
    assert bring(as_(shop.who.cleo), call).status_code == 404
    assert bring(Client(), call)["Location"].startswith(reverse("sign-in"))
    assert (files(), Recording.objects.count()) == ([], 0)


def test_a_form_of_another_site_leaves_nothing(shop: Scene, call: Conversation, as_: SignIn) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(shop.who.ben)
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page(client, call))
    assert token
    for forged in ({}, {"csrfmiddlewaretoken": "x" * 64}):
        assert bring(client, call, **forged).status_code == 403
        assert (files(), Recording.objects.count()) == ([], 0)
    assert bring(client, call, csrfmiddlewaretoken=token[1]).status_code == 302
    assert len(files()) == Recording.objects.count() == 1


def test_what_is_refused_is_told(shop: Scene, call: Conversation, as_: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    ben = as_(shop.who.ben)
    monkeypatch.setattr("unspoken.calls.arriving.LARGEST", 4)
    bring(ben, call)
    bring(ben, call, customer="")
    bring(ben, call, file="")
    shown = page(ben, call)
    for words in ("cut it into parts", "send the sound as `file`"):
        assert words in shown
    assert (files(), Recording.objects.count()) == ([], 0)


def test_the_form_can_be_read_aloud_and_costs_few_queries(shop: Scene, call: Conversation, as_: SignIn) -> None:
    ben = as_(shop.who.ben)
    with CaptureQueriesContext(connection) as queries:
        outline = Outline(page(ben, call))
    assert sum("calls_recording" in one["sql"] for one in queries) == 1
    assert sum("calls_call" in one["sql"] or "privacy_consent" in one["sql"] for one in queries) <= 4
    assert len(outline.ids) == len(set(outline.ids))
    unnamed = [
        field for place, field in enumerate(outline.fields)
        if field.get("id") not in outline.labelled and place not in outline.wrapped and not field.get("aria-label")
    ]  # fmt: skip
    assert unnamed == []
    assert {"customer", "file"} <= {field.get("name") for field in outline.fields}
    with CaptureQueriesContext(connection) as queries:
        page(ben, shop.chat)
    assert not any("calls_recording" in one["sql"] for one in queries)
