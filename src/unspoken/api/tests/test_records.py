"""The record over the API: sight, changes, corrections, consents."""

from collections.abc import Callable
from typing import Any

import pytest

from unspoken.conversations.models import Conversation
from unspoken.people.models import Contact
from unspoken.people.tests.cast import Contacts
from unspoken.privacy.models import ConsentDecision
from unspoken.readings.models import Correction
from unspoken.staff.models import Role, Scope
from unspoken.staff.permissions import PERMISSIONS, Permission
from unspoken.staff.tests.cast import Members

from .test_messages import message

Programs = Callable[..., Any]


def arrived(program: Any, staff: Members) -> str:
    """Let Mina's message come in for team Care; return the conversation's id."""
    answer = program("post", "/messages", message(1, text="This is terrible, nobody answers me!"))
    conversation = Conversation.objects.get(pk=answer.json()["conversation"])
    conversation.team = staff.care
    conversation.save(update_fields=["team"])
    return str(conversation.pk)


def test_cleo_sees_nothing_of_bens(staff: Members, known: Contacts, program: Programs) -> None:
    conversation = arrived(program(staff.ada), staff)
    ben, cleo = program(staff.ben), program(staff.cleo)
    assert [each["id"] for each in ben("get", "/conversations").json()["items"]] == [conversation]
    assert cleo("get", "/conversations").json() == {"items": [], "next_cursor": None}
    for method, path, body in (
        ("get", "", None), ("get", "/messages", None), ("get", "/trajectory", None),
        ("patch", "", {"status": "resolved"}), ("post", "/replies", {"text": "Hello"}),
        ("post", "/notes", {"text": "x"}),
    ):  # fmt: skip
        assert cleo(method, f"/conversations/{conversation}{path}", body).status_code == 404
    assert Conversation.objects.get(pk=conversation).status == "open"
    assert Conversation.objects.get(pk=conversation).messages.count() == 1


def test_a_conversation_is_changed_and_answered(staff: Members, known: Contacts, program: Programs) -> None:
    ben = program(staff.ben)
    conversation = arrived(program(staff.ada), staff)
    changed = ben("patch", f"/conversations/{conversation}", {"assignee": staff.ben.pk, "labels": ["delivery"]}).json()
    assert (changed["assignee"], changed["labels"]) == ({"id": staff.ben.pk, "name": "Ben"}, ["delivery"])
    key = {"idempotency-key": "once"}
    first = ben("post", f"/conversations/{conversation}/replies", {"text": "I am looking into it."}, **key)
    again = ben("post", f"/conversations/{conversation}/replies", {"text": "I am looking into it."}, **key)
    assert (first.status_code, first.json()["id"]) == (201, again.json()["id"])
    assert ben("get", f"/conversations/{conversation}").json()["status"] == "waiting"


def test_a_correction_replaces_the_reading(staff: Members, known: Contacts, program: Programs) -> None:
    ben = program(staff.ben)
    conversation = arrived(program(staff.ada), staff)
    reading = ben("get", f"/conversations/{conversation}/messages").json()["items"][0]["reading"]
    before = ben("get", f"/conversations/{conversation}/trajectory").json()
    assert ben("post", f"/readings/{reading['id']}/correction", {"cx": "fury"}).status_code == 422
    assert Correction.objects.count() == 0
    assert ben("post", f"/readings/{reading['id']}/correction", {"cx": "gratitude"}).status_code == 201
    after = ben("get", f"/conversations/{conversation}/messages").json()["items"][0]["reading"]
    assert (after["corrected"], after["expresses"]) == ("gratitude", "gratitude")
    assert ben("get", f"/conversations/{conversation}/trajectory").json()["level"] > before["level"]


def test_contacts_are_made_found_changed_and_merged(staff: Members, known: Contacts, program: Programs) -> None:
    ben = program(staff.ben)
    new = {"name": "Jörg Weiß", "handles": [{"kind": "phone", "value": "+44 7700 900222"}]}
    made = ben("post", "/contacts", new)
    assert (made.status_code, made.json()["identities"][0]["handle"]) == (201, "+447700900222")
    assert [each["name"] for each in ben("get", "/contacts?q=jör").json()["items"]] == ["Jörg Weiß"]
    path = f"/contacts/{made.json()['id']}"
    assert ben("patch", path, {"city": "Kiel"}).json()["city"] == "Kiel"
    merged = ben("post", f"/contacts/{known.mina.pk}/merge", {"absorbed": made.json()["id"]})
    assert merged.status_code == 201
    assert ben("get", path).json()["id"] == known.mina.pk
    assert ben("delete", f"/contacts/{known.mina.pk}/merge/{merged.json()['merge']}").status_code == 204
    assert ben("get", path).json()["name"] == "Jörg Weiß"
    taken = {"name": "Twin", "handles": [{"kind": "email", "value": "mina@lumen.example"}]}
    assert ben("post", "/contacts", taken).status_code == 422
    assert not Contact.objects.filter(name="Twin").exists()


