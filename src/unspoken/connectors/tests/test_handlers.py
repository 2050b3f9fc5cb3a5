"""Which answers are sent, by whom, and what becomes of those that cannot be."""

import pytest

from unspoken.connectors.handlers import send_reply
from unspoken.connectors.registry import connectors
from unspoken.conversations.actions import reply
from unspoken.conversations.models import Conversation, Inbox, Message
from unspoken.conversations.tests.talk import conversation
from unspoken.journal.deliveries import work_off
from unspoken.journal.models import Delivery, Entry
from unspoken.kit.clock import now
from unspoken.staff.tests.cast import Members, members

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast() -> Members:
    return members()


@pytest.fixture
def asked(cast: Members) -> Conversation:
    return conversation(team=cast.care)


def test_the_worker_sends_what_was_approved(cast: Members, asked: Conversation) -> None:
    message = reply(asked, text="Gladly.", by=cast.ben, now=now())
    work_off(now=now())
    message.refresh_from_db()
    assert message.sending == "sent"  # an integrator's inbox: whoever asks by API has the answer
    assert Delivery.objects.get(subscriber="connectors.send").state == "done"
    assert Entry.objects.filter(kind="reply.sent").count() == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"connector": "chatwoot", "is_active": False}, "is switched off"),
        ({"connector": "email"}, "is not set up yet"),
        (
            {"connector": "pigeon", "settings": {"loft": 1}},
            "There is no connector named 'pigeon'; there are audiohook, chatwoot, email, pcm, twilio",
        ),
    ],
)
def test_an_answer_without_a_way_out_says_so(
    cast: Members, asked: Conversation, changes: dict[str, object], said: str
) -> None:
    message = reply(asked, text="Gladly.", by=cast.ben, now=now())
    Inbox.objects.update(**changes)
    work_off(now=now())
    message.refresh_from_db()
    asked.refresh_from_db()
    assert (message.sending, asked.status) == ("failed", "open")
    assert said in message.sending_error


def test_an_erased_answer_is_not_sent(cast: Members, asked: Conversation) -> None:
    reply(asked, text="Gladly.", by=cast.ben, now=now())
    entry = Entry.objects.get(kind="reply.queued")
    Message.objects.all().delete()
    send_reply(entry)
    assert Entry.objects.filter(kind="reply.sent").count() == 0


def test_what_nobody_foresaw_never_sends_twice(
    cast: Members, asked: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    Inbox.objects.update(connector="chatwoot", settings={"account_id": 3})
    connector, calls = connectors()["chatwoot"], []

    def breaks(message: Message, inbox: Inbox) -> str:
        calls.append("send")
        raise RuntimeError("nobody thought of this")

    monkeypatch.setattr(connector, "send", breaks)
    monkeypatch.setattr(connector, "was_sent", lambda message, inbox: calls.append("was_sent") or "77")
    message = reply(asked, text="Gladly.", by=cast.ben, now=now())
    entry = Entry.objects.get(kind="reply.queued")
    with pytest.raises(RuntimeError):
        send_reply(entry)
    send_reply(entry)
    message.refresh_from_db()
    assert (calls, message.sending) == (["send", "was_sent"], "sent")
