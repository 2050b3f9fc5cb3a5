"""Calls from Amazon Connect Contact Lens and Transcribe: each turn once, their labels beside it and never as ours."""

import contextlib
import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from unspoken.conversations.models import Conversation, Message
from unspoken.conversations.queries import spoken_at
from unspoken.importing.formats.contact_lens_file import looks_analysed
from unspoken.importing.opening import Opened
from unspoken.importing.pieces import Refused, UnusableFile
from unspoken.importing.recognition import Shape, recognise
from unspoken.intake.inbound import Inbound
from unspoken.intake.validation import check
from unspoken.people.models import Contact, Identity
from unspoken.readings.models import StoredReading

from .bringing import NOON, bring, converted, opened, rehearsed, written

CALLS = Path(__file__).parent / "calls"
CONTACT = "c0ffee00-0000-4000-8000-000000000001"
ONE = json.loads((CALLS / "post_call.json").read_text())


def given_file(folder: Path, name: str) -> Path:
    """Return a copy of a file of calls, as if saved just now."""
    return written(folder, name, (CALLS / name).read_bytes())


def rejected(path: Path) -> list[dict[str, Any]]:
    kept = path.with_name(f"{path.name}.rejected.jsonl")
    return [json.loads(line) for line in kept.read_text().splitlines()]


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("post_call.json", Shape.CONTACT_LENS),
        ("stream.jsonl", Shape.CONTACT_LENS_LINES),
        ("transcribe.json", Shape.CONTACT_LENS),
    ],
)
def test_is_recognised_by_its_shape_whatever_its_name(tmp_path: Path, name: str, shape: Shape) -> None:
    assert recognise(written(tmp_path, "x.txt", (CALLS / name).read_bytes())).shape == shape


@pytest.mark.parametrize(
    "rows",
    [
        '{"ContactId": 7, "Channel": "email", "LanguageCode": "en", "Body": "hm"}',
        '{"ContactId": 7, "EventType": "COMPLETED", "Channel": "phone"}',
        '[{"Transcript": "words", "JobName": "x"}]',
        '{"Transcript": [{"Content": "words"}]}',
        '{"Version": "1.1.0", "Segments": [{"name": "under thirty"}]}',
        "[1, 2",
        '{"Transcript": [',
    ],
)  # fmt: skip
def test_other_json_is_not_taken_for_it(rows: str) -> None:
    assert not looks_analysed(rows)


@pytest.mark.django_db(transaction=True)
def test_a_finished_call_becomes_one_conversation_of_segments(tmp_path: Path) -> None:
    summary = bring(given_file(tmp_path, "post_call.json"))
    assert summary.counts == {"messages": 5, "stored": 5, "read": 2, "not_customer": 3, "consents": 1, "rejected": 0}
    call = Conversation.objects.get()
    assert (call.source, call.external_id, call.channel) == ("contact-lens", CONTACT, "call")
    rows = list(Message.objects.order_by("occurred_at"))
    assert [(row.external_id, row.author_kind, row.kind, row.language) for row in rows] == [
        (f"{CONTACT}/t1", "agent", "segment", "en-GB"),
        (f"{CONTACT}/t2", "customer", "segment", "en-GB"),
        (f"{CONTACT}/t3", "agent", "segment", "en-GB"),
        (f"{CONTACT}/t4", "customer", "segment", "en-GB"),
        (f"{CONTACT}/t5", "system", "segment", "en-GB"),
    ]
    assert rows[1].text == "This is terrible, I am [PII] and my grinder  came two weeks late."
    assert spoken_at(call) == {rows[1].pk: (3.0, 9.1), rows[3].pk: (15.0, 17.25)}
    assert (rows[1].occurred_at - rows[0].occurred_at).total_seconds() == 2.5
    assert {row.metadata["time"] for row in rows} == {"not in the file"}
    assert Identity.objects.get().handle == f"contact-lens:{CONTACT}"


@pytest.mark.django_db(transaction=True)
def test_importing_twice_under_any_name_adds_nothing(tmp_path: Path) -> None:
    bring(given_file(tmp_path, "post_call.json"))
    again = bring(written(tmp_path, "copy.json", json.dumps(ONE)))
    assert again.counts == {"messages": 5, "known": 5, "rejected": 0, "consents": 0}
    assert (Message.objects.count(), StoredReading.objects.count(), Contact.objects.count()) == (5, 2, 1)


