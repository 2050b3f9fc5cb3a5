"""Settings of one's own and of the house, webhooks, and the journal."""

from collections.abc import Callable

from django.test import Client
from django.urls import reverse

from unspoken.conversations.models import CannedReply, Inbox
from unspoken.journal.models import Entry
from unspoken.kit.clock import now
from unspoken.staff.models import ApiToken, Member, Team
from unspoken.staff.queries import member_of_token
from unspoken.webhooks.models import Endpoint

from .scene import Scene

SignIn = Callable[..., Client]


def test_a_token_is_shown_once_and_works(shop: Scene, as_: SignIn) -> None:
    client = as_(shop.who.ben)
    made = client.post("/settings/tokens", {"name": "shop", "scopes": ["messages:write"], "days": "30"})
    secret = made.context["secret"]
    assert secret.startswith("uns_") and secret in made.content.decode()
    assert made["Cache-Control"] == "private, no-store"
    assert secret not in client.get("/settings/tokens").content.decode()
    token = member_of_token(secret, now())
    assert token is not None and token.member == shop.who.ben
    client.post(reverse("settings-token-revoke", args=[token.pk]))
    assert member_of_token(secret, now()) is None


def test_nobody_stops_the_token_of_another(shop: Scene, as_: SignIn) -> None:
    as_(shop.who.ben).post("/settings/tokens", {"name": "shop", "scopes": ["messages:write"], "days": "0"})
    answer = as_(shop.who.cleo).post(reverse("settings-token-revoke", args=[ApiToken.objects.get().pk]))
    assert (answer.status_code, ApiToken.objects.get().revoked_at) == (404, None)


def test_a_token_without_a_scope_is_not_made(shop: Scene, as_: SignIn) -> None:
    as_(shop.who.ben).post("/settings/tokens", {"name": "shop", "days": "30"})
    assert not ApiToken.objects.exists()


def test_one_changes_ones_own_name_password_and_quiet_hours(shop: Scene, as_: SignIn) -> None:
    ben = shop.who.ben
    ben.set_password("correct horse battery")
    ben.save()
    client = as_(ben)
    client.post("/settings", {"form": "name", "name": "Benjamin"})
    quiet = {"timezone": "Europe/London", "quiet_from": "22:00", "quiet_until": "07:00", "alerts_per_hour": "3"}
    client.post("/settings", {"form": "quiet"} | quiet)
    wrong = client.post("/settings", {"form": "password", "old": "nonsense", "new": "a longer pass phrase"})
    assert "This is not the present password." in wrong.content.decode()
    weak = client.post("/settings", {"form": "password", "old": "correct horse battery", "new": "short"})
    assert "too short" in weak.content.decode()
    client.post("/settings", {"form": "password", "old": "correct horse battery", "new": "a longer pass phrase"})
    ben.refresh_from_db()
    assert (ben.name, ben.alerts_per_hour, str(ben.quiet_from)) == ("Benjamin", 3, "22:00:00")
    assert ben.check_password("a longer pass phrase")
    assert client.get("/settings").status_code == 200


def test_only_an_owner_adds_and_changes_members_and_teams(shop: Scene, as_: SignIn) -> None:
    new = {"name": "Dan", "email": "dan@example.org", "role": "agent", "password": "a longer pass phrase"}
    assert as_(shop.who.lea).post("/settings/members", new).status_code == 403
    assert as_(shop.who.ben).get(reverse("settings-member", args=[shop.who.lea.pk])).status_code == 403
    assert as_(shop.who.ben).post("/settings/teams", {"name": "Field"}).status_code == 403
    assert not Member.objects.filter(email="dan@example.org").exists() and Team.objects.count() == 2
    client = as_(shop.who.ada)
    assert client.post("/settings/members", new | {"teams": [shop.who.care.pk]}).status_code == 302
    assert client.post("/settings/teams", {"name": "Field"}).status_code == 302
    dan = Member.objects.get(email="dan@example.org")
    assert list(dan.teams.all()) == [shop.who.care]
    client.post(reverse("settings-member", args=[dan.pk]), {"role": "lead", "teams": [shop.who.press.pk]})
    dan.refresh_from_db()
    assert (dan.role, list(dan.teams.all())) == ("lead", [shop.who.press])
    client.post(reverse("settings-member", args=[dan.pk]), {"role": "lead", "service": "out"})
    dan.refresh_from_db()
    assert not dan.is_active


