"""What readings do when a reply goes out or contacts are merged."""

from datetime import timedelta

import pytest

from unspoken.conversations.actions import reply
from unspoken.conversations.models import Conversation
from unspoken.intake.pipeline import Pipeline
from unspoken.journal.deliveries import work_off
from unspoken.journal.models import Entry
from unspoken.kit.clock import now
from unspoken.people.actions import merge_contacts, unmerge
from unspoken.people.actions.resolve import Known, resolve_contacts
from unspoken.people.models import Contact
from unspoken.readings.models import ContactBaseline, ContactState
from unspoken.staff.tests.cast import Members, members

from .fake import OTTO, START, consents, read, said

NOW = START + timedelta(hours=2)


@pytest.fixture
def staff(db: None) -> Members:
    return members()


def test_an_answer_ends_the_waiting_in_attention_too(mina: Contact, staff: Members) -> None:
    Pipeline(read).receive([said("where is it?", 1)], now=NOW)
    conversation = Conversation.objects.get()
    waiting = conversation.attention
    reply(conversation, text="It leaves today.", by=staff.ada, now=START + timedelta(seconds=40))
    work_off(now=now())
    conversation.refresh_from_db()
    assert conversation.attention == pytest.approx(waiting - 0.1, abs=0.02)
    assert conversation.waiting_since is None
    assert conversation.trajectory.numbers["unanswered_since"] is None
    assert Entry.objects.filter(kind="conversation.changed", data__what="attention").count() == 1


def test_what_is_known_of_two_contacts_follows_their_merge_and_comes_back(mina: Contact, staff: Members) -> None:
    [otto_id] = resolve_contacts([Known((("email", "otto@example.org"),), "Otto")], now=START)
    otto = Contact.objects.get(id=otto_id)
    consents(otto)
    theirs = said("thanks", 2, conversation_id="c2", person=OTTO)
    Pipeline(read).receive([said("this is terrible", 1), theirs], now=NOW)
    apart = _known(mina, otto)
    assert apart == {mina.id: (1, 1), otto.id: (1, 1)}
    merge = merge_contacts(mina, otto, now=NOW, by=staff.ada)
    work_off(now=now())
    assert _known(mina, otto) == {mina.id: (2, 2)}
    unmerge(merge, now=NOW, by=staff.ada)
    work_off(now=now())
    assert _known(mina, otto) == apart


def _known(*contacts: Contact) -> dict[str, tuple[int, int]]:
    ids = [contact.id for contact in contacts]
    states = {row.contact_id: row.numbers["count"] for row in ContactState.objects.filter(contact_id__in=ids)}
    return {
        row.contact_id: (states[row.contact_id], row.numbers["count"])
        for row in ContactBaseline.objects.filter(contact_id__in=ids)
    }
