"""From a mail to a message: whose it is, where it belongs, what no person wrote."""

from datetime import UTC, datetime, timedelta

import pytest

from unspoken.connectors.email.automatic import why_automatic
from unspoken.connectors.email.conversion import Mailbox, inbound_of, mail_of
from unspoken.connectors.email.threads import ancestors, key, our_id, root, thread_of
from unspoken.conversations.models import Author
from unspoken.intake.inbound import Inbound
from unspoken.intake.validation import check

ARRIVED = datetime(2026, 3, 2, 9, 5, tzinfo=UTC)
BOX = Mailbox(
    source="email:inb_1",
    inbox="Care",
    own=frozenset({"care@kettle.example"}),
    members=frozenset({"ben@kettle.example"}),
)
OURS = "msg_01k9q8v3c7x2m4n5p6r7s8t9vw@kettle.example"


def raw(*headers: str, body: str = "It leaks.") -> bytes:
    given = {line.partition(":")[0].lower() for line in headers}
    usual = [
        "From: Mina Okafor <mina@lumen.example>", "To: care@kettle.example", "Message-ID: <1@lumen.example>",
        "Date: Mon, 2 Mar 2026 09:00:00 +0000", "Subject: Kettle",
    ]  # fmt: skip
    kept = [line for line in usual if line.partition(":")[0].lower() not in given]
    return "\r\n".join([*kept, *headers, "", body]).encode()


def taken(*headers: str, body: str = "It leaks.", box: Mailbox = BOX, known: dict[str, str] | None = None) -> Inbound:
    return inbound_of(mail_of(raw(*headers, body=body)), box, known=known or {}, arrived_at=ARRIVED)


def test_a_mail_becomes_a_customers_message() -> None:
    message = taken()
    assert (message.source, message.external_id, message.conversation_id) == (
        "email:inb_1",
        "1@lumen.example",
        "1@lumen.example",
    )
    assert (message.author, message.author_name, message.automatic) == ("customer", "Mina Okafor", False)
    assert message.person is not None
    assert [(handle.kind, handle.value) for handle in message.person.handles] == [("email", "mina@lumen.example")]
    assert (message.subject, message.text, message.inbox) == ("Kettle", "It leaks.", "Care")
    assert message.occurred_at == datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    assert message.metadata == {
        "mail": {"message_id": "1@lumen.example", "from": "mina@lumen.example", "reply_to": "",
                 "to": ["care@kettle.example"], "references": []},
    }  # fmt: skip
    assert check(message, now=ARRIVED) == []


@pytest.mark.parametrize("sender", ["care@kettle.example", "Ben <BEN@kettle.example>"])
def test_mails_from_us_are_an_agents_and_the_conversation_is_with_who_they_wrote_to(sender: str) -> None:
    message = taken(f"From: {sender}", "To: care@kettle.example, Mina <mina@lumen.example>")
    assert message.author == Author.AGENT
    assert message.person is not None
    assert message.person.handles[0].value == "mina@lumen.example"


def test_a_delivery_report_is_nobodys_words_and_belongs_to_what_it_reports() -> None:
    body = f"--b\r\n\r\nNot delivered.\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{OURS}>\r\n--b--"
    message = taken(
        "From: Mail Delivery <MAILER-DAEMON@mx.example>", "Content-Type: multipart/report; boundary=b",
        body=body, known={OURS: "1@lumen.example"},
    )  # fmt: skip
    assert (message.author, message.person, message.automatic) == ("system", None, True)
    assert message.conversation_id == "1@lumen.example"


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ([], ""),
        (["Auto-Submitted: no"], ""),
        (["Auto-Submitted: auto-replied"], "Auto-Submitted: auto-replied"),
        (["Auto-Submitted: auto-generated (vacation)"], "Auto-Submitted: auto-generated (vacation)"),
        (["X-Autoreply: yes"], "X-Autoreply"),
        (["X-Autorespond: Re"], "X-Autorespond"),
        (["Precedence: bulk"], "Precedence: bulk"),
        (["Precedence: auto_reply"], "Precedence: auto_reply"),
        (["Precedence: normal"], ""),
        (["Return-Path: <>"], "empty Return-Path"),
        (["Return-Path: <mina@lumen.example>"], ""),
        (["List-Id: News <news.shop.example>"], "List-Id"),
        (["List-Unsubscribe: <https://x.example>"], "List-Unsubscribe"),
        (["Subject: Automatic reply: Your order"], "subject of an auto-reply"),
        (["Subject: =?utf-8?q?R=C3=A9ponse_automatique?= : absent"], "subject of an auto-reply"),
        (["Subject: Abwesenheitsnotiz: Urlaub"], "subject of an auto-reply"),
        (["Subject: Out of office"], "subject of an auto-reply"),
        (["Subject: Automatic refund? Please!"], ""),
        (["From: postmaster@mx.example"], "delivery report"),
        (["X-Auto-Response-Suppress: All"], ""),  # asks not to be answered by machines; people's mails have it too
    ],
)
def test_what_no_person_wrote_is_automatic(headers: list[str], why: str) -> None:
    assert why_automatic(mail_of(raw(*headers))) == why
    message = taken(*headers)
    assert (message.automatic, message.metadata.get("automatic", "")) == (bool(why), why)