@pytest.mark.django_db(transaction=True)
def test_a_rehearsal_says_what_the_import_does(tmp_path: Path) -> None:
    path = given_file(tmp_path, "post_call.json")
    said = rehearsed(path)
    assert Message.objects.count() == 0
    did = bring(path)
    assert did.counts.pop("consents") == 1
    assert said.counts == did.counts


@pytest.mark.django_db(transaction=True)
def test_the_vendors_labels_are_kept_under_its_name_and_make_no_reading(tmp_path: Path) -> None:
    bring(given_file(tmp_path, "post_call.json"), basis=None)
    assert StoredReading.objects.count() == 0
    first, second, third = Message.objects.order_by("occurred_at")[:3]
    assert second.metadata["contact_lens"] == {
        "producer": "Amazon Connect Contact Lens", "version": "1.1.0", "Sentiment": "NEGATIVE",
        "LoudnessScore": [70.1, None, 81.5],
        "RedactedTimestamps": [{"BeginOffsetMillis": 5000, "EndOffsetMillis": 5600}],
        "IssuesDetected": [
            {"BeginOffsetChar": 34, "EndOffsetChar": 66, "Text": "my grinder  came two weeks late"},
        ],
    }  # fmt: skip
    assert third.metadata["contact_lens"]["OutcomesDetected"] == [{"BeginOffsetChar": 22, "EndOffsetChar": 49}]
    whole = first.metadata["contact_lens"]["call"]
    assert (whole["OverallSentiment"], whole["SentimentScale"]) == ({"AGENT": 1.3, "CUSTOMER": -3.1}, [-5, 5])
    assert whole["SentimentByPeriod"]["QUARTER"]["CUSTOMER"] == [
        {"BeginOffsetMillis": 0, "EndOffsetMillis": 8000, "Score": -5},
    ]  # fmt: skip
    assert whole["Interruptions"] == {
        "TotalCount": 2, "TotalTimeMillis": 800,
        "Windows": [
            {"BeginOffsetMillis": 9000, "EndOffsetMillis": 9300, "By": ["AGENT", "CUSTOMER"]},
            {"BeginOffsetMillis": 15000, "EndOffsetMillis": 15500, "By": ["CUSTOMER"]},
        ],
    }  # fmt: skip
    assert whole["NonTalkTime"]["TotalTimeMillis"] == 5000
    assert whole["Categories"] == {"late-delivery": [{"BeginOffsetMillis": 4200, "EndOffsetMillis": 9100}]}
    assert whole["Summary"] == "A grinder came late; a new one goes out today."
    assert (whole["TalkTime"], whole["TalkSpeed"]) == ({"CUSTOMER": 12000}, {"AGENT": 150})
    assert "call" not in second.metadata["contact_lens"]


@pytest.mark.django_db(transaction=True)
def test_the_stream_of_a_call_under_way_gives_its_final_turns(tmp_path: Path) -> None:
    summary = bring(given_file(tmp_path, "stream.jsonl"))
    assert (summary.counts["stored"], summary.counts["read"], summary.counts["rejected"]) == (3, 2, 0)
    assert sorted(Message.objects.values_list("external_id", "text", "language")) == [
        ("c0ffee00-0000-4000-8000-000000000002/s1", "Hello, how can I help?", "en-US"),
        ("c0ffee00-0000-4000-8000-000000000002/s2", "It is terrible.", "en-US"),
        ("c0ffee00-0000-4000-8000-000000000003/s1", "Guten Tag", "de-DE"),
    ]
    labels = Message.objects.get(external_id__endswith="2/s1").metadata["contact_lens"]
    assert labels["call"] == {
        "Categories": {"rude-start": [{"BeginOffsetMillis": 2100, "EndOffsetMillis": 3400}], "second": []},
        "Summary": "A short call.",
    }


@pytest.mark.django_db
def test_lines_an_array_and_objects_run_together_come_in_alike(tmp_path: Path) -> None:
    text = (CALLS / "stream.jsonl").read_text()
    events = [json.loads(line) for line in text.splitlines()]
    lines = converted(written(tmp_path, "a.jsonl", text), source="s")
    array = converted(written(tmp_path, "a.json", json.dumps(events, indent=2)), source="s")
    together = converted(written(tmp_path, "a", text.replace("}\n{", "}{")), source="s")
    spread = converted(written(tmp_path, "a.txt", "\n".join(json.dumps(one, indent=1) for one in events)), source="s")
    said = [(one.external_id, one.text, one.metadata["begins"]) for one in lines]
    assert len(said) == 3
    for other in (array, together, spread):
        assert [(one.external_id, one.text, one.metadata["begins"]) for one in other] == said


