"""The way of a message, step by step: every test on the real tables, with a stand-in for the model."""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from unspoken.affect.reading import Outcome
from unspoken.conversations.models import Author, Conversation, Message, Status
from unspoken.intake import pipeline
from unspoken.intake.pipeline import Pipeline
from unspoken.intake.reader import read_pending
from unspoken.journal.models import Entry
from unspoken.journal.queries import first_broken_entry
from unspoken.people.actions import create_contact, merge_contacts
from unspoken.people.models import Contact, Identity
from unspoken.privacy.models import Decision
from unspoken.readings.actions import PerceptionUnavailableError, Words
from unspoken.readings.models import (
    ChannelBaseline,
    ContactBaseline,
    ContactState,
    ConversationTrajectory,
    StoredReading,
)

from .fake import OTTO, START, consents, read, reads_and, said

NOW = START + timedelta(hours=2)


def test_stores_and_reads_a_message_in_one_go(mina: Contact) -> None:
    [receipt] = Pipeline(read).receive([said("this is terrible", 1)], now=NOW)
    message, conversation, reading = Message.objects.get(), Conversation.objects.get(), StoredReading.objects.get()
    assert (receipt.status, receipt.message_id, receipt.reading_state) == ("stored", message.id, "read")
    assert (reading.message_id, reading.contact_id, reading.valence) == (message.id, mina.id, -0.8)
    assert (conversation.contact_id, conversation.waiting_since, conversation.message_count) == (mina.id, START, 1)
    assert ConversationTrajectory.objects.get().numbers["read"] == 1
    assert ContactState.objects.get().numbers["count"] == 1
    mina.refresh_from_db()
    assert mina.last_seen_at == START
    assert list(Entry.objects.order_by("id").values_list("kind", flat=True)) == [
        "contact.changed", "consent.recorded", "message.received",
    ]  # fmt: skip
    assert first_broken_entry() is None


def test_a_repeated_delivery_has_one_effect_and_names_the_first_message(mina: Contact) -> None:
    pipeline = Pipeline(read)
    first, second, other = pipeline.receive([said("terrible", 1), said("terrible", 1), said("thanks", 2)], now=NOW)
    [again] = pipeline.receive([said("changed on the way", 1)], now=NOW)
    assert [one.status for one in (first, second, other, again)] == ["stored", "duplicate", "stored", "duplicate"]
    assert first.message_id == second.message_id == again.message_id
    assert again.reading_state == "read"
    assert Message.objects.count() == StoredReading.objects.count() == 2
    assert Message.objects.get(external_id="m1").text == "terrible"
    assert Conversation.objects.get().message_count == 2
    assert ContactBaseline.objects.get().numbers["count"] == 2


def test_a_repeated_delivery_is_not_read_again(mina: Contact) -> None:
    Pipeline(read).receive([said("terrible", 1)], now=NOW)

    def refuse(texts: Sequence[Words]) -> list[Outcome]:
        assert not texts
        return []

    [receipt] = Pipeline(refuse).receive([said("terrible", 1)], now=NOW)
    assert receipt.status == "duplicate"


@pytest.mark.parametrize(
    "author, private",
    [(Author.AGENT, False), (Author.BOT, False), (Author.SYSTEM, False), (Author.AGENT, True), (Author.CUSTOMER, True)],
)
def test_reads_nobody_but_the_customer(mina: Contact, author: Author, private: bool) -> None:
    [receipt] = Pipeline(read).receive([said("this is terrible", 1, author=author, private=private)], now=NOW)
    assert (receipt.status, receipt.reading_state, receipt.reason) == ("stored", "skipped", "not_customer")
    assert not StoredReading.objects.exists()
    assert not ContactState.objects.exists()


@pytest.mark.parametrize(
    "changes, reason",
    [
        ({"automatic": True}, "automatic"),
        ({"text": " \n", "quoted": "> earlier words"}, "quoted_only"),
        ({"text": ""}, "no_text"),
        ({"person": OTTO}, "no_consent"),
        ({"person": None}, "no_consent"),
    ],
)
def test_says_why_a_message_is_not_read(mina: Contact, changes: dict[str, object], reason: str) -> None:
    [receipt] = Pipeline(read).receive([replace(said("this is terrible", 1), **changes)], now=NOW)
    assert (receipt.status, receipt.reading_state, receipt.reason) == ("stored", "abstained", reason)
    assert not StoredReading.objects.exists()


