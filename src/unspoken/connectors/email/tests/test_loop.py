"""The whole way of a mail, with real servers: fetched, taken in once, answered in its thread."""

from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from unspoken.connectors.handlers import send_reply
from unspoken.connectors.models import Dispatch, Lookout
from unspoken.connectors.polling import look
from unspoken.connectors.registry import connectors
from unspoken.connectors.tests.doors import inbox_of
from unspoken.conversations.actions import reply, send_again
from unspoken.conversations.models import Conversation, Inbox, Message
from unspoken.intake import batcher
from unspoken.journal.models import Entry
from unspoken.kit.clock import now
from unspoken.staff.tests.cast import Members, members

from .servers import MISSING, USER, MailServer, Outbox, dovecot, smtp_server

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.skipif(bool(MISSING), reason=MISSING)]


@pytest.fixture(scope="module")
def running() -> Iterator[MailServer]:
    with dovecot() as server:
        yield server


@pytest.fixture
def server(running: MailServer) -> MailServer:
    """A mailbox without mails."""
    running.empty()
    return running


@pytest.fixture
def sending(tmp_path: Path) -> Iterator[tuple[Outbox, dict[str, Any]]]:
    with smtp_server(tmp_path) as given:
        yield given


@pytest.fixture
def cast() -> Members:
    return members()


def mail(number: int, text: str = "It leaks.", **headers: str) -> bytes:
    """Return Mina's mail `number`."""
    message = EmailMessage()
    fields = {
        "From": "Mina Okafor <Mina@lumen.example>", "To": USER, "Subject": "Leaking kettle",
        "Message-ID": f"<{number}@lumen.example>", "Date": "Mon, 02 Mar 2026 09:00:00 +0000",
    } | {name.replace("_", "-"): value for name, value in headers.items()}  # fmt: skip
    for name, value in fields.items():
        message[name] = value
    message.set_content(text)
    return message.as_bytes(policy=policy.SMTP)


def due(inbox: Inbox) -> Inbox:
    """Make the mailbox due again."""
    Lookout.objects.filter(inbox=inbox).update(due_at=now() - timedelta(seconds=1))
    return inbox


def approval() -> Entry:
    """Return the journal's newest approval."""
    newest = Entry.objects.filter(kind="reply.queued").order_by("id").last()
    assert newest is not None
    return newest


def test_a_mail_is_taken_in_and_its_answer_arrives_in_the_same_thread(
    server: MailServer, sending: tuple[Outbox, dict[str, Any]], cast: Members
) -> None:
    outbox, smtp = sending
    inbox = inbox_of("email", **server.settings(imap_security="tls", imap_port=server.imaps))
    quoting = "On Sun, 1 Mar 2026 at 10:00, Care <care@kettle.example> wrote:\n> Sent!"
    server.receive(mail(1, f"It leaks again.\n\nKind regards\nMina\n\n{quoting}", References="<0@kettle.example>"))
    assert look(inbox, now=now()) == 1
    asked = Message.objects.get()
    assert (asked.text, asked.author_kind, asked.folded["signature"]) == (
        "It leaks again.",
        "customer",
        "Kind regards\nMina",
    )
    assert asked.folded["quoted"] == quoting
    conversation = asked.conversation
    assert (conversation.inbox, conversation.subject, conversation.channel) == (inbox, "Leaking kettle", "email")
    assert conversation.contact is not None
    assert [identity.handle for identity in conversation.contact.identities.all()] == ["mina@lumen.example"]

    inbox.settings |= smtp
    inbox.save()
    answer = reply(conversation, text="Grüße! A new one is on its way. ☕", by=cast.ada, now=now())
    send_reply(approval())
    answer.refresh_from_db()
    assert (answer.sending, answer.sending_error) == ("sent", "")
    [envelope] = outbox.taken
    assert (envelope.mail_from, envelope.rcpt_tos) == (USER, ["mina@lumen.example"])
    arrived = message_from_bytes(bytes(envelope.content or b""), policy=policy.default)
    assert arrived["In-Reply-To"] == "<1@lumen.example>"
    assert arrived["References"] == "<0@kettle.example> <1@lumen.example>"
    assert arrived["Message-ID"] == f"<{answer.pk}@kettle.example>"
    assert (arrived["Subject"], arrived["From"], arrived["To"]) == (
        "Re: Leaking kettle", "Ada <care@kettle.example>", "mina@lumen.example",
    )  # fmt: skip
    assert arrived.get_content().strip() == "Grüße! A new one is on its way. ☕"

    copy = bytes(envelope.content or b"")
    server.receive(mail(2, "Thank you!", In_Reply_To=f"<{answer.pk}@kettle.example>"), copy)
    inbox.settings |= {"certificate": server.certificate}
    inbox.save()
    assert look(due(inbox), now=now()) == 1  # the copy of our own answer is not stored again
    assert Conversation.objects.count() == 1
    assert (
        list(conversation.messages.order_by("occurred_at", "id").values_list("author_kind", flat=True)).count(
            "customer"
        )
        == 2
    )