@pytest.mark.django_db
def test_an_answer_to_a_question_for_segments_is_a_call_known_by_its_content(tmp_path: Path) -> None:
    segments = json.loads((CALLS / "stream.jsonl").read_text().splitlines()[2])["Segments"]
    path = written(tmp_path, "a.json", json.dumps({"Channel": "VOICE", "Status": "COMPLETED", "Segments": segments}))
    first, second = converted(path)
    assert first.conversation_id == second.conversation_id == converted(path)[0].conversation_id
    assert (first.external_id, second.author) == (f"{first.conversation_id}/s1", "customer")


@pytest.mark.django_db
def test_transcribe_spells_loudness_and_characters_otherwise(tmp_path: Path) -> None:
    first, second = converted(given_file(tmp_path, "transcribe.json"))
    assert first.external_id == "lost-card-1/11111111-0000-4000-8000-000000000000"
    assert [one.author for one in (first, second)] == ["customer", "agent"]
    assert first.metadata["transcribe"] == {
        "producer": "Transcribe Call Analytics", "version": "", "Sentiment": "NEUTRAL", "LoudnessScore": [87.87, 75.9],
        "RedactedTimestamps": [{"BeginOffsetMillis": 500, "EndOffsetMillis": 600}],
        "IssuesDetected": [{"BeginOffsetChar": 5, "EndOffsetChar": 27}],
        "call": {
            "OverallSentiment": {"AGENT": 2.7, "CUSTOMER": 0.2}, "SentimentScale": [-5, 5], "Summary": "A lost card.",
            "Output": "Raw", "JobStatus": "COMPLETED",
        },
    }  # fmt: skip
    assert second.metadata["transcribe"]["Redaction"] == [{"Type": "NAME", "Category": "PII"}]


@pytest.mark.django_db
def test_a_moment_in_the_file_says_when_the_call_began(tmp_path: Path) -> None:
    call = copy.deepcopy(ONE)
    call["Transcript"][1]["Time"] = {"AbsoluteTime": "2026-02-03T10:00:03.000Z"}
    first, second, third, *_ = converted(written(tmp_path, "a.json", json.dumps(call)))
    assert [one.occurred_at for one in (first, second, third)] == [
        datetime(2026, 2, 3, 10, 0, 0, 500_000, tzinfo=UTC), datetime(2026, 2, 3, 10, 0, 3, tzinfo=UTC),
        datetime(2026, 2, 3, 10, 0, 9, 500_000, tzinfo=UTC),
    ]  # fmt: skip
    assert "time" not in first.metadata


@pytest.mark.django_db
def test_without_a_moment_the_last_words_end_when_the_file_was_saved(tmp_path: Path) -> None:
    path = given_file(tmp_path, "post_call.json")
    file = opened(path)
    assert any("taken as said when the file was saved" in note for note in file.notes)
    last = converted(path)[-1]
    assert (NOON - last.occurred_at).total_seconds() == 2.0  # it ends two seconds after it begins


@pytest.mark.django_db
def test_a_chat_is_a_chat_with_its_own_moments(tmp_path: Path) -> None:
    said = {
        "Id": "m1",
        "ParticipantRole": "CUSTOMER",
        "Content": "hello",
        "Time": {"AbsoluteTime": "2026-02-03T10:00Z"},
    }
    chat = {
        "Version": "1.1.0", "Channel": "CHAT", "JobStatus": "COMPLETED", "CustomerMetadata": {"ContactId": "chat-1"},
        "Transcript": [said, {"Id": "e1", "Type": "EVENT", "ParticipantRole": "AGENT"}, said | {"Id": "m2", "Time": 5}],
    }  # fmt: skip
    file = opened(written(tmp_path, "a.json", json.dumps(chat)))
    first, second = file.pieces()
    [message] = file.convert(first)
    assert (message.channel, message.kind, message.occurred_at) == (
        "chat",
        "chat",
        datetime(2026, 2, 3, 10, tzinfo=UTC),
    )
    assert "begins" not in message.metadata
    with pytest.raises(Refused, match="Time: is missing"):
        file.convert(second)


@pytest.mark.django_db(transaction=True)
def test_the_customer_can_be_named_where_there_is_one_call(tmp_path: Path) -> None:
    bring(given_file(tmp_path, "post_call.json"), customers=["Mina Okafor <+44 7700 900101>"])
    assert (Identity.objects.get().handle, Contact.objects.get().name) == ("+447700900101", "Mina Okafor")
    with pytest.raises(UnusableFile, match="holds 2 calls"):
        opened(given_file(tmp_path, "stream.jsonl"), customers=["+44 7700 900101"])


