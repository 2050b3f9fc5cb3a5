"""Answers go out once per approval, and only from those who may answer."""

import pytest
from django.core.exceptions import ValidationError

from unspoken.conversations.actions import mark_failed, mark_sent, reply, send_again
from unspoken.conversations.models import Conversation, Message, Sending, Status
from unspoken.journal.models import Entry
from unspoken.people.models import Channel
from unspoken.staff.permissions import NotAllowed
from unspoken.staff.tests.cast import MORNING, Members, members

from .talk import conversation, customer_says, minutes

pytestmark = pytest.mark.django_db
LATER = MORNING + minutes(5)


@pytest.fixture
def cast() -> Members:
    return members()


@pytest.fixture
def asked(cast: Members) -> Conversation:
    """A chat of Care in which a customer waits for an answer."""
    chat = conversation(team=cast.care)
    customer_says(chat, "Where is my kettle?", at=MORNING)
    return chat


def sent_entries() -> list[tuple[str, str]]:
    return list(Entry.objects.filter(kind__startswith="reply.").order_by("id").values_list("kind", "actor"))


def test_pressing_send_queues_the_words_and_waits_for_the_customer(cast: Members, asked: Conversation) -> None:
    message = reply(asked, text="  It is on its way.\n", by=cast.ben, now=LATER)
    stored = Message.objects.get(pk=message.pk)
    assert (stored.text, stored.author_kind, stored.author_name) == ("It is on its way.", "agent", "Ben")
    assert (stored.member, stored.kind, stored.sending) == (cast.ben, "chat", "queued")
    assert (stored.private, stored.reading_state) == (False, "skipped")
    asked.refresh_from_db()
    assert (asked.status, asked.waiting_since, asked.last_message_at) == (Status.WAITING, None, LATER)
    assert (asked.message_count, asked.version) == (2, 1)
    assert sent_entries() == [("reply.queued", cast.ben.pk)]


def test_an_answer_is_of_the_kind_of_its_channel(cast: Members) -> None:
    mail = conversation(team=cast.care, channel=Channel.EMAIL)
    assert reply(mail, text="Gladly.", by=cast.ben, now=LATER).kind == "email"


def test_pressing_send_twice_sends_once(cast: Members, asked: Conversation) -> None:
    first = reply(asked, text="On its way.", by=cast.ben, now=LATER, token="form-1")
    second = reply(asked, text="On its way.", by=cast.ben, now=LATER + minutes(1), token="form-1")
    assert second.pk == first.pk
    assert asked.messages.filter(author_kind="agent").count() == 1
    assert len(sent_entries()) == 1


def test_two_approvals_of_the_same_words_are_two_answers(cast: Members, asked: Conversation) -> None:
    reply(asked, text="Still on it.", by=cast.ben, now=LATER)
    reply(asked, text="Still on it.", by=cast.ben, now=LATER + minutes(9))
    assert len(sent_entries()) == 2


def test_a_token_cannot_be_used_for_other_words(cast: Members, asked: Conversation) -> None:
    reply(asked, text="On its way.", by=cast.ben, now=LATER, token="form-1")
    with pytest.raises(ValidationError, match="nothing was sent again"):
        reply(asked, text="It is lost.", by=cast.ben, now=LATER, token="form-1")
    assert asked.messages.filter(author_kind="agent").count() == 1


@pytest.mark.parametrize("who", ["cleo", "ana", "pia"])
def test_nobody_answers_who_does_not_see_or_may_not_reply(cast: Members, asked: Conversation, who: str) -> None:
    before = Conversation.objects.values().get(pk=asked.pk)
    with pytest.raises(NotAllowed, match="Nothing was changed"):
        reply(asked, text="Hello", by=getattr(cast, who), now=LATER)
    assert Conversation.objects.values().get(pk=asked.pk) == before
    assert asked.messages.count() == 1
    assert sent_entries() == []


def test_an_empty_reply_is_not_sent(cast: Members, asked: Conversation) -> None:
    with pytest.raises(ValidationError, match="nothing was sent"):
        reply(asked, text=" \n ", by=cast.ben, now=LATER)
    assert asked.messages.count() == 1


def test_an_answer_is_marked_sent_once(cast: Members, asked: Conversation) -> None:
    message = reply(asked, text="On its way.", by=cast.ben, now=LATER)
    assert mark_sent(message, now=LATER) is True
    assert mark_sent(message, now=LATER) is False
    assert mark_failed(message, error="too late", now=LATER) is False
    assert Message.objects.get(pk=message.pk).sending == Sending.SENT
    assert sent_entries() == [("reply.queued", cast.ben.pk), ("reply.sent", "")]


def test_an_answer_that_could_not_leave_opens_the_conversation_again(cast: Members, asked: Conversation) -> None:
    message = reply(asked, text="On its way.", by=cast.ben, now=LATER)
    assert mark_failed(message, error="The mail server refused it.", now=LATER) is True
    asked.refresh_from_db()
    assert (asked.status, asked.waiting_since) == (Status.OPEN, MORNING)
    message.refresh_from_db()
    assert (message.sending, message.sending_error) == (Sending.FAILED, "The mail server refused it.")


def test_a_failed_answer_can_be_approved_again(cast: Members, asked: Conversation) -> None:
    message = reply(asked, text="On its way.", by=cast.ben, now=LATER)
    with pytest.raises(ValidationError):
        send_again(message, by=cast.ben, now=LATER)
    mark_failed(message, error="The mail server refused it.", now=LATER)
    send_again(message, by=cast.lea, now=LATER + minutes(1))
    stored = Message.objects.get(pk=message.pk)
    assert (stored.sending, stored.sending_error) == (Sending.QUEUED, "")
    assert Conversation.objects.get(pk=asked.pk).status == Status.WAITING
    assert [kind for kind, _ in sent_entries()] == ["reply.queued", "reply.sent", "reply.queued"]
