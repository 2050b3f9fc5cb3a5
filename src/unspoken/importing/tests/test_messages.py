"""What files of messages become in the record."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from unspoken.conversations.models import Conversation, Message
from unspoken.importing.pieces import UnusableFile
from unspoken.journal.models import Entry
from unspoken.people.models import Contact, Identity
from unspoken.people.tests.cast import contacts
from unspoken.privacy.models import ConsentDecision
from unspoken.privacy.tests.cast import consents
from unspoken.readings.models import ConversationTrajectory, StoredReading
from unspoken.staff.actions import create_member
from unspoken.staff.models import Role
from unspoken.staff.permissions import NotAllowed
from unspoken.staff.tests.cast import members

from .bringing import DATA, NOON, bring, converted, opened, rehearsed, written

pytestmark = pytest.mark.django_db(transaction=True)

LETTERS = """\
id;when;from;email;name;message;ticket
7;13/02/2026 10:00;customer;Mina@Example.org;Mina;This is terrible, really;T1
8;13/02/2026 10:05;agent;ben@shop.example;Ben;We are looking into it.;T1
9;14/02/2026 09:00;customer;noor@example.net;Noor;Many thanks ❤️;T2
"""


@pytest.fixture
def letters(tmp_path: Path) -> Path:
    return written(tmp_path, "letters.csv", LETTERS.replace("when", "timestamp"))


def test_rows_become_messages_of_their_conversations_and_contacts(letters: Path) -> None:
    summary = bring(letters)
    assert summary.counts == {"messages": 3, "stored": 3, "read": 2, "not_customer": 1, "consents": 2, "rejected": 0}
    rows = Message.objects.order_by("external_id").values_list(
        "source", "external_id", "conversation__external_id", "author_kind", "text", "occurred_at", "reading_state"
    )
    first = datetime(2026, 2, 13, 10, 0, tzinfo=UTC)
    assert list(rows) == [
        ("import:letters", "7", "T1", "customer", "This is terrible, really", first, "read"),
        ("import:letters", "8", "T1", "agent", "We are looking into it.", first.replace(minute=5), "skipped"),
        ("import:letters", "9", "T2", "customer", "Many thanks ❤️", datetime(2026, 2, 14, 9, tzinfo=UTC), "read"),
    ]
    assert sorted(Identity.objects.values_list("handle", "contact__name")) == [
        ("mina@example.org", "Mina"),
        ("noor@example.net", "Noor"),
    ]
    assert (len(summary.conversations), len(summary.contacts)) == (2, 2)


def test_the_plan_names_each_column_and_shows_values(letters: Path) -> None:
    file = opened(letters)
    assert file.said == "CSV, UTF-8, separated by semicolons"
    assert [(one.header, one.meaning) for one in file.columns] == [
        ("id", "id"), ("timestamp", "time"), ("from", "author"), ("email", "email"), ("name", "name"),
        ("message", "text"), ("ticket", "conversation"),
    ]  # fmt: skip
    assert file.columns[2].samples == ["customer", "agent"]
    assert "Dates are read as day/month/year, as the dates show." in file.notes
    assert "Times that name no zone are taken as UTC." in file.notes


def test_bringing_a_file_in_twice_has_one_effect(letters: Path) -> None:
    bring(letters)
    again = bring(letters)
    assert again.counts == {"messages": 3, "known": 3, "rejected": 0, "consents": 0}
    assert (Message.objects.count(), StoredReading.objects.count(), Contact.objects.count()) == (3, 2, 2)
    assert ConsentDecision.objects.count() == 2


def test_without_a_basis_everything_is_stored_and_nothing_is_read(letters: Path) -> None:
    summary = bring(letters, basis=None)
    assert (summary.counts["stored"], summary.counts["no_consent"], summary.counts["read"]) == (3, 2, 0)
    assert (Message.objects.count(), StoredReading.objects.count(), ConsentDecision.objects.count()) == (3, 0, 0)


def test_the_basis_is_recorded_with_its_words_and_its_file(letters: Path) -> None:
    bring(letters)
    decision = ConsentDecision.objects.order_by("id")[0]
    assert (decision.modality, decision.purpose, decision.decision, decision.source, decision.basis) == (
        "text", "service", "given", "import letters.csv", "terms of 2025, section 4",
    )  # fmt: skip


def test_a_basis_never_overrides_what_a_contact_decided(tmp_path: Path) -> None:
    cast = contacts()
    consents(cast)
    before = ConsentDecision.objects.count()
    path = written(
        tmp_path, "a.csv",
        "id,email,author,text\n1,otto@example.com,customer,it is terrible\n2,noor@example.net,customer,so terrible\n",
    )  # fmt: skip
    summary = bring(path)
    assert (summary.counts["read"], summary.counts["no_consent"], summary.counts["consents"]) == (1, 1, 0)
    assert ConsentDecision.objects.count() == before
    assert Message.objects.get(external_id="1").reason == "no_consent"


def test_a_rehearsal_says_what_importing_then_does_and_stores_nothing(tmp_path: Path) -> None:
    cast = contacts()
    consents(cast)
    path = written(
        tmp_path, "a.csv",
        "id,email,author,text\n1,otto@example.com,customer,it is terrible\n2,new@example.net,customer,so terrible\n"
        "3,new@example.net,agent,dear customer\n4,new@example.net,customer,\n5,new@example.net,who,?\n",
    )  # fmt: skip
    said = rehearsed(path)
    assert (Message.objects.count(), Conversation.objects.count(), Contact.objects.count()) == (0, 0, 3)
    assert not (tmp_path / "a.csv.rejected.jsonl").exists()
    did = bring(path)
    assert did.counts.pop("consents") == 1
    assert said.counts == did.counts
    assert Entry.objects.get(kind="file.imported").data == {
        "file": "a.csv", "holds": "messages", "basis": "terms of 2025, section 4",
        "counts": {**did.counts, "consents": 1},
    }  # fmt: skip
    assert did.counts == {
        "messages": 4, "stored": 4, "no_consent": 1, "read": 1, "not_customer": 1, "no_text": 1, "rejected": 1,
    }  # fmt: skip
    assert (len(said.conversations), len(said.contacts)) == (len(did.conversations), len(did.contacts))


def test_a_rehearsal_without_a_basis_says_what_one_would_allow(letters: Path) -> None:
    said = rehearsed(letters, basis=None).counts
    assert (said["no_consent"], said["with_basis"], said["read"]) == (2, 2, 0)


def test_only_those_who_may_import_do(letters: Path) -> None:
    cast = members()
    with pytest.raises(NotAllowed):
        bring(letters, by=cast.ben)
    assert Message.objects.count() == ConsentDecision.objects.count() == 0
    bring(letters, by=cast.lea)
    assert set(ConsentDecision.objects.values_list("recorded_by", flat=True)) == {cast.lea.pk}


def test_a_members_address_is_never_taken_for_a_customers(tmp_path: Path) -> None:
    create_member("ben@shop.example", name="Ben", role=Role.AGENT, now=NOON)
    path = written(tmp_path, "a.csv", "id,email,text\n1,Ben@shop.example,terrible day\n2,x@example.net,terrible day\n")
    bring(path)
    assert list(Message.objects.order_by("external_id").values_list("author_kind", "reading_state")) == [
        ("agent", "skipped"), ("customer", "read"),
    ]  # fmt: skip
    assert list(Identity.objects.values_list("handle", flat=True)) == ["x@example.net"]


def test_lines_that_cannot_be_used_are_kept_with_what_is_wrong(tmp_path: Path) -> None:
    path = written(
        tmp_path, "a.csv",
        "id,time,author,email,text\n1,2026-02-01,customer,a@example.org,fine\n2,soon,customer,a@example.org,hm\n"
        "3,2026-02-01,Bob,a@example.org,hm\n4,2099-01-01,customer,a@example.org,hm\n5,2026-02-01,customer,a,b,c,d\n",
    )  # fmt: skip
    summary = bring(path)
    kept = [json.loads(line) for line in (tmp_path / "a.csv.rejected.jsonl").read_text().splitlines()]
    assert [(one["line"], one["field"]) for one in kept] == [
        (3, "time"),
        (4, "author"),
        (5, "occurred_at"),
        (6, "line"),
    ]
    assert kept[0]["raw"] == "2,soon,customer,a@example.org,hm"
    assert kept[0]["problem"] == "'soon' is no date and time; write it like 2026-11-23T09:30:00Z."
    assert (summary.counts["rejected"], summary.rejects) == (4, tmp_path / "a.csv.rejected.jsonl")
    assert list(Message.objects.values_list("external_id", flat=True)) == ["1"]


def test_a_mended_file_leaves_no_rejected_lines_of_before(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", "id,time,email,text\n1,soon,a@example.org,hm\n")
    bring(path)
    written(tmp_path, "a.csv", "id,time,email,text\n1,2026-02-01,a@example.org,hm\n")
    assert bring(path).rejects is None
    assert not (tmp_path / "a.csv.rejected.jsonl").exists()


def test_json_lines_and_arrays_come_in_alike(tmp_path: Path) -> None:
    rows = [
        {
            "id": 1,
            "from": "customer",
            "customer": {"email": "a@example.org"},
            "body": "terrible",
            "created_at": 1770000000,
        },
        {"id": 2, "from": "bot", "customer": {"email": "a@example.org"}, "body": "Hello", "created_at": 1770000060000},
    ]
    lines = converted(written(tmp_path, "x.jsonl", "\n".join(map(json.dumps, rows)) + "\n"), source="s")
    array = converted(written(tmp_path, "x.json", json.dumps(rows, indent=2)), source="s")
    held = converted(written(tmp_path, "y.json", json.dumps({"count": 2, "data": rows}, indent=1)), source="s")
    assert lines == array == held
    assert [(one.external_id, one.author, one.text, one.occurred_at) for one in lines] == [
        ("1", "customer", "terrible", datetime(2026, 2, 2, 2, 40, tzinfo=UTC)),
        ("2", "bot", "Hello", datetime(2026, 2, 2, 2, 41, tzinfo=UTC)),
    ]
    assert lines[0].person and lines[0].person.handles[0].value == "a@example.org"


def test_the_mapping_can_be_said_and_a_wrong_one_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", "nr,what,who\n1,terrible,a@example.org\n")
    with pytest.raises(UnusableFile, match="--mapping text=COLUMN"):
        opened(path)
    [message] = converted(path, mapping=["text=what", "email=who", "id=nr"])
    assert (message.text, message.external_id, message.author) == ("terrible", "1", "customer")
    with pytest.raises(UnusableFile, match="there is no such column"):
        opened(path, mapping=["text=wat"])
    with pytest.raises(UnusableFile, match="write field=column"):
        opened(path, mapping=["words=what"])


def test_a_row_without_an_id_is_known_by_its_content_and_place(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", "email,text\na@example.org,terrible\na@example.org,terrible\n")
    assert bring(path).counts["stored"] == 2
    assert bring(path).counts["known"] == 2
    assert bring(path, mapping=["email=email"]).counts["stored"] == 0


def test_rows_of_a_conversation_that_name_nobody_are_of_whom_was_named_before(tmp_path: Path) -> None:
    path = written(
        tmp_path, "a.csv",
        "id,ticket,author,email,text\n1,T,customer,a@example.org,terrible\n2,T,customer,,still terrible\n",
    )  # fmt: skip
    assert bring(path).counts["read"] == 2
    assert Conversation.objects.get().contact == Contact.objects.get()


def test_american_dates_are_recognised_by_those_that_can_only_be_so(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", "id,date,text\n1,02/03/2026 1:05 PM,a\n2,02/14/2026 12:30 am,b\n")
    assert [one.occurred_at for one in converted(path)] == [
        datetime(2026, 2, 3, 13, 5, tzinfo=UTC), datetime(2026, 2, 14, 0, 30, tzinfo=UTC),
    ]  # fmt: skip


CALL = """\
WEBVTT - a call