@pytest.mark.django_db(transaction=True)
def test_turns_that_cannot_be_used_are_rejected_by_their_line_and_the_others_come_in(tmp_path: Path) -> None:
    call = copy.deepcopy(ONE)
    wrong = [
        "words", {"Id": "a"}, {"Content": 7}, {"Content": "x"}, {"Content": "x", "BeginOffsetMillis": True},
        {"Content": "x", "BeginOffsetMillis": -1, "EndOffsetMillis": 5},
        {"Content": "x", "BeginOffsetMillis": 9, "EndOffsetMillis": 5},
        {"Content": "x", "BeginOffsetMillis": 1e300, "EndOffsetMillis": 1e301},
        {"Content": "x", "BeginOffsetMillis": 1, "EndOffsetMillis": 5, "Time": {"AbsoluteTime": "soon"}},
        {"Content": "a\x00b", "BeginOffsetMillis": 1, "EndOffsetMillis": 5, "Id": "nul"},
    ]  # fmt: skip
    lines = ['{"JobStatus": "COMPLETED", "Channel": "VOICE", "CustomerMetadata": {"ContactId": "c"}, "Transcript": [']
    lines += [json.dumps(one) + "," for one in wrong]
    path = written(tmp_path, "a.json", "\n".join([*lines, json.dumps(call["Transcript"][1]), "]}"]))
    summary = bring(path)
    assert (summary.counts["stored"], summary.counts["rejected"]) == (1, 10)
    assert [(one["line"], one["field"]) for one in rejected(path)] == [
        (2, "turn"), (3, "Content"), (4, "Content"), (5, "BeginOffsetMillis"), (6, "BeginOffsetMillis"),
        (7, "BeginOffsetMillis"), (8, "EndOffsetMillis"), (9, "BeginOffsetMillis"), (10, "Time"), (11, "text"),
    ]  # fmt: skip
    assert rejected(path)[6]["problem"] == "is 5, before the turn begins (9)."
    assert Message.objects.get().metadata["contact_lens"]["call"] == {"JobStatus": "COMPLETED"}
    assert Message.objects.get().external_id == "c/t2"


@pytest.mark.django_db(transaction=True)
def test_a_broken_line_of_a_stream_costs_that_line(tmp_path: Path) -> None:
    lines = (CALLS / "stream.jsonl").read_text().splitlines()
    path = written(tmp_path, "a.jsonl", "\n".join([*lines[:2], lines[2][:-40], '{"a": NaN}', '{"a": 1}', *lines[3:]]))
    summary = bring(path)
    assert summary.counts["stored"] == 2  # what stands before the break, and the other call
    assert [(one["line"], one["field"]) for one in rejected(path)] == [(3, "line"), (4, "line"), (5, "Transcript")]


@pytest.mark.django_db
def test_a_call_that_breaks_off_before_its_name_is_left_until_it_is_mended(tmp_path: Path) -> None:
    text = (CALLS / "transcribe.json").read_text()  # its name stands after its turns
    with pytest.raises(UnusableFile, match="holds no turn that can be used"):
        opened(written(tmp_path, "a.json", text[: text.index('"AccountId"')]))
    broken = (CALLS / "post_call.json").read_text()
    file = opened(written(tmp_path, "b.json", broken[: broken.index('"Id": "t3"')]))
    *turns, rest = file.pieces()
    assert [file.convert(piece)[0].external_id for piece in turns] == [f"{CONTACT}/t1", f"{CONTACT}/t2"]
    assert rest.problem and "is no JSON from here on" in rest.problem.message
    assert rest.line == broken[: broken.index('"BeginOffsetMillis": 9500')].count("\n")


@pytest.mark.django_db
def test_a_call_whose_analysis_failed_is_refused_with_the_reason(tmp_path: Path) -> None:
    failed = {"JobStatus": "FAILED", "Channel": "VOICE", "CustomerMetadata": {"ContactId": "c"}, "Transcript": []}
    with pytest.raises(UnusableFile, match="holds no turn that can be used"):
        opened(written(tmp_path, "a.json", json.dumps(failed)))
    path = written(tmp_path, "b.jsonl", f"{json.dumps(failed)}\n{json.dumps(ONE)}\n")
    first, *others = opened(path).pieces()
    assert first.problem and first.problem.message == "holds no turns; its analysis ended as FAILED."
    assert len(others) == 5