def test_looking_again_finds_nothing_twice_and_changes_nothing_in_the_mailbox(server: MailServer) -> None:
    inbox = inbox_of("email", **server.settings())
    server.receive(*(mail(number) for number in range(45)))
    before = server.flags()
    assert look(inbox, now=now()) == 45
    assert look(due(inbox), now=now()) == 0
    server.receive(mail(45))
    assert look(due(inbox), now=now()) == 1
    assert look(inbox, now=now()) == 0  # not due yet
    assert Message.objects.count() == 46
    assert server.flags()[:45] == before
    assert not any(b"Seen" in flags for flags in server.flags())


def test_only_new_mails_are_taken_unless_the_old_are_asked_for(server: MailServer) -> None:
    inbox = inbox_of("email", **server.settings(existing=False))
    server.receive(mail(1))
    assert look(inbox, now=now()) == 0
    server.receive(mail(2))
    assert look(due(inbox), now=now()) == 1
    assert Message.objects.get().external_id == "2@lumen.example"


def test_what_was_under_way_when_it_broke_off_is_taken_in_again_once(
    server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = inbox_of("email", **server.settings())
    server.receive(*(mail(number) for number in range(50)))
    stored = batcher.submit

    def killed_midway(inbound: Any, **options: Any) -> Any:
        if inbound.external_id == "30@lumen.example":
            raise KeyboardInterrupt
        return stored(inbound, **options)

    with monkeypatch.context() as patch:
        patch.setattr(batcher, "submit", killed_midway)
        with pytest.raises(KeyboardInterrupt):
            look(inbox, now=now())
    batcher.close()
    assert Lookout.objects.get().state["last_uid"] >= 20
    assert Message.objects.count() == 30
    assert look(due(inbox), now=now()) == 20
    assert Message.objects.count() == 50


def test_a_mailbox_made_anew_is_compared_and_nothing_comes_twice(server: MailServer) -> None:
    inbox = inbox_of("email", **server.settings())
    server.receive(mail(1), mail(2))
    assert look(inbox, now=now()) == 2
    validity = Lookout.objects.get().state["uidvalidity"]
    server.empty()
    server.receive(mail(2), mail(3), mail(1))
    assert look(due(inbox), now=now()) == 1
    state = Lookout.objects.get().state
    assert state["uidvalidity"] != validity
    assert set(state) == {"uidvalidity", "last_uid", "day"}
    assert sorted(Message.objects.values_list("external_id", flat=True)) == [f"{n}@lumen.example" for n in (1, 2, 3)]


def test_mails_of_one_thread_fetched_together_are_one_conversation(server: MailServer) -> None:
    inbox = inbox_of("email", **server.settings())
    server.receive(mail(1), mail(2, In_Reply_To="<1@lumen.example>"), mail(3, In_Reply_To="<2@lumen.example>"))
    assert look(inbox, now=now()) == 3
    assert Conversation.objects.get().message_count == 3


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"password": "wrong"}, "Check name and password"),
        ({"certificate": ""}, "certificate verify failed"),
        ({"folder": "Nowhere"}, "has no folder Nowhere"),
        ({"imap_port": 1}, "Check host, port and encryption"),
    ],
)
def test_what_is_wrong_with_a_mailbox_is_said_and_goes_away(
    server: MailServer, changes: dict[str, Any], said: str
) -> None:
    inbox = inbox_of("email", **server.settings(**changes))
    server.receive(mail(1))
    assert look(inbox, now=now()) == 0
    assert said in Lookout.objects.get().problem
    inbox.settings = server.settings()
    inbox.save()
    assert look(due(inbox), now=now()) == 1
    assert Lookout.objects.get().problem == ""


def asked(inbox: Inbox) -> Conversation:
    """Return a conversation with one mail of Mina's."""
    at = now() - timedelta(minutes=5)
    conversation = Conversation.objects.create(
        inbox=inbox, channel="email", source=f"email:{inbox.pk}", external_id="1@lumen.example", subject="Kettle",
        opened_at=at, last_message_at=at,
    )  # fmt: skip
    Message.objects.create(
        conversation=conversation, source=conversation.source, external_id="1@lumen.example", author_kind="customer",
        kind="email", text="It leaks.", occurred_at=at, received_at=at,
        metadata={"mail": {"message_id": "1@lumen.example", "from": "mina@lumen.example"}},
    )  # fmt: skip
    return conversation


