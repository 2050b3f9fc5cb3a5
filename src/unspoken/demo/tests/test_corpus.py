"""The written corpus keeps its own promises: complete, consistent, nothing said twice, nothing from the future."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

CORPUS = Path(__file__).resolve().parent.parent / "corpus"
FILES = sorted(CORPUS.glob("*.jsonl"))
KINDS = ("chats", "emails", "calls", "reviews", "surveys", "mentions")
CONVERSATION_FILES = [file for file in FILES if file.name.startswith((*KINDS, "live"))]
PAST_FILES = [file for file in CONVERSATION_FILES if file.name != "live.jsonl"]
REQUIRED = {"key", "contact", "channel", "inbox", "days_ago", "status", "assignee", "labels", "messages"}
OPTIONAL = {"subject", "stars", "product", "handle"}
MESSAGE_OPTIONAL = {"private", "by", "quoted", "signature"}
MEMBERS = {"ben", "cleo", "dara"}
LARGEST_FILE = 150_000
SECONDS_A_DAY = 86_400
LONG_ENOUGH_TO_BE_ONES_OWN = 25  # characters; "thank you" may be said twice


def lines_of(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def conversations(files: list[Path]) -> Iterator[dict[str, Any]]:
    for file in files:
        yield from lines_of(file)


def messages(files: list[Path]) -> Iterator[dict[str, Any]]:
    for conversation in conversations(files):
        yield from conversation["messages"]


@pytest.mark.parametrize("file", CONVERSATION_FILES, ids=lambda file: file.name)
def test_every_line_is_a_whole_conversation(file: Path) -> None:
    for conversation in lines_of(file):
        fields = set(conversation)
        assert fields >= REQUIRED and fields <= REQUIRED | OPTIONAL, conversation["key"]
        assert conversation["channel"] in {"chat", "email", "call", "review", "survey", "mention"}
        assert conversation["status"] in {"open", "waiting", "resolved", "snoozed"}
        assert conversation["assignee"] is None or conversation["assignee"] in MEMBERS
        assert conversation["messages"], conversation["key"]


@pytest.mark.parametrize("file", CONVERSATION_FILES, ids=lambda file: file.name)
def test_every_message_says_who_spoke_and_what(file: Path) -> None:
    for conversation in lines_of(file):
        for message in conversation["messages"]:
            fields = set(message)
            assert {"from", "after", "text"} <= fields <= {"from", "after", "text"} | MESSAGE_OPTIONAL
            assert message["from"] in {"customer", "agent", "bot", "system"}
            assert message["text"].strip() == message["text"] != "", conversation["key"]
            assert message["after"] >= 0
            assert ("by" in message) <= (message["from"] == "agent"), conversation["key"]
            assert message.get("by", "ben") in MEMBERS
            assert message.get("private", True) is True
            assert not ("private" in message and message["from"] != "agent"), conversation["key"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_stays_small_enough_to_read(file: Path) -> None:
    assert file.stat().st_size <= LARGEST_FILE


def test_keys_are_unique_across_files() -> None:
    keys = Counter(line["key"] for line in conversations([CORPUS / "contacts.jsonl", *CONVERSATION_FILES]))
    assert [key for key, times in keys.items() if times > 1] == []


def test_every_conversation_belongs_to_a_written_contact_or_a_public_handle() -> None:
    contacts = {contact["key"] for contact in lines_of(CORPUS / "contacts.jsonl")}
    strangers = [
        conversation["key"]
        for conversation in conversations(CONVERSATION_FILES)
        if conversation["contact"] not in contacts
        and not (conversation["channel"] == "mention" and conversation.get("handle"))
    ]
    assert strangers == []


def test_no_customer_says_the_same_thing_twice() -> None:
    said = Counter(
        message["text"]
        for message in messages(CONVERSATION_FILES)
        if message["from"] == "customer" and len(message["text"]) > LONG_ENOUGH_TO_BE_ONES_OWN
    )
    assert [text for text, times in said.items() if times > 1] == []


def test_nothing_happens_in_the_future() -> None:
    too_late = [
        conversation["key"]
        for conversation in conversations(PAST_FILES)
        if sum(message["after"] for message in conversation["messages"]) >= conversation["days_ago"] * SECONDS_A_DAY
    ]
    assert too_late == []


def test_everything_lies_within_the_last_ninety_days() -> None:
    assert [line["key"] for line in conversations(PAST_FILES) if not 0 < line["days_ago"] <= 90] == []


@pytest.mark.parametrize("kind", KINDS)
def test_holds_as_many_messages_as_the_datasheet_says(kind: str) -> None:
    files = [file for file in PAST_FILES if file.name.startswith(kind)]
    dialogues = sum(1 for _ in conversations(files))
    spoken = list(messages(files))
    by_customers = sum(message["from"] == "customer" for message in spoken)
    row = f"| {kind} | {dialogues:,} | {len(spoken):,} | {by_customers:,} |"
    assert row in (CORPUS / "DATASHEET.md").read_text(encoding="utf-8"), f"DATASHEET.md lacks the row {row}"


def test_is_large_enough_to_look_like_a_quarter() -> None:
    assert sum(1 for _ in messages([file for file in PAST_FILES if file.name.startswith("chats")])) >= 800
    assert sum(1 for _ in messages(PAST_FILES)) >= 1_500


def test_the_live_chat_is_one_dialogue_of_about_a_minute() -> None:
    (live,) = lines_of(CORPUS / "live.jsonl")
    pauses = [message["after"] for message in live["messages"]]
    assert live["contact"] == "c001"
    assert sum(message["from"] == "customer" for message in live["messages"]) == 10
    assert 45 <= sum(pauses) <= 75
    assert max(pauses) <= 6
