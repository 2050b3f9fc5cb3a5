"""Answers reach Chatwoot once, come back without being stored twice, and say why when they cannot."""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async

from unspoken.connectors.base import SendError
from unspoken.connectors.handlers import send_reply
from unspoken.connectors.models import Dispatch
from unspoken.connectors.registry import connectors
from unspoken.connectors.tests.doors import deliver, inbox_of, payloads
from unspoken.conversations.actions import reply
from unspoken.conversations.models import Conversation, Inbox, Message
from unspoken.journal.models import Entry
from unspoken.kit.clock import now
from unspoken.staff.tests.cast import Members, members

from .server import Chatwoot, chatwoot

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast() -> Members:
    return members()


@pytest.fixture
def theirs() -> Iterator[Chatwoot]:
    with chatwoot() as server:
        yield server


@pytest.fixture
def inbox(theirs: Chatwoot) -> Inbox:
    return inbox_of("chatwoot", base_url=theirs.url, private_network=True)


@pytest.fixture
def asked(inbox: Inbox) -> Conversation:
    """Conversation 412 of Chatwoot's account 3."""
    at = now() - timedelta(minutes=5)
    return Conversation.objects.create(
        inbox=inbox, channel="chat", source=f"chatwoot:{inbox.pk}", external_id="412", opened_at=at, last_message_at=at
    )


def approval() -> Entry:
    entry = Entry.objects.filter(kind="reply.queued").order_by("id").last()
    assert entry is not None
    return entry


def after_sending(message: Message) -> tuple[str, str]:
    message.refresh_from_db()
    return message.sending, message.sending_error


def test_an_answer_is_posted_into_its_conversation_once(theirs: Chatwoot, asked: Conversation, cast: Members) -> None:
    message = reply(asked, text="On its way. ☕", by=cast.ada, now=now())
    for _ in range(3):
        send_reply(approval())
    assert after_sending(message) == ("sent", "")
    assert theirs.requests == [("POST", "/api/v1/accounts/3/conversations/412/messages", "token-that-nobody-may-see")]
    assert [(one["content"], one["private"], one["echo_id"]) for one in theirs.posted] == [
        ("On its way. ☕", False, message.pk)
    ]
    assert Dispatch.objects.get().remote_id == "700"


@pytest.mark.parametrize("hangs_up", [True, False])
def test_after_a_broken_connection_it_is_looked_for_before_it_is_sent_again(
    theirs: Chatwoot, asked: Conversation, cast: Members, hangs_up: bool
) -> None:
    message = reply(asked, text="On its way.", by=cast.ada, now=now())
    theirs.hangs_up, theirs.status = hangs_up, 200 if hangs_up else 502
    with pytest.raises(SendError, match="broke off"):
        send_reply(approval())
    assert after_sending(message)[0] == "queued"
    theirs.hangs_up, theirs.status = False, 200
    send_reply(approval())
    assert after_sending(message) == ("sent", "")
    assert len(theirs.posted) == 1


def test_an_answer_that_did_not_arrive_is_sent_after_looking(
    theirs: Chatwoot, asked: Conversation, cast: Members
) -> None:
    message = reply(asked, text="On its way.", by=cast.ada, now=now())
    theirs.hangs_up = True
    with pytest.raises(SendError):
        send_reply(approval())
    theirs.posted.clear()
    theirs.hangs_up = False
    send_reply(approval())
    assert after_sending(message) == ("sent", "")
    assert [one["content"] for one in theirs.posted] == ["On its way."]


def test_while_nobody_can_tell_whether_it_arrived_it_is_not_sent_again(
    theirs: Chatwoot, asked: Conversation, cast: Members
) -> None:
    message = reply(asked, text="On its way.", by=cast.ada, now=now())
    theirs.hangs_up, theirs.list_status = True, 503
    for _ in range(3):
        with pytest.raises(SendError):
            send_reply(approval())
    assert len(theirs.posted) == 1
    assert after_sending(message)[0] == "queued"


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, "Correct the access token"),
        (403, "Give the token's agent access"),
        (404, "account number is wrong"),
        (422, "422"),
    ],
)
def test_what_chatwoot_refuses_says_why(
    theirs: Chatwoot, asked: Conversation, cast: Members, status: int, said: str
) -> None:
    theirs.status = status
    message = reply(asked, text="On its way.", by=cast.ada, now=now())
    send_reply(approval())
    sending, error = after_sending(message)
    assert (sending, said in error) == ("failed", True)