def test_the_last_owner_stays(shop: Scene, as_: SignIn) -> None:
    answer = as_(shop.who.ada).post(reverse("settings-member", args=[shop.who.ada.pk]), {"role": "agent"}, follow=True)
    shop.who.ada.refresh_from_db()
    assert ("only active owner" in answer.content.decode(), shop.who.ada.role) == (True, "owner")


def test_a_lead_sets_the_budget_of_their_own_team_only(shop: Scene, as_: SignIn) -> None:
    data, client = {"timezone": "UTC", "alerts_per_hour": "5"}, as_(shop.who.lea)
    assert client.post(reverse("settings-team", args=[shop.who.care.pk]), data).status_code == 302
    assert client.post(reverse("settings-team", args=[shop.who.press.pk]), data).status_code == 403
    shop.who.care.refresh_from_db()
    shop.who.press.refresh_from_db()
    assert (shop.who.care.alerts_per_hour, shop.who.press.alerts_per_hour) == (5, 20)


def test_inboxes_and_canned_replies_are_kept(shop: Scene, as_: SignIn) -> None:
    client = as_(shop.who.ada)
    client.post("/settings/inboxes", {"name": "Reviews", "channel": "review", "team": shop.who.press.pk})
    inbox = Inbox.objects.get(name="Reviews")
    client.post(reverse("settings-inbox", args=[inbox.pk]), {"name": "All reviews", "connector": "", "team": ""})
    inbox.refresh_from_db()
    assert (inbox.name, inbox.team, inbox.is_active) == ("All reviews", None, False)
    client.post("/settings/canned-replies", {"title": "Hello", "text": "Hello {contact_name}"})
    canned = CannedReply.objects.get()
    wrong = client.post(reverse("settings-canned-one", args=[canned.pk]), {"title": "Hello", "text": "{secret}"})
    assert "is no placeholder" in wrong.content.decode()
    assert as_(shop.who.ben).post(reverse("settings-canned-delete", args=[canned.pk])).status_code == 403
    client.post(reverse("settings-canned-delete", args=[canned.pk]))
    assert not CannedReply.objects.exists()


def test_webhooks_are_for_those_who_manage_them_and_go_to_public_addresses_only(shop: Scene, as_: SignIn) -> None:
    assert as_(shop.who.ben).get("/settings/webhooks").status_code == 403
    refused = as_(shop.who.ada).post("/settings/webhooks", {"url": "https://127.0.0.1/hook"})
    assert (refused.status_code, 'class="errors" id="id_url_error"' in refused.content.decode()) == (200, True)
    assert not Endpoint.objects.exists()


def test_a_webhooks_secret_is_shown_when_it_is_made_anew(shop: Scene, as_: SignIn) -> None:
    endpoint = Endpoint.objects.create(url="https://example.org/hook", secret="whsec_old", created_at=now())
    client = as_(shop.who.ada)
    html = client.post(reverse("settings-webhook-change", args=[endpoint.pk, "secret"])).content.decode()
    endpoint.refresh_from_db()
    assert endpoint.secret != "whsec_old" and endpoint.secret in html
    assert endpoint.secret not in client.get("/settings/webhooks").content.decode()
    client.post(reverse("settings-webhook-change", args=[endpoint.pk, "off"]))
    endpoint.refresh_from_db()
    assert not endpoint.is_active


def test_the_journal_is_for_owners_and_privacy_officers(shop: Scene, as_: SignIn) -> None:
    for member, status in ((shop.who.ada, 200), (shop.who.pia, 200), (shop.who.ben, 403), (shop.who.ana, 403)):
        assert as_(member).get("/journal").status_code == status
    html = as_(shop.who.pia).get("/journal?kind=flag.").content.decode()
    assert "flag.raised" in html and "member.changed" not in html


def test_the_journal_says_whether_its_chain_holds(shop: Scene, as_: SignIn) -> None:
    client = as_(shop.who.ada)
    assert "The whole chain holds" in client.get("/journal?verify=1").content.decode()
    second = Entry.objects.order_by("id")[1]
    Entry.objects.filter(pk=second.pk).update(actor="somebody else")
    assert f"The chain breaks at entry {second.pk}" in client.get("/journal?verify=1").content.decode()
