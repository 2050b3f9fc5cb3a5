"""Assigning, moving, snoozing, resolving, labelling and noting; and what each refuses."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from pytest_django import DjangoAssertNumQueries

from unspoken.conversations.actions import (
    add_private_note,
    assign,
    create_inbox,
    delete_canned_reply,
    move_to_team,
    reply,
    save_canned_reply,
    set_labels,
    set_status,
    update_inbox,
    wake_snoozed,
)
from unspoken.conversations.models import CannedReply, Conversation, Inbox, Label, Message, Status
from unspoken.conversations.queries import (
    active_inboxes,
    canned_text,
    conversation_for,
    messages_of,
    visible_conversations,
)
from unspoken.journal.models import Entry
from unspoken.people.models import Channel
from unspoken.people.tests.cast import contacts
from unspoken.staff.actions import deactivate
from unspoken.staff.permissions import NotAllowed
from unspoken.staff.tests.cast import MORNING, Members, members

from .talk import conversation, customer_says, minutes

pytestmark = pytest.mark.django_db
LATER = MORNING + minutes(30)
TOMORROW = MORNING + timedelta(days=1)


@pytest.fixture
def cast() -> Members:
    return members()


@pytest.fixture
def chat(cast: Members) -> Conversation:
    made = conversation(team=cast.care)
    customer_says(made, "Hello?", at=MORNING)
    return made


def stored(chat: Conversation) -> dict[str, Any]:
    return Conversation.objects.values().get(pk=chat.pk)


def changes() -> list[tuple[str, str]]:
    entries = Entry.objects.filter(kind="conversation.changed").order_by("id")
    return [(entry.data["what"], entry.actor) for entry in entries]


def test_assigning_hands_over_and_is_recorded_once(cast: Members, chat: Conversation) -> None:
    assign(chat, assignee=cast.ben, by=cast.lea, now=LATER)
    assign(chat, assignee=cast.ben, by=cast.lea, now=LATER)
    assert (stored(chat)["assignee_id"], stored(chat)["version"]) == (cast.ben.pk, 1)
    assign(chat, assignee=None, by=cast.ben, now=LATER)
    assert stored(chat)["assignee_id"] is None
    assert changes() == [("assignee", cast.lea.pk), ("assignee", cast.ben.pk)]


@pytest.mark.parametrize("who", ["cleo", "ana", "pia"])
def test_nobody_is_assigned_who_could_not_see_or_answer(cast: Members, chat: Conversation, who: str) -> None:
    before = stored(chat)
    with pytest.raises(ValidationError, match="cannot look after this conversation"):
        assign(chat, assignee=getattr(cast, who), by=cast.lea, now=LATER)
    assert stored(chat) == before


def test_nobody_deactivated_is_assigned(cast: Members, chat: Conversation) -> None:
    deactivate(cast.ben, by=cast.ada, now=LATER)
    with pytest.raises(ValidationError, match="active member"):
        assign(chat, assignee=cast.ben, by=cast.lea, now=LATER)


def test_moving_to_a_team_takes_off_an_assignee_who_would_not_see_it(cast: Members, chat: Conversation) -> None:
    assign(chat, assignee=cast.ben, by=cast.ben, now=LATER)
    move_to_team(chat, team=None, by=cast.ben, now=LATER)
    assert stored(chat)["assignee_id"] == cast.ben.pk
    move_to_team(chat, team=cast.press, by=cast.ben, now=LATER)
    assert (stored(chat)["team_id"], stored(chat)["assignee_id"]) == (cast.press.pk, None)
    assert not visible_conversations(cast.ben).exists()
    assert Entry.objects.order_by("-id")[0].team_id == cast.press.pk


def test_resolving_ends_the_waiting_and_reopening_brings_it_back(cast: Members, chat: Conversation) -> None:
    set_status(chat, status=Status.RESOLVED, by=cast.ben, now=LATER)
    assert (stored(chat)["resolved_at"], stored(chat)["waiting_since"]) == (LATER, None)
    set_status(chat, status=Status.OPEN, by=cast.ben, now=LATER)
    assert (stored(chat)["resolved_at"], stored(chat)["waiting_since"]) == (None, MORNING)
    set_status(chat, status=Status.OPEN, by=cast.ben, now=LATER)
    assert changes() == [("status", cast.ben.pk)] * 2


def test_a_snoozed_conversation_wakes_in_time(cast: Members, chat: Conversation) -> None:
    set_status(chat, status=Status.SNOOZED, snoozed_until=TOMORROW, by=cast.ben, now=LATER)
    asleep = stored(chat)
    assert wake_snoozed(TOMORROW - minutes(1)) == 0
    assert stored(chat) == asleep
    assert wake_snoozed(TOMORROW) == 1
    assert (stored(chat)["status"], stored(chat)["snoozed_until"]) == ("open", None)
    assert stored(chat)["waiting_since"] == MORNING
    assert wake_snoozed(TOMORROW) == 0
    assert changes() == [("status", cast.ben.pk), ("status", "")]


@pytest.mark.parametrize("until", [None, LATER, MORNING])
def test_snoozing_needs_a_moment_to_come(cast: Members, chat: Conversation, until: Any) -> None:
    before = stored(chat)
    with pytest.raises(ValidationError, match="still to come"):
        set_status(chat, status=Status.SNOOZED, snoozed_until=until, by=cast.ben, now=LATER)
    assert stored(chat) == before


def test_labels_are_set_as_a_whole(cast: Members, chat: Conversation) -> None:
    set_labels(chat, labels=["refund", " kettle ", "refund"], by=cast.ben, now=LATER)
    assert set(chat.labels.values_list("name", flat=True)) == {"refund", "kettle"}
    set_labels(chat, labels=["kettle"], by=cast.ben, now=LATER)
    set_labels(chat, labels=["kettle"], by=cast.ben, now=LATER)
    assert list(chat.labels.values_list("name", flat=True)) == ["kettle"]
    assert changes() == [("labels", cast.ben.pk)] * 2
    with pytest.raises(ValidationError, match="1 to 60"):
        set_labels(chat, labels=["x" * 61], by=cast.ben, now=LATER)
    assert Label.objects.count() == 2


def test_a_private_note_is_for_staff_and_never_read(cast: Members, chat: Conversation) -> None:
    note = add_private_note(chat, text=" She called before. ", by=cast.ben, now=LATER)
    row = Message.objects.get(pk=note.pk)
    assert (row.text, row.private, row.kind, row.reading_state) == ("She called before.", True, "note", "skipped")
    assert (row.sending, row.member, row.author_kind) == ("none", cast.ben, "agent")
    assert (stored(chat)["status"], stored(chat)["waiting_since"]) == ("open", MORNING)
    assert stored(chat)["last_message_at"] == MORNING
    assert changes() == [("note", cast.ben.pk)]
    with pytest.raises(ValidationError, match="nothing was added"):
        add_private_note(chat, text="\n", by=cast.ben, now=LATER)


@pytest.mark.parametrize("who", ["cleo", "ana", "pia"])
def test_nobody_changes_what_they_do_not_see_or_may_not(cast: Members, chat: Conversation, who: str) -> None:
    by, before = getattr(cast, who), stored(chat)
    attempts: list[Callable[[], object]] = [
        lambda: assign(chat, assignee=cast.ben, by=by, now=LATER),
        lambda: move_to_team(chat, team=cast.press, by=by, now=LATER),
        lambda: set_status(chat, status=Status.RESOLVED, by=by, now=LATER),
        lambda: set_labels(chat, labels=["mine"], by=by, now=LATER),
        lambda: add_private_note(chat, text="Hm.", by=by, now=LATER),
    ]
    for attempt in attempts:
        with pytest.raises(NotAllowed, match="Nothing was changed"):
            attempt()
    assert stored(chat) == before
    assert (chat.messages.count(), Label.objects.count(), changes()) == (1, 0, [])


def test_each_sees_their_own_and_what_belongs_to_nobody(cast: Members, chat: Conversation) -> None:
    press, nobodys = conversation(team=cast.press), conversation()
    seen = {
        who: set(visible_conversations(getattr(cast, who))) for who in ("ada", "lea", "ben", "cleo", "ana", "pia")
    }  # fmt: skip
    assert seen["ada"] == seen["pia"] == {chat, press, nobodys}
    assert seen["lea"] == seen["ben"] == {chat, nobodys}
    assert seen["cleo"] == {press, nobodys}
    assert seen["ana"] == set()
    with pytest.raises(Conversation.DoesNotExist):
        conversation_for(cast.cleo, chat.pk)
    deactivate(cast.ben, by=cast.ada, now=LATER)
    assert not visible_conversations(cast.ben).exists()


def test_a_conversation_page_takes_the_same_queries_however_long(
    cast: Members, chat: Conversation, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    chat.contact = contacts().mina
    chat.save()
    set_labels(chat, labels=["a", "b"], now=LATER)
    for number in range(30):
        customer_says(chat, f"{number}", at=MORNING + minutes(number))
    reply(chat, text="Yes.", by=cast.ben, now=LATER)
    with django_assert_num_queries(3):
        shown = conversation_for(cast.ben, chat.pk)
        assert (shown.inbox.name, str(shown.contact), len(shown.labels.all())) == ("Chat inbox", "Mina Okafor", 2)
        assert shown.contact is not None and shown.contact.organisation is not None and shown.team == cast.care
        assert [message.member for message in messages_of(shown).items if message.member] == [cast.ben]


def test_messages_come_in_order_and_earlier_ones_on_demand(cast: Members) -> None:
    chat = conversation()
    said = [customer_says(chat, f"{number}", at=MORNING + minutes(number // 2)) for number in range(5)]
    said.sort(key=lambda message: (message.occurred_at, message.pk))
    page = messages_of(chat, limit=2)
    assert page.items == said[3:]
    page = messages_of(chat, limit=2, before=page.next_cursor)
    assert page.items == said[1:3]
    page = messages_of(chat, limit=2, before=page.next_cursor)
    assert (page.items, page.next_cursor) == (said[:1], None)


def test_canned_replies_greet_by_name(cast: Members, chat: Conversation) -> None:
    canned = save_canned_reply(title=" Hello ", text="Hi {contact_name}, {agent_name} here.", by=cast.lea, now=MORNING)
    chat.contact = contacts().mina
    assert canned_text(canned, conversation=chat, by=cast.ben) == "Hi Mina Okafor, Ben here."
    chat.contact = None
    assert canned_text(canned, conversation=chat, by=cast.ben) == "Hi there, Ben here."
    save_canned_reply(canned, title="Hello", text="Good day.", by=cast.lea, now=LATER)
    assert CannedReply.objects.get().text == "Good day."
    for title, text in [("Hello", "Again"), ("", "x"), ("y", " "), ("y", "Dear {name}")]:
        with pytest.raises(ValidationError):
            save_canned_reply(title=title, text=text, by=cast.lea, now=LATER)
    with pytest.raises(NotAllowed):
        delete_canned_reply(canned, by=cast.ben, now=LATER)
    assert CannedReply.objects.count() == 1
    delete_canned_reply(canned, by=cast.lea, now=LATER)
    assert CannedReply.objects.count() == 0
    entries = Entry.objects.filter(kind="canned_reply.changed", actor=cast.lea.pk).order_by("id")
    assert [entry.data["what"] for entry in entries] == ["created", "changed", "deleted"]


def test_inboxes_are_made_and_changed_by_owners(cast: Members) -> None:
    mail = create_inbox(" Post ", channel=Channel.EMAIL, connector="email", team=cast.press, by=cast.ada, now=MORNING)
    assert (mail.name, mail.connector, mail.team) == ("Post", "email", cast.press)
    assert [list(active_inboxes(by)) for by in (cast.cleo, cast.ben)] == [[mail], []]
    with pytest.raises(ValidationError, match="already"):
        create_inbox("Post", channel=Channel.EMAIL, by=cast.ada, now=MORNING)
    with pytest.raises(NotAllowed):
        update_inbox(mail, name="Mine", connector="", settings={}, team=None, is_active=True, by=cast.lea, now=LATER)
    update_inbox(
        mail, name="Post", connector="email", settings={"a": 1}, team=None, is_active=False, by=cast.ada, now=LATER
    )
    assert Inbox.objects.values_list("settings", "team", "is_active").get() == ({"a": 1}, None, False)
    entries = Entry.objects.filter(kind="inbox.changed", actor=cast.ada.pk).order_by("id")
    assert [entry.data for entry in entries] == [{"inbox_id": mail.pk, "what": what} for what in ("created", "changed")]