def test_a_withdrawal_while_the_model_computes_stores_no_reading(mina: Contact) -> None:
    reader = reads_and(lambda: consents(mina, Decision.WITHDRAWN))
    [receipt] = Pipeline(reader).receive([said("this is terrible", 1)], now=NOW)
    assert (receipt.status, receipt.reading_state, receipt.reason) == ("stored", "abstained", "no_consent")
    assert not StoredReading.objects.exists()
    assert not ContactState.objects.exists()
    assert not ContactBaseline.objects.exists()
    assert ConversationTrajectory.objects.get().numbers["read"] == 0


def test_permission_given_again_while_the_model_computes_does_not_mend_a_withdrawal(mina: Contact) -> None:
    reader = reads_and(lambda: (consents(mina, Decision.WITHDRAWN), consents(mina, Decision.GIVEN)))
    [receipt] = Pipeline(reader).receive([said("this is terrible", 1)], now=NOW)
    assert (receipt.reading_state, receipt.reason) == ("abstained", "no_consent")
    assert not StoredReading.objects.exists()


def test_a_withdrawal_afterwards_leaves_what_was_permitted_and_ends_further_readings(mina: Contact) -> None:
    pipeline = Pipeline(read)
    pipeline.receive([said("this is terrible", 1)], now=NOW)
    consents(mina, Decision.WITHDRAWN)
    [receipt] = pipeline.receive([said("this is terrible", 2)], now=NOW)
    assert receipt.reason == "no_consent"
    assert StoredReading.objects.get().message.external_id == "m1"


def test_consent_given_later_reads_nothing_of_before(db: None) -> None:
    Pipeline(read).receive([said("this is terrible", 1)], now=NOW)
    consents(Contact.objects.get())
    assert read_pending(NOW + timedelta(minutes=1), read=read) == 0
    assert Message.objects.get().reason == "no_consent"
    assert not StoredReading.objects.exists()


def test_without_permission_not_even_repetition_is_taken_from_the_words(db: None) -> None:
    same = "where is my parcel number twelve"
    Pipeline(read).receive([said(same, 1), said(same, 2, minutes=1)], now=NOW)
    assert ConversationTrajectory.objects.get().numbers["repeats"] == 0


def test_a_late_message_gives_the_same_trajectory_as_one_in_order(mina: Contact) -> None:
    words = ["hello there", "this is terrible", "still terrible", "thanks anyway"]
    for number in (0, 2, 3, 1):  # the second comes last
        Pipeline(read).receive([said(words[number], f"late{number}", minutes=number, conversation_id="late")], now=NOW)
    late = _trajectory("late")
    for model in (Conversation, ContactState, ContactBaseline, ChannelBaseline):
        model.objects.all().delete()  # the second time nothing is known from the first
    for number, text in enumerate(words):
        Pipeline(read).receive([said(text, f"due{number}", minutes=number, conversation_id="due")], now=NOW)
    assert _trajectory("due") == late


def _trajectory(name: str) -> tuple[object, ...]:
    conversation = Conversation.objects.get(external_id=name)
    row = conversation.trajectory
    state = ContactState.objects.get().numbers
    points = [(point["at"], point["valence"], point["smoothed"]) for point in row.numbers["points"]]
    return (
        row.level, row.slope, row.ends_badly, row.direction, row.numbers["relative"], points,
        conversation.waiting_since, conversation.opened_at, conversation.last_message_at,
        conversation.attention, state["count"],
        state["as_of"],
        round(state["weight"], 9), round(state["valence_sum"], 9),
    )  # fmt: skip


def test_a_batch_gives_the_same_numbers_as_single_messages(mina: Contact) -> None:
    words = ["hello there", "this is terrible", "still terrible"]
    Pipeline(read).receive(
        [said(text, f"one{number}", minutes=number, conversation_id="one") for number, text in enumerate(words)],
        now=NOW,
    )
    together = _trajectory("one")
    for model in (Conversation, ContactState, ContactBaseline, ChannelBaseline):
        model.objects.all().delete()
    for number, text in enumerate(words):
        Pipeline(read).receive([said(text, f"two{number}", minutes=number, conversation_id="two")], now=NOW)
    assert _trajectory("two") == together