def test_in_a_group_list_headers_say_nothing_but_auto_replies_still_do() -> None:
    group = Mailbox(source="email:inb_1", own=BOX.own, is_group=True)
    assert not taken("List-Id: care.kettle.example", "Precedence: list", box=group).automatic
    assert taken("Auto-Submitted: auto-replied", "Precedence: list", box=group).automatic


@pytest.mark.parametrize(
    ("headers", "known", "thread"),
    [
        ([], {}, "1@lumen.example"),
        (["In-Reply-To: <0@x>"], {}, "0@x"),
        (["References: <a@x> <b@x> <c@x>", "In-Reply-To: <c@x>"], {}, "a@x"),
        (["References: <a@x> <b@x>", "In-Reply-To: <b@x>"], {"b@x": "first"}, "first"),
        (["References: <a@x> <b@x>"], {"a@x": "one", "b@x": "two"}, "two"),  # the nearest counts
        ([f"In-Reply-To: <{OURS}>"], {OURS: "first"}, "first"),
        (["In-Reply-To: nonsense"], {}, "1@lumen.example"),
    ],
)
def test_the_thread_is_that_of_the_nearest_known_mail(headers: list[str], known: dict[str, str], thread: str) -> None:
    assert thread_of(mail_of(raw(*headers)), known) == thread


def test_ancestors_come_nearest_first_and_once() -> None:
    mail = mail_of(raw("References: <a@x> <b@x>", "In-Reply-To: <b@x>"))
    assert ancestors(mail) == ("b@x", "a@x")
    assert root(mail) == "a@x"


def test_our_own_ids_are_known_again() -> None:
    assert our_id(OURS) == "msg_01k9q8v3c7x2m4n5p6r7s8t9vw"
    assert our_id("1@lumen.example") == our_id("msg_short@x") == ""


def test_a_long_id_is_stored_by_its_hash_and_a_missing_one_made_of_the_bytes() -> None:
    long = "x" * 400 + "@x"
    assert key(long) == key(long)
    assert len(key(long)) == 71
    anonymous = raw("Message-ID:")
    assert mail_of(anonymous).message_id == mail_of(anonymous).message_id
    assert mail_of(anonymous).message_id.startswith("sha256:")
    assert mail_of(anonymous).message_id != mail_of(raw("Message-ID:", body="Other")).message_id


@pytest.mark.parametrize("date", ["Mon, 2 Mar 2099 09:00:00 +0000", "Thu, 1 Jan 1970 00:00:00 +0000", "rubbish", ""])
def test_a_date_that_cannot_be_is_replaced_by_the_arrival(date: str) -> None:
    assert taken(f"Date: {date}").occurred_at == ARRIVED


def test_a_clock_that_is_a_little_ahead_is_believed() -> None:
    assert taken("Date: Mon, 2 Mar 2026 09:20:00 +0000").occurred_at == ARRIVED + timedelta(minutes=15)


@pytest.mark.parametrize("body", ["😡" * 4_000_000, "word " * 2_000_000, "> " + "x" * 9_000_000])
def test_a_mail_of_ten_megabytes_fits(body: str) -> None:
    message = taken("Content-Type: text/plain; charset=utf-8", body=body)
    assert check(message, now=ARRIVED) == []
    assert message.metadata["cut"] is True