@pytest.mark.parametrize("status", [429, 408])
def test_a_busy_chatwoot_is_tried_again(theirs: Chatwoot, asked: Conversation, cast: Members, status: int) -> None:
    theirs.status = status
    message = reply(asked, text="On its way.", by=cast.ada, now=now())
    with pytest.raises(SendError):
        send_reply(approval())
    assert after_sending(message)[0] == "queued"


def test_a_server_that_is_off_is_tried_again_and_in_the_end_given_up(asked: Conversation, cast: Members) -> None:
    Inbox.objects.update(settings=asked.inbox.settings | {"base_url": "http://127.0.0.1:1"})
    message = reply(asked, text="On its way.", by=cast.ada, now=now())
    entry = approval()
    with pytest.raises(SendError, match="cannot be reached"):
        send_reply(entry)
    entry.at = now() - timedelta(hours=25)
    send_reply(entry)
    assert after_sending(message)[0] == "failed"


def test_a_private_address_is_not_called_unless_the_operator_says_so(
    theirs: Chatwoot, asked: Conversation, cast: Members
) -> None:
    Inbox.objects.update(settings=asked.inbox.settings | {"private_network": False, "base_url": "https://127.0.0.1"})
    message = reply(asked, text="On its way.", by=cast.ada, now=now())
    send_reply(approval())
    sending, error = after_sending(message)
    assert sending == "failed"
    assert "leads to the private address 127.0.0.1" in error
    assert theirs.requests == []


def echo(inbox: Inbox, number: int, text: str) -> bytes:
    said = json.loads(payloads("chatwoot")["agent-reply"])
    return json.dumps(said | {"id": number, "content": text}).encode()


async def test_our_own_answer_coming_back_is_not_stored_twice(
    theirs: Chatwoot, inbox: Inbox, asked: Conversation, cast: Members
) -> None:
    await sync_to_async(reply)(asked, text="On its way.", by=cast.ada, now=now())
    await sync_to_async(send_reply)(await sync_to_async(approval)())
    answer = json.loads((await deliver(inbox, echo(inbox, 700, "On its way."))).content)
    assert (answer["stored"], answer["ignored"]) == (0, ["message 700: it was sent from here"])
    assert await asked.messages.acount() == 1
    another = json.loads((await deliver(inbox, echo(inbox, 701, "On its way."))).content)  # an agent's, in Chatwoot
    assert another["stored"] == 1


async def test_an_answer_that_comes_back_before_chatwoot_has_answered_is_known_by_its_words(
    inbox: Inbox, asked: Conversation, cast: Members
) -> None:
    message = await sync_to_async(reply)(asked, text="On its\nway.", by=cast.ada, now=now())
    entry = await sync_to_async(approval)()
    await Dispatch.objects.acreate(approval_id=entry.pk, message=message, started_at=now())
    assert json.loads((await deliver(inbox, echo(inbox, 700, "On its way."))).content)["stored"] == 0
    assert json.loads((await deliver(inbox, echo(inbox, 701, "Something else."))).content)["stored"] == 1


def test_trying_the_settings_out_says_what_does_not_work(theirs: Chatwoot, inbox: Inbox) -> None:
    probe = connectors()["chatwoot"].probe
    assert probe(inbox.settings) == []
    assert probe(inbox.settings | {"account_id": 4}) == ["The access token belongs to account 3, not to 4."]
    assert "cannot be reached" in probe(inbox.settings | {"base_url": "http://127.0.0.1:1"})[0]
    assert (
        "leads to the private address"
        in probe(inbox.settings | {"private_network": False, "base_url": "https://127.0.0.1"})[0]
    )
    theirs.status = 401
    assert probe(inbox.settings) == ["Chatwoot does not accept the access token (401). Copy it anew."]
    assert theirs.posted == []