def test_a_withdrawal_holds_for_the_next_message(staff: Members, known: Contacts, program: Programs) -> None:
    ada = program(staff.ada)
    withdrawn = {"modality": "text", "purpose": "service", "decision": "withdrawn", "source": "phone call"}
    assert ada("post", f"/contacts/{known.mina.pk}/consents", withdrawn).status_code == 201
    assert [each["decision"] for each in ada("get", f"/contacts/{known.mina.pk}/consents").json()] == ["withdrawn"]
    assert ada("post", "/messages", message(9)).json()["reason"] == "no_consent"


def test_an_analyst_may_not_record_consents(staff: Members, known: Contacts, program: Programs) -> None:
    before = ConsentDecision.objects.count()
    given = {"modality": "voice", "purpose": "service", "decision": "given", "source": "made up"}
    assert program(staff.ana)("post", f"/contacts/{known.mina.pk}/consents", given).status_code in {403, 404}
    assert ConsentDecision.objects.count() == before


def test_a_token_records_no_consent_that_its_member_may_not_record(
    staff: Members, known: Contacts, program: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, agent = ConsentDecision.objects.count(), PERMISSIONS[Role.AGENT]
    path = f"/contacts/{known.mina.pk}/consents"
    given = {"modality": "voice", "purpose": "service", "decision": "given", "source": "made up"}
    monkeypatch.setitem(PERMISSIONS, Role.AGENT, agent - {Permission.RECORD_CONSENTS})
    refused = program(staff.ben)("post", path, given)
    assert (refused.status_code, refused.json()["title"]) == (403, "Not allowed.")
    monkeypatch.setitem(PERMISSIONS, Role.AGENT, agent)
    assert program(staff.ben, Scope.CONTACTS_WRITE)("post", path, given).status_code == 403
    assert ConsentDecision.objects.count() == before
    assert program(staff.ben, Scope.CONSENT_WRITE)("post", path, given).status_code == 201


def test_events_are_listed_within_sight(staff: Members, known: Contacts, program: Programs) -> None:
    conversation = arrived(program(staff.ada), staff)
    program(staff.ben)("post", f"/conversations/{conversation}/notes", {"text": "Called back."})
    ada, cleo = (program(who)("get", "/events?limit=500").json() for who in (staff.ada, staff.cleo))
    assert "message.received" in {each["kind"] for each in ada["items"]}
    assert [each for each in cleo["items"] if each["kind"] == "conversation.changed"] == []


def test_private_webhook_addresses_are_refused(staff: Members, program: Programs) -> None:
    ada = program(staff.ada)
    answer = ada("post", "/webhooks", {"url": "https://127.0.0.1/x", "kinds": ["flag."]})
    assert (answer.status_code, ada("get", "/webhooks").json()) == (422, [])
    assert program(staff.ben, Scope.WEBHOOKS)("get", "/webhooks").status_code == 403


def test_a_cursor_that_is_not_ours_is_refused(staff: Members, program: Programs) -> None:
    answer = program(staff.ada)("get", "/conversations?cursor=bm9uc2Vuc2U")
    assert (answer.status_code, answer.json()["title"]) == (400, "The cursor cannot be used.")


def test_a_change_of_which_one_part_is_refused_changes_nothing(
    staff: Members, known: Contacts, program: Programs
) -> None:
    conversation = arrived(program(staff.ada), staff)
    change = {"assignee": staff.ben.pk, "labels": ["delivery"], "status": "snoozed"}  # until when is missing
    assert program(staff.ben)("patch", f"/conversations/{conversation}", change).status_code == 422
    kept = Conversation.objects.get(pk=conversation)
    assert (kept.assignee_id, list(kept.labels.all()), kept.status) == (None, [], "open")
