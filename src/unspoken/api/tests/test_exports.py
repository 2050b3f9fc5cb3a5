"""A conversation as a file over the API: to whom it may be told, in which formats, and what is refused."""

import json
from collections.abc import Callable
from typing import Any

from unspoken.journal.models import Entry
from unspoken.people.tests.cast import Contacts
from unspoken.readings.exports.tests.emotionml_rules import violations
from unspoken.staff.models import Scope
from unspoken.staff.tests.cast import Members

from .test_messages import message
from .test_records import arrived

Programs = Callable[..., Any]


def called(program: Any) -> str:
    """Let Mina call; return the conversation's id."""
    spoken = message(2, text="This is terrible!", channel="call", metadata={"begins": 1.0, "ends": 3.5})
    return str(program("post", "/messages", spoken | {"conversation_id": "call"}).json()["conversation"])


def test_a_call_leaves_as_contact_lens(staff: Members, known: Contacts, program: Programs) -> None:
    ada = program(staff.ada)
    call = called(ada)
    answer = ada("get", f"/conversations/{call}/export?format=contact-lens")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    assert answer["Content-Disposition"] == f'attachment; filename="{call}.contact-lens.json"'
    told = json.loads(answer.content)
    [turn] = told["Transcript"]
    assert (turn["ParticipantRole"], turn["BeginOffsetMillis"], turn["EndOffsetMillis"]) == ("CUSTOMER", 1000, 3500)
    assert turn["Sentiment"] == "NEGATIVE"
    taken = Entry.objects.get(kind="conversation.exported")
    assert (taken.conversation_id, taken.actor, taken.data) == (call, staff.ada.pk, {"what": "contact-lens"})


def test_any_conversation_leaves_as_emotionml_that_leads_back_to_it(
    staff: Members, known: Contacts, program: Programs
) -> None:
    ada = program(staff.ada)
    conversation = arrived(ada, staff)
    answer = ada("get", f"/conversations/{conversation}/export?format=emotionml")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/emotionml+xml")
    text = answer.content.decode()
    assert violations(text) == []
    [read] = ada("get", f"/conversations/{conversation}/messages").json()["items"]
    assert f'id="{read["reading"]["id"]}"' in text
    assert f'/conversations/{conversation}#{read["id"]}"' in text


def test_an_unknown_format_and_a_chat_as_a_call_are_problems(
    staff: Members, known: Contacts, program: Programs
) -> None:
    ada = program(staff.ada)
    conversation = arrived(ada, staff)
    for asked, title in (
        ("?format=pdf", "The request does not fit what is expected."),
        ("", "The request does not fit what is expected."),
        ("?format=contact-lens", "Contact Lens tells of calls only."),
    ):
        answer = ada("get", f"/conversations/{conversation}/export{asked}")
        assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
        assert answer.json()["title"] == title
    assert answer.json()["detail"].endswith("is no call but came by chat. Ask for emotionml.")


def test_nothing_leaves_out_of_sight_or_without_the_scope(staff: Members, known: Contacts, program: Programs) -> None:
    conversation = arrived(program(staff.ada), staff)
    path = f"/conversations/{conversation}/export?format=emotionml"
    assert program(staff.ben)("get", path).status_code == 200
    assert program(staff.cleo)("get", path).status_code == 404
    refused = program(staff.ben, Scope.CONVERSATIONS_WRITE)("get", path)
    assert (refused.status_code, refused["Content-Type"]) == (403, "application/problem+json")
    assert list(Entry.objects.filter(kind="conversation.exported").values_list("actor")) == [(staff.ben.pk,)]
