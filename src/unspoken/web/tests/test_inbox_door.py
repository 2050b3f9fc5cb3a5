"""The settings of an inbox's connector: kept and tried out by an owner, unseen by others."""

from collections.abc import Callable

import pytest
from django.test import Client

from unspoken.conversations.models import Inbox
from unspoken.kit.clock import now
from unspoken.staff.models import Member

from .scene import Scene

pytestmark = pytest.mark.django_db
As = Callable[[Member], Client]
TYPED = {"base_url": "https://127.0.0.1", "account_id": "3", "api_token": "a secret token", "webhook_secret": "a hook"}


@pytest.fixture
def inbox() -> Inbox:
    return Inbox.objects.create(name="Website", channel="chat", connector="chatwoot", settings={}, created_at=now())


def test_what_an_owner_types_is_kept_tried_out_and_its_secrets_not_shown_again(
    shop: Scene, as_: As, inbox: Inbox
) -> None:
    client, address = as_(shop.who.ada), f"/settings/inboxes/{inbox.pk}/door"
    assert f"/hooks/chatwoot/{inbox.pk}" in client.get(address).content.decode()
    page = client.post(address, TYPED, follow=True).content.decode()
    assert "Kept, but it does not work yet" in page
    assert "leads to the private address 127.0.0.1" in page
    assert "a secret token" not in page
    inbox.refresh_from_db()
    assert (inbox.settings["account_id"], inbox.settings["api_token"]) == (3, "a secret token")


def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_kept(shop: Scene, as_: As, inbox: Inbox) -> None:
    page = as_(shop.who.ada).post(f"/settings/inboxes/{inbox.pk}/door", TYPED | {"base_url": "http://x.example"})
    assert "Use https://" in page.content.decode()
    inbox.refresh_from_db()
    assert inbox.settings == {}


def test_nobody_else_sees_or_changes_them(shop: Scene, as_: As, inbox: Inbox) -> None:
    client = as_(shop.who.ben)
    assert client.get(f"/settings/inboxes/{inbox.pk}/door").status_code == 403
    assert client.post(f"/settings/inboxes/{inbox.pk}/door", TYPED).status_code == 403
    inbox.refresh_from_db()
    assert inbox.settings == {}


def test_an_inbox_without_a_connector_has_no_such_page(shop: Scene, as_: As, inbox: Inbox) -> None:
    Inbox.objects.update(connector="")
    assert as_(shop.who.ada).get(f"/settings/inboxes/{inbox.pk}/door").status_code == 404