NOTE nothing

1
00:00:01.000 --> 00:00:03.500 align:start
<v Agent>Good morning, Hazel &amp; Rook.

00:00:04.000 --> 00:00:06.000
<v.loud Mina Okafor>I have waited
for <b>three</b> weeks,

00:00:06.200 --> 00:00:08.000
<v Mina Okafor>and it is terrible.</v>

01:00.000 --> 01:02.000
<v Agent>I see. <v Mina Okafor>Do you?
"""


def test_a_call_becomes_a_conversation_of_segments(tmp_path: Path) -> None:
    path = written(tmp_path, "call.vtt", CALL)
    summary = bring(path, customers=["Mina Okafor <+44 7700 900101>"])
    assert (summary.counts["stored"], summary.counts["read"], summary.counts["not_customer"]) == (4, 2, 2)
    rows = list(Message.objects.order_by("occurred_at", "id"))
    assert {(row.kind, row.conversation.channel) for row in rows} == {("segment", "call")}
    said = [(row.author_kind, row.text) for row in rows[:2]]
    assert said == [
        ("agent", "Good morning, Hazel & Rook."),
        ("customer", "I have waited for three weeks, and it is terrible."),
    ]
    assert (rows[1].metadata["begins"], rows[1].metadata["ends"]) == (4.0, 8.0)
    assert (rows[1].occurred_at - rows[0].occurred_at).total_seconds() == 3.0
    assert list(Identity.objects.values_list("handle", flat=True)) == ["+447700900101"]


def test_a_call_whose_speakers_are_unknown_is_rejected_with_the_mend(tmp_path: Path) -> None:
    path = written(tmp_path, "call.vtt", CALL.replace("Agent", "Ben"))
    summary = bring(path)
    assert (summary.counts["rejected"], summary.counts["stored"]) == (1, 0)
    kept = json.loads((tmp_path / "call.vtt.rejected.jsonl").read_text())
    assert kept["problem"].startswith("'Ben' is none of customer, agent, bot, system; name your own side with --ours")


MAILS = """\
From mina@example.org Mon Feb  2 10:00:00 2026
From: Mina <mina@example.org>
To: help@shop.example
Subject: My order
Date: Mon, 2 Feb 2026 10:00:00 +0000
Message-ID: <one@example.org>