def test_one_bad_event_harms_no_other(mina: Contact) -> None:
    receipts = Pipeline(read).receive(
        [said("thanks", 1), said("with \x00 inside", 2), said("thanks", 3, occurred_at=NOW + timedelta(days=3))],
        now=NOW,
    )
    assert [one.status for one in receipts] == ["stored", "rejected", "rejected"]
    assert receipts[1].error == "text: contains a NUL character; remove it."
    assert [problem.field for problem in receipts[2].problems] == ["occurred_at"]
    assert Message.objects.get().external_id == "m1"


def test_a_reading_that_the_database_refuses_costs_only_itself(mina: Contact) -> None:
    def broken(texts: Sequence[Words]) -> list[Outcome]:
        return [
            replace(one, valence=math.nan) if "odd" in text.text else one
            for one, text in zip(read(texts), texts, strict=True)
        ]

    receipts = Pipeline(broken).receive([said("terrible", 1), said("odd", 2), said("thanks", 3)], now=NOW)
    assert [(one.status, one.reading_state) for one in receipts] == [
        ("stored", "read"), ("stored", "abstained"), ("stored", "read"),
    ]  # fmt: skip
    assert set(StoredReading.objects.values_list("message__external_id", flat=True)) == {"m1", "m3"}
    assert first_broken_entry() is None


def test_without_a_model_messages_are_stored_and_read_later(mina: Contact) -> None:
    silent = Pipeline(lambda texts: [None] * len(texts))
    receipts = silent.receive([said("this is terrible", 1), said("and terrible", 2, minutes=1)], now=NOW)
    assert [one.reading_state for one in receipts] == ["pending", "pending"]
    assert Conversation.objects.get().waiting_since == START
    assert read_pending(NOW, read=read) == 2
    assert set(Message.objects.values_list("reading_state", flat=True)) == {"read"}
    assert StoredReading.objects.count() == ContactBaseline.objects.get().numbers["count"] == 2
    assert ConversationTrajectory.objects.get().numbers["read"] == 2
    assert (
        list(Entry.objects.filter(kind="message.read").values_list("conversation_id", flat=True))
        == [Conversation.objects.get().id] * 2
    )
    assert read_pending(NOW, read=read) == 0


def test_reading_later_asks_for_consent_again(mina: Contact) -> None:
    silent = Pipeline(lambda texts: [None] * len(texts))
    silent.receive([said("this is terrible", 1)], now=NOW)
    consents(mina, Decision.WITHDRAWN)
    assert read_pending(NOW, read=read) == 1
    assert Message.objects.get().reason == "no_consent"
    assert not StoredReading.objects.exists()


def test_a_withdrawal_while_reading_later_stores_no_reading(mina: Contact) -> None:
    silent = Pipeline(lambda texts: [None] * len(texts))
    silent.receive([said("this is terrible", 1)], now=NOW)
    read_pending(NOW, read=reads_and(lambda: consents(mina, Decision.WITHDRAWN)))
    assert (Message.objects.get().reading_state, Message.objects.get().reason) == ("abstained", "no_consent")
    assert not StoredReading.objects.exists()


def test_one_text_that_breaks_the_model_does_not_keep_the_others_waiting(mina: Contact) -> None:
    silent = Pipeline(lambda texts: [None] * len(texts))
    silent.receive([said("terrible", 1), said("breaks it", 2), said("thanks", 3)], now=NOW)

    def breaking(texts: Sequence[Words]) -> list[Outcome]:
        if any("breaks" in text.text for text in texts):
            raise PerceptionUnavailableError("broken")
        return read(texts)

    assert read_pending(NOW, read=breaking) == 3
    assert dict(Message.objects.values_list("external_id", "reading_state")) == {
        "m1": "read", "m2": "abstained", "m3": "read",
    }  # fmt: skip
    assert Message.objects.get(external_id="m2").reason == "unsure"


def test_a_model_that_is_down_leaves_everything_waiting(mina: Contact) -> None:
    silent = Pipeline(lambda texts: [None] * len(texts))
    silent.receive([said("terrible", 1), said("thanks", 2)], now=NOW)
    calls: list[int] = []

    def down(texts: Sequence[Words]) -> list[Outcome]:
        calls.append(len(texts))
        raise PerceptionUnavailableError("no model file")

    assert read_pending(NOW, read=down) == 0
    assert set(Message.objects.values_list("reading_state", flat=True)) == {"pending"}
    assert calls == [2, 1]


