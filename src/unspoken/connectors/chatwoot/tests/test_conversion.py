"""What Chatwoot tells becomes messages: whose words, when, in which conversation."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from unspoken.connectors.base import Delivery
from unspoken.connectors.chatwoot.connector import connector
from unspoken.connectors.chatwoot.payload import moment
from unspoken.connectors.tests.doors import payloads
from unspoken.conversations.models import Inbox
from unspoken.intake.inbound import Inbound
from unspoken.intake.validation import check

from .conformance import SETTINGS

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
INBOX = Inbox(pk="inb_1", name="Website", connector="chatwoot", settings=SETTINGS)


def parsed(payload: str, **changes: Any) -> Inbound:
    said = {**json.loads(payloads("chatwoot")[payload]), **changes}
    delivery = Delivery(body=json.dumps(said).encode(), headers={}, query={}, at=AT)
    [message] = connector.parse(delivery, INBOX).messages
    assert check(message, now=AT) == []
    return message


def handles(message: Inbound) -> list[tuple[str, str]]:
    return [(handle.kind, handle.value) for handle in message.person.handles] if message.person else []


def test_a_visitors_message_has_all_that_is_known() -> None:
    message = parsed("customer-chat")
    assert (message.source, message.external_id, message.conversation_id) == ("chatwoot:inb_1", "9001", "412")
    assert (message.channel, message.kind, message.author, message.private) == ("chat", "chat", "customer", False)
    assert (message.text, message.author_name, message.inbox) == (
        "Third parcel that never came. What now?", "Mina Okafor", "Website",
    )  # fmt: skip
    assert message.occurred_at == datetime(2026, 3, 2, 9, 2, 2, 114000, tzinfo=UTC)
    assert handles(message) == [("external", "71"), ("email", "mina@lumen.example"), ("phone", "+447700900101")]
    assert message.metadata["chatwoot"] == {
        "channel": "Channel::WebWidget", "type": "incoming", "sender_type": "contact", "inbox": "Website",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("value", "iso"),
    [
        ("2026-03-02T09:02:02.114Z", "2026-03-02T09:02:02.114000+00:00"),
        ("2026-03-02T10:02:02+01:00", "2026-03-02T09:02:02+00:00"),
        ("2026-03-02 09:02:02 UTC", "2026-03-02T09:02:02+00:00"),
        ("2026-03-02 09:02:02 +0000", "2026-03-02T09:02:02+00:00"),
        (1772442122, "2026-03-02T09:02:02+00:00"),
        (1772442122.5, "2026-03-02T09:02:02.500000+00:00"),
        ("1772442122", "2026-03-02T09:02:02+00:00"),
        ("soon", None), ("", None), (None, None), (True, None), ([], None), (1e300, None), ("²", None), ("1.2.3", None),
    ],
)  # fmt: skip
def test_every_form_of_a_time_is_read(value: Any, iso: str | None) -> None:
    found = moment(value)
    assert (found.isoformat() if found else None) == iso


def test_a_message_without_a_readable_time_is_as_old_as_its_delivery() -> None:
    assert parsed("customer-chat", created_at="soon").occurred_at == AT


def test_markup_becomes_text_and_comparisons_stay() -> None:
    assert parsed("customer-integer-type").text == "It leaks again.\n\nPlease help & call me."
    assert parsed("customer-chat", content="price < 5 & size > 3 <3").text == "price < 5 & size > 3 <3"


def test_a_mail_loses_its_history_and_signature() -> None:
    message = parsed("customer-mail")
    assert (message.channel, message.kind, message.subject) == ("email", "email", "Broken lid")
    assert message.text == "The lid cracked on the first day."
    assert message.signature == "Kind regards\nMina"
    assert message.quoted.endswith("> Your order has left.")


def test_the_first_version_of_the_payload_is_read_too() -> None:
    message = parsed("customer-first-version")
    assert (message.author, message.conversation_id, handles(message)) == ("customer", "412", [("external", "71")])


def test_an_attachment_without_words_is_named() -> None:
    message = parsed("customer-attachment-only")
    assert message.text == ""
    assert message.metadata["attachments"] == [{"name": "png", "type": "image", "size": 34811}]


def test_a_survey_answer_has_stars_and_an_id_of_its_own() -> None:
    message = parsed("customer-survey")
    assert (message.kind, message.stars, message.text) == ("survey", 2, "Nobody read what I wrote.")
    assert (message.external_id, message.conversation_id) == ("survey:9006", "412")
    assert message.occurred_at == AT.replace(hour=10, minute=0)


@pytest.mark.parametrize(("rating", "stars"), [(5, 5), (0, 0), (9, None), ("4", None), (None, None), (True, None)])
def test_a_rating_that_is_none_is_left_out(rating: Any, stars: int | None) -> None:
    answer = {"submitted_values": {"csat_survey_response": {"rating": rating, "feedback_message": "x"}}}
    assert parsed("customer-survey", content_attributes=answer).stars == stars


def test_an_agents_answer_names_the_agent_and_belongs_to_the_customer() -> None:
    message = parsed("agent-reply")
    assert (message.author, message.member_email, message.author_name) == ("agent", "ben@example.org", "Ben")
    assert ("email", "mina@lumen.example") in handles(message)


@pytest.mark.parametrize("private", [True, "true", 1, "yes", {}, [0]])
def test_whatever_may_be_private_is(private: Any) -> None:
    message = parsed("customer-chat", private=private)
    assert (message.private, message.kind, message.author) == (True, "note", "bot")


@pytest.mark.parametrize("sender", ["agent_bot", "captain_assistant", "user", "AgentBot", "something new"])
def test_an_incoming_line_that_is_not_the_contacts_is_not_the_customers(sender: str) -> None:
    assert parsed("customer-chat", sender={"id": 1, "name": "X", "type": sender}).author == "bot"


def test_ids_may_be_numbers_or_texts() -> None:
    assert parsed("customer-chat", id="9001").external_id == parsed("customer-chat").external_id


def test_what_cannot_be_stored_in_a_text_is_replaced() -> None:
    assert parsed("customer-chat", content="a\x00b \ud800 c").text == "a\ufffdb \ufffd c"