This is terrible.
>From the first day on.

From help@shop.example Mon Feb  2 11:00:00 2026
From: Help <help@shop.example>
To: Mina <mina@example.org>
Subject: Re: My order
Date: Mon, 2 Feb 2026 11:00:00 +0000
Message-ID: <two@shop.example>
In-Reply-To: <one@example.org>

We are sorry.

On Mon, 2 Feb 2026 Mina wrote:
> This is terrible.
"""


def test_mails_come_in_with_threads_and_folded_quotations(tmp_path: Path) -> None:
    summary = bring(written(tmp_path, "post", MAILS), ours=["help@shop.example"])
    assert (summary.counts["stored"], summary.counts["read"], summary.counts["not_customer"]) == (2, 1, 1)
    conversation = Conversation.objects.get()
    assert (conversation.subject, conversation.channel, conversation.message_count) == ("My order", "email", 2)
    first, second = Message.objects.order_by("occurred_at")
    assert (first.text, first.author_kind) == ("This is terrible.\nFrom the first day on.", "customer")
    assert (second.text, second.author_kind) == ("We are sorry.", "agent")
    assert "> This is terrible." in second.folded["quoted"]


def test_a_folder_of_mails_comes_in_like_an_mbox(tmp_path: Path) -> None:
    folder = tmp_path / "letters"
    (folder / "2026").mkdir(parents=True)
    one, two = (f"From: {part}" for part in MAILS.split("\nFrom: ")[1:])
    written(folder, "a.eml", one.partition("\nFrom help@")[0])
    written(folder / "2026", "b.eml", two)
    written(folder, "c.eml", b"\x00\x01\x02")
    summary = bring(folder, ours=["help@shop.example"])
    assert (summary.counts["stored"], summary.counts["rejected"]) == (2, 1)
    assert json.loads((tmp_path / "letters.rejected.jsonl").read_text())["file"] == "c.eml"


@pytest.mark.skipif(not (DATA / "abcd-sample").is_dir(), reason="the ABCD sample is not here")
def test_the_dialogues_of_abcd_come_in_and_are_followed() -> None:
    path = DATA / "abcd-sample" / "abcd_sample.json"
    messages = converted(path)
    assert len(messages) == 72
    authors = [message.author for message in messages]
    assert [authors.count(one) for one in ("customer", "agent", "system")] == [31, 32, 9]
    assert messages[0].conversation_id == "3592"
    assert messages[2].person and messages[2].person.name == "crystal minh"
    assert messages[2].text == "Hi! I need to return an item, can you help me with that?"


@pytest.mark.skipif(not (DATA / "uss").is_dir(), reason="the USS dialogues are not here")
def test_two_hundred_dialogues_of_mwoz_come_in_and_are_followed(tmp_path: Path) -> None:
    blocks = (DATA / "uss" / "dataset" / "MWOZ.txt").read_text().strip("\n").split("\n\n")[:200]
    path = written(tmp_path, "MWOZ.txt", "\n\n".join(blocks) + "\n")
    turns = [line for block in blocks for line in block.splitlines() if line.split("\t")[1] != "OVERALL"]
    users = sum(line.startswith("USER") for line in turns)
    summary = bring(path)
    assert summary.counts == {
        "messages": len(turns), "stored": len(turns), "read": users, "not_customer": len(turns) - users,
        "consents": 200, "rejected": 0,
    }  # fmt: skip
    assert Conversation.objects.count() == Contact.objects.count() == 200
    assert StoredReading.objects.count() == users
    assert ConversationTrajectory.objects.count() == 200
    spoken = [line.split("\t")[1] for line in blocks[0].splitlines() if "OVERALL" not in line]
    first = Message.objects.get(text=spoken[0]).conversation
    assert list(first.messages.order_by("occurred_at").values_list("text", flat=True)) == spoken
    assert first.contact and first.contact.name == "MWOZ 1"