@pytest.mark.django_db(transaction=True)
def test_one_byte_that_is_no_utf_8_costs_one_turn(tmp_path: Path) -> None:
    raw = (
        (CALLS / "post_call.json")
        .read_bytes()
        .replace(b"Many thanks", b"Many th\xe9nks")
        .replace(b"Good", "Gööd".encode())
    )
    path = written(tmp_path, "a.json", raw)
    assert bring(path).counts["stored"] == 4
    assert [one["field"] for one in rejected(path)] == ["encoding"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
PATHS = [
    ("Transcript",), ("Transcript", 1), ("Transcript", 1, "Content"), ("Transcript", 1, "Id"), ("Participants",),
    ("Transcript", 1, "BeginOffsetMillis"), ("Transcript", 1, "EndOffsetMillis"), ("Transcript", 1, "LoudnessScore"),
    ("Transcript", 1, "IssuesDetected"), ("Transcript", 1, "IssuesDetected", 0, "CharacterOffsets"), ("Categories",),
    ("Transcript", 1, "Redaction"), ("Transcript", 1, "Sentiment"), ("Transcript", 1, "Time"), ("LanguageCode",),
    ("Categories", "MatchedDetails"), ("Categories", "MatchedCategories"), ("ConversationCharacteristics",),
    ("ConversationCharacteristics", "Sentiment"), ("ConversationCharacteristics", "Interruptions"), ("JobStatus",),
    ("ConversationCharacteristics", "Interruptions", "InterruptionsByInterrupter"), ("CustomerMetadata",), ("Version",),
    ("ConversationCharacteristics", "TalkTime", "DetailsByParticipant"), ("ContentMetadata",), ("Channel",),
]  # fmt: skip


@pytest.mark.django_db
@given(st.sampled_from(PATHS), JSON)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rubbish_costs_at_most_the_turn_that_it_stands_in(tmp_path: Path, where: tuple[Any, ...], rubbish: Any) -> None:
    call = copy.deepcopy(ONE)
    place = call
    for part in where[:-1]:
        place = place[part]
    place[where[-1]] = rubbish
    try:
        messages = kept_of(opened(written(tmp_path, "a.json", json.dumps(call))))
    except UnusableFile:
        assert where == ("Transcript",)
        return
    assert len(messages) == 5 or (len(messages) == 4 and len(where) > 1) or where == ("Transcript",)
    problems = [problem.field for one in messages for problem in check(one, now=NOON)]
    assert problems == [] or where[2:] in {("Content",), ("Id",)} or where == ("CustomerMetadata",)


def kept_of(file: Opened[Inbound]) -> list[Inbound]:
    """Return the messages of those pieces of a file that can be used; the pieces are counted without a gap."""
    pieces, messages = list(file.pieces()), []
    assert [piece.number for piece in pieces] == list(range(1, len(pieces) + 1))
    for piece in pieces:
        if piece.problem is None:
            with contextlib.suppress(Refused):
                messages += file.convert(piece)
    return messages


@pytest.mark.django_db
@given(
    st.integers(min_value=0), st.integers(min_value=0, max_value=30), st.text(alphabet='{}[]",:\\ue0aN\n', max_size=6)
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_file_with_a_hole_in_it_never_crashes(tmp_path: Path, at: int, length: int, instead: str) -> None:
    text = (CALLS / "stream.jsonl").read_text()
    at = 1 + at % (len(text) - 1)  # what does not begin as JSON is something else
    path = written(tmp_path, "a.jsonl", text[:at] + instead + text[at + length :])
    names = {f"c0ffee00-0000-4000-8000-00000000000{number}" for number in (2, 3)}
    untouched = [one for one in kept_of(opened(path)) if one.conversation_id in names]
    assert len(untouched) >= 1  # at most one line is hurt, or two made one


@pytest.mark.django_db
def test_the_stream_of_a_chat_is_a_chat(tmp_path: Path) -> None:
    moment = {"AbsoluteTime": "2026-02-03T10:00Z"}
    said = {"Id": "m1", "ParticipantRole": "CUSTOMER", "Content": "hello", "Time": moment}
    left = {"Id": "e1", "EventType": "application/vnd.amazonaws.connect.event.participant.left"}
    event = {
        "Version": "2.0.0", "Channel": "CHAT", "InstanceId": "i-1", "ContactId": "chat-2", "LanguageCode": "en-US",
        "StreamingEventType": "SEGMENTS", "Segments": [{"Transcript": said}, {"Event": left}],
    }  # fmt: skip
    [message] = converted(written(tmp_path, "a.jsonl", json.dumps(event) + "\n"))
    assert (message.external_id, message.channel, message.metadata["contact_lens"]["version"]) == (
        "chat-2/m1", "chat", "2.0.0",
    )  # fmt: skip