def test_an_answer_that_was_approved_once_leaves_once(sending: tuple[Outbox, dict[str, Any]], cast: Members) -> None:
    outbox, smtp = sending
    conversation = asked(inbox_of("email", **smtp))
    reply(conversation, text="On its way.", by=cast.ada, now=now())
    for _ in range(3):
        send_reply(approval())
    assert len(outbox.taken) == 1
    assert Dispatch.objects.get().outcome == "sent"


def test_an_answer_that_may_have_left_is_never_sent_again_unasked(
    sending: tuple[Outbox, dict[str, Any]], cast: Members
) -> None:
    outbox, smtp = sending
    outbox.drop = True
    message = reply(asked(inbox_of("email", **smtp)), text="On its way.", by=cast.ada, now=now())
    send_reply(approval())
    message.refresh_from_db()
    assert message.sending == "failed"
    assert "it may have been sent" in message.sending_error
    send_reply(approval())
    assert len(outbox.taken) == 1
    outbox.drop = False
    send_again(message, by=cast.ada, now=now())
    send_reply(approval())
    ids = {message_from_bytes(bytes(one.content or b""))["Message-ID"] for one in outbox.taken}
    assert (len(outbox.taken), ids) == (2, {f"<{message.pk}@kettle.example>"})


def test_a_server_that_is_busy_is_tried_again(sending: tuple[Outbox, dict[str, Any]], cast: Members) -> None:
    outbox, smtp = sending
    outbox.say = "451 try later"
    message = reply(asked(inbox_of("email", **smtp)), text="On its way.", by=cast.ada, now=now())
    with pytest.raises(Exception, match="451 try later"):
        send_reply(approval())
    message.refresh_from_db()
    assert message.sending == "queued"
    outbox.say = ""
    send_reply(approval())
    message.refresh_from_db()
    assert (message.sending, len(outbox.taken)) == ("sent", 1)


@pytest.mark.parametrize(
    ("say", "changes", "said"),
    [
        ("550 no such user", {}, "550 no such user"),
        ("", {"smtp_password": "wrong"}, "refuses the name or password"),
        ("", {"address": "mina@lumen.example"}, "which is this inbox itself"),
    ],
)
def test_what_cannot_be_sent_says_why_and_opens_the_conversation(
    sending: tuple[Outbox, dict[str, Any]], cast: Members, say: str, changes: dict[str, str], said: str
) -> None:
    outbox, smtp = sending
    outbox.say = say
    conversation = asked(
        inbox_of("email", **smtp, **changes) if not changes else inbox_of("email", **{**smtp, **changes})
    )
    message = reply(conversation, text="On its way.", by=cast.ada, now=now())
    send_reply(approval())
    message.refresh_from_db()
    conversation.refresh_from_db()
    assert (message.sending, conversation.status, outbox.taken) == ("failed", "open", [])
    assert said in message.sending_error


def test_a_crash_between_sending_and_noting_it_does_not_send_twice(
    sending: tuple[Outbox, dict[str, Any]], cast: Members, monkeypatch: pytest.MonkeyPatch
) -> None:
    outbox, smtp = sending
    message = reply(asked(inbox_of("email", **smtp)), text="On its way.", by=cast.ada, now=now())
    with monkeypatch.context() as patch:
        patch.setattr(
            "unspoken.connectors.handlers.mark_sent", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt)
        )
        with pytest.raises(KeyboardInterrupt):
            send_reply(approval())
    send_reply(approval())
    message.refresh_from_db()
    assert (len(outbox.taken), message.sending) == (1, "failed")
    assert "it may have left" in message.sending_error


def test_trying_the_settings_out_says_what_does_not_work(
    server: MailServer, sending: tuple[Outbox, dict[str, Any]]
) -> None:
    outbox, smtp = sending
    probe = connectors()["email"].probe
    both = server.settings() | smtp | {"certificate": server.certificate + smtp["certificate"]}
    assert probe(both) == []
    [problem] = probe(both | {"smtp_password": "wrong"})
    assert "refuses the name or password" in problem
    [fetching, sent] = probe(both | {"imap_port": 1, "smtp_port": 1})
    assert "does not answer as an IMAP server" in fetching
    assert "cannot be reached" in sent
    assert outbox.taken == []