def test_an_event_that_names_an_agent_ends_the_waiting(mina: Contact) -> None:
    pipeline = Pipeline(read)
    pipeline.receive([said("hello?", 1)], now=NOW)
    assert Conversation.objects.get().waiting_since == START
    pipeline.receive([said("Hello Mina", 2, minutes=3, author=Author.AGENT)], now=NOW)
    conversation = Conversation.objects.get()
    assert (conversation.waiting_since, conversation.message_count) == (None, 2)


def test_a_customer_opens_a_resolved_conversation_again(mina: Contact) -> None:
    pipeline = Pipeline(read)
    pipeline.receive([said("hello", 1)], now=NOW)
    Conversation.objects.update(status=Status.RESOLVED, resolved_at=START + timedelta(minutes=10))
    pipeline.receive([said("written before it was resolved", 2, minutes=5)], now=NOW)
    assert Conversation.objects.get().status == Status.RESOLVED
    pipeline.receive([said("and it broke again", 3, minutes=20)], now=NOW)
    conversation = Conversation.objects.get()
    assert (conversation.status, conversation.resolved_at) == (Status.OPEN, None)
    assert Entry.objects.filter(kind="conversation.changed", data__what="status").count() == 1


def test_a_clock_that_runs_ahead_does_not_put_its_message_after_all_others(mina: Contact) -> None:
    Pipeline(read).receive([said("hello", 1, occurred_at=NOW + timedelta(hours=5))], now=NOW)
    message = Message.objects.get()
    assert (message.occurred_at, message.received_at) == (NOW, NOW)
    assert message.metadata == {"occurred_at_as_sent": (NOW + timedelta(hours=5)).isoformat()}


def test_finds_a_contact_by_any_handle_and_learns_the_others(mina: Contact) -> None:
    both = replace(said("hello", 1).person, handles=(*said("", 0).person.handles, OTTO.handles[0]))  # type: ignore[type-var,union-attr]
    Pipeline(read).receive([said("hello", 1, person=both)], now=NOW)
    assert Contact.objects.count() == 1
    assert set(Identity.objects.values_list("handle", "contact_id")) == {
        ("mina@example.org", mina.id), ("otto@example.org", mina.id),
    }  # fmt: skip


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite's writers wait for each other: nothing comes between")
def test_a_merge_that_comes_in_between_takes_the_message_along(mina: Contact, monkeypatch: pytest.MonkeyPatch) -> None:
    resolve = pipeline._resolve
    kept = create_contact(name="Mina B.", now=START)

    def resolve_and_merge(*arguments: Any) -> Any:
        found = resolve(*arguments)
        merge_contacts(kept, Contact.objects.get(pk=mina.pk), now=START)
        return found

    monkeypatch.setattr(pipeline, "_resolve", resolve_and_merge)
    (receipt,) = Pipeline(read).receive([said("this is terrible", 1)], now=NOW)
    stored = Message.objects.select_related("conversation").get(pk=receipt.message_id)
    assert stored.conversation.contact_id == kept.pk
    assert StoredReading.objects.filter(message=stored).values_list("contact_id", flat=True).first() in (None, kept.pk)


def test_worsening_conversations_stand_before_all_others(mina: Contact) -> None:
    calm = [said("thanks", f"a{n}", minutes=n, conversation_id="calm") for n in range(4)]
    texts = ["thanks", "well", "this is terrible", "terrible, terrible"]
    worse = [said(text, f"b{n}", minutes=n, conversation_id="worse") for n, text in enumerate(texts)]
    Pipeline(read).receive([*calm, *worse], now=NOW)
    assert Conversation.objects.get(external_id="worse").trajectory.direction == "worsening"
    assert list(Conversation.objects.order_by("-attention").values_list("external_id", flat=True)) == ["worse", "calm"]
    assert Conversation.objects.get(external_id="worse").attention >= 0.55


def test_uses_a_bounded_number_of_queries_however_many_messages(mina: Contact, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    pipeline = Pipeline(read)
    pipeline.receive([said("hello", 0)], now=NOW)
    events = [said("terrible", f"q{n}", minutes=n, conversation_id=f"c{n % 20}") for n in range(64)]
    with django_assert_max_num_queries(45):
        pipeline.receive(events, now=NOW)


def test_what_was_said_in_the_same_second_keeps_its_order(mina: Contact) -> None:
    events = [said(f"word {n}", n) for n in range(40)]
    Pipeline(read).receive(events, now=NOW)
    assert list(Message.objects.order_by("occurred_at", "id").values_list("external_id", flat=True)) == [
        event.external_id for event in events
    ]
