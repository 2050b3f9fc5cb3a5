"""Calls over the API: how one went, bringing its recording, stopping that the voice is read; hostile forms."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from unspoken.calls.keeping import keep_sound
from unspoken.calls.kept import kept_at
from unspoken.calls.listening import hear_next
from unspoken.calls.models import Call, Form, KeptRecording, Recording
from unspoken.calls.tests.recordings import files, recording
from unspoken.conversations.models import Conversation
from unspoken.journal.models import Entry
from unspoken.kit.clock import now
from unspoken.kit.keyset import encode
from unspoken.people.models import Contact
from unspoken.people.tests.cast import Contacts
from unspoken.privacy.actions import record_consent
from unspoken.privacy.models import ConsentDecision
from unspoken.readings.models import ToneReading
from unspoken.staff.models import Scope
from unspoken.staff.tests.cast import Members

from .test_exports import called
from .test_messages import message
from .test_records import arrived

Programs = Callable[..., Any]


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    settings.UNSPOKEN = replace(settings.UNSPOKEN, data=tmp_path / "data")


def permits(contact: Contact, decision: str = "given") -> None:
    record_consent(contact, modality="voice", purpose="service", decision=decision, source="test", now=now())


def send(program: Any, call: str, content: bytes = b"sound", **fields: Any) -> Any:
    form = {"file": SimpleUploadedFile("../../etc/Mina Okafor.wav", content), "customer": "left"} | fields
    return program.client.post(f"/api/v1/conversations/{call}/recording", form)


def test_a_recording_is_brought_listened_to_and_told_of(
    staff: Members, known: Contacts, program: Programs, tmp_path: Path
) -> None:
    pytest.importorskip("av", reason="the extra unspoken[voice] is not installed")
    ada = program(staff.ada)
    call = called(ada)
    permits(known.mina)
    sound = recording(tmp_path / "call.wav").read_bytes()
    answer = send(ada, call, sound)
    told = answer.json()
    assert (answer.status_code, told["state"], told["customer"], told["size"]) == (202, "waiting", "left", len(sound))
    assert files() == [told["id"]]
    assert answer["Location"] == f"/api/v1/conversations/{call}/recording?recording={told['id']}"
    assert ada.client.get(answer["Location"]).json() == told
    assert hear_next()
    told = ada("get", f"/conversations/{call}/recording").json()
    assert (told["state"], told["seconds"], told["windows"], told["why"]) == ("done", 6.0, 3, "")
    assert told["in_words"].startswith("A recording of 0:06 was listened to: the tone of 3 windows was read.")
    again = send(ada, call, sound)
    assert (again.status_code, again.json()["id"], files()) == (200, told["id"], [])
    assert Recording.objects.count() == 1
    went = ada("get", f"/conversations/{call}/call").json()
    assert [one["begins"] for one in went["windows"]] == [0.0, 1.0, 2.0, 3.0]
    assert (went["tone"], went["live"], went["heard_until"]) == ("read", False, 6.0)
    assert set(went["talk"]) == {"customer", "agent", "both", "silence"}


def test_the_same_recording_many_times_at_once_has_one_effect(
    staff: Members, known: Contacts, program: Programs
) -> None:
    ada = program(staff.ada)
    call = called(ada)
    permits(known.mina)

    def deliver(_: int) -> tuple[int, str]:
        try:
            answer = send(ada, call, b"sound" * 50_000)
            return answer.status_code, answer.json()["id"]
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        answers = set(pool.map(deliver, range(12)))
    row = Recording.objects.get()
    assert (answers, files()) == ({(202, row.id)}, [row.id])


def test_without_consent_not_a_byte_is_written(
    staff: Members, known: Contacts, program: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def written(*_: object) -> None:
        raise AssertionError("written")

    ada = program(staff.ada)
    call = called(ada)
    monkeypatch.setattr("unspoken.calls.arriving.Arriving.__init__", written)
    for decision in ("", "refused", "withdrawn"):
        if decision:
            permits(known.mina, decision)
        answer = send(ada, call)
        assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
        assert answer.json()["title"] == "Not taken in."
        assert "has not permitted that the tone of their voice is read" in answer.json()["detail"]
    assert (files(), Recording.objects.count()) == ([], 0)


def test_a_recording_out_of_sight_or_without_the_right_is_not_taken(
    staff: Members, known: Contacts, program: Programs
) -> None:
    call = called(program(staff.ada))
    permits(known.mina)
    Conversation.objects.filter(pk=call).update(team=staff.care)
    assert send(program(staff.cleo), call).status_code == 404
    assert send(program(staff.pia), call).status_code == 403
    assert send(program(staff.ben, Scope.CONVERSATIONS_READ, Scope.CONSENT_WRITE), call).status_code == 403
    assert (files(), Recording.objects.count()) == ([], 0)
    assert send(program(staff.ben, Scope.CONVERSATIONS_WRITE), call).status_code == 202
    assert Recording.objects.get().by == staff.ben
    for who, status in ((staff.ben, 200), (staff.cleo, 404)):
        assert program(who)("get", f"/conversations/{call}/recording").status_code == status
    assert program(staff.ben, Scope.CONVERSATIONS_WRITE)("get", f"/conversations/{call}/recording").status_code == 403


def test_what_is_no_recording_of_a_call_is_refused_in_words(
    staff: Members, known: Contacts, program: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = program(staff.ada)
    chat, call = arrived(ada, staff), called(ada)
    permits(known.mina)
    assert send(ada, chat).json()["detail"] == f"{chat} is no call but came by chat. Nothing was kept."
    assert "left, right or alone" in send(ada, call, customer="both").json()["detail"]
    assert "left, right or alone" in send(ada, call, customer="").json()["detail"]
    assert "The file is empty" in send(ada, call, b"").json()["detail"]
    assert "send the sound as `file`" in send(ada, call, file="no file").json()["detail"]
    Call.objects.create(conversation_id=call, began_at=now(), seen_at=now())
    assert "still under way" in send(ada, call).json()["detail"]
    Call.objects.update(ended_at=now())
    monkeypatch.setattr("unspoken.calls.arriving.LARGEST", 4)
    for body in (b"sound", b"x" * 70_000):
        answer = send(ada, call, body)
        assert (answer.status_code, answer.json()["title"]) == (413, "The recording is too large.")
    assert (files(), Recording.objects.count()) == ([], 0)


def test_hostile_forms_are_refused_and_leave_nothing(staff: Members, known: Contacts, program: Programs) -> None:
    ada = program(staff.ada)
    call = called(ada)
    permits(known.mina)
    start = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n'
    part = start + b"\r\nsound\r\n"
    side = b'--b\r\nContent-Disposition: form-data; name="customer"\r\n\r\nleft\r\n'
    other = part.replace(b'name="file"', b'name="other"')
    field = b'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n\r\n'
    multipart = "multipart/form-data; boundary=b"
    path = f"/api/v1/conversations/{call}/recording"
    hostile: list[tuple[str, bytes, int]] = [
        ("application/json", b'{"file": "sound", "customer": "left"}', 422),
        ("application/x-www-form-urlencoded", b"file=sound&customer=left", 422),
        ("multipart/form-data", part, 400),  # no boundary
        (f"{multipart}; charset=hex", part + side + b"--b--\r\n", 422),
        (multipart, b"", 422),
        (multipart, part, 422),  # it breaks off: no boundary ends it
        (multipart, side + part[:-9], 422),
        (multipart, other + side + b"--b--\r\n", 422),
        (multipart, part + other * 120 + side + b"--b--\r\n", 422),
        (multipart, part + field * 1200 + side + b"--b--\r\n", 422),
        (multipart, start + b"Content-Transfer-Encoding: base64\r\n\r\n!!!\r\n" + side + b"--b--\r\n", 400),
        (multipart, part + side.replace(b"left", b"left\x00\xff") + b"--b--\r\n", 422),
    ]
    for content_type, body, status in hostile:
        answer = ada.client.generic("POST", path, body, content_type=content_type)
        assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json"), (
            body,
            answer.content,
        )
    endless = ada.client.generic("POST", path, part + side + b"--b--\r\n", content_type=multipart, CONTENT_LENGTH="")
    assert "Content-Length" in endless.json()["detail"]
    assert (files(), Recording.objects.count()) == ([], 0)
    twice = part + part.replace(b"sound", b"other") + side + b"--b--\r\n"
    answer = ada.client.generic("POST", path, twice, content_type=multipart)
    assert (answer.status_code, answer.json()["size"], len(files())) == (202, 5, 1)  # the first is the recording


def test_no_recording_is_no_content_and_an_unknown_one_not_there(
    staff: Members, known: Contacts, program: Programs
) -> None:
    ada = program(staff.ada)
    call, chat = called(ada), arrived(ada, staff)
    assert ada("get", f"/conversations/{call}/recording").status_code == 204
    assert ada("get", f"/conversations/{call}/recording?recording=rec_0").status_code == 404
    assert ada("get", f"/conversations/{call}/recording?recording=%00").status_code == 422
    for path in ("recording", "call"):
        answer = ada("get", f"/conversations/{chat}/{path}")
        assert (answer.status_code, answer.json()["title"]) == (404, "Not a call.")


def heard(call: str, contact: Contact) -> None:
    """Let five seconds of a call have been heard, tense from the fourth second on."""
    for end, stress in ((3.0, 0.1), (4.0, 0.9), (5.0, 0.8)):
        ToneReading.objects.create(
            conversation_id=call, contact=contact, consent_id=1, model="m", model_version="2", model_sha256="3",
            begins=end - 3.0, ends=end, scales={"stress": stress}, changes=["louder by 5 dB"], created_at=now(),
        )  # fmt: skip
    talk = {"customer": 3.0, "agent": 1.5, "both": 0.5, "silence": 1.0, "runs": [], "last_word": 4.0}
    Call.objects.create(
        conversation_id=call, began_at=now() - timedelta(minutes=1), ended_at=now(), seen_at=now(), heard_until=5.0,
        announced="Notice 4", tone="read", talk=talk,
    )  # fmt: skip


def test_a_call_is_told_window_by_window(staff: Members, known: Contacts, program: Programs) -> None:
    ben = program(staff.ben)
    spoken = message(3, text="Thank you, that was kind.", channel="call", metadata={"begins": 1.0, "ends": 4.0})
    call = program(staff.ada)("post", "/messages", spoken | {"conversation_id": "call"}).json()["conversation"]
    bare = ben("get", f"/conversations/{call}/call").json()
    assert (bare["windows"], bare["talk"], bare["tone"], bare["began_at"], bare["tense"]) == ([], None, None, None, [])
    heard(call, known.mina)
    told = ben("get", f"/conversations/{call}/call").json()
    assert told["talk"] == {"customer": 3.0, "agent": 1.5, "both": 0.5, "silence": 1.0}
    assert told["tone_in_words"] == "The tone of the customer's voice is read from here on, as they permit."
    assert told["tense"] == [{"begins": 3.0, "ends": 5.0, "heard": ["louder by 5 dB"]}]
    [parting] = told["partings"]
    assert (parting["begins"], parting["how"]) == (1.0, "voice_tense")
    assert told["windows"][1] == {
        "begins": 1.0, "ends": 4.0, "scales": {"stress": 0.9}, "changes": ["louder by 5 dB"], "reason": "",
        "model": {"name": "m", "version": "2", "sha256": "3"},
    }  # fmt: skip
    assert told["next_cursor"] is None
    Conversation.objects.filter(pk=call).update(team=staff.press)
    assert ben("get", f"/conversations/{call}/call").status_code == 404


def test_windows_are_followed_by_their_cursor(staff: Members, known: Contacts, program: Programs) -> None:
    ada = program(staff.ada)
    call = called(ada)
    heard(call, known.mina)
    first = ada("get", f"/conversations/{call}/call?limit=2").json()
    second = ada("get", f"/conversations/{call}/call?limit=2&cursor={first['next_cursor']}").json()
    assert [one["begins"] for one in first["windows"] + second["windows"]] == [0.0, 1.0, 2.0]
    assert (second["next_cursor"], second["tense"]) == (None, first["tense"])
    for cursor, status in ((encode(["a"]), 400), (encode([1.0, 2.0]), 400), ("?", 400), ("x" * 10_000, 422)):
        answer = ada("get", f"/conversations/{call}/call?cursor={cursor}")
        assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json"), cursor
    for limit in ("0", "2001", "many"):
        assert ada("get", f"/conversations/{call}/call?limit={limit}").status_code == 422


def test_listening_is_stopped_by_whoever_may_record_consents(
    staff: Members, known: Contacts, program: Programs
) -> None:
    ada = program(staff.ada)
    call, chat = called(ada), arrived(ada, staff)
    permits(known.mina)
    path = f"/conversations/{call}/stop-listening"
    before = ConsentDecision.objects.count()
    assert program(staff.ben, Scope.CONVERSATIONS_WRITE)("post", path).status_code == 403
    assert program(staff.ana, Scope.CONSENT_WRITE)("post", path).status_code == 404
    assert ada("post", f"/conversations/{chat}/stop-listening").status_code == 404
    assert ConsentDecision.objects.count() == before
    answer = program(staff.ben, Scope.CONSENT_WRITE)("post", path)
    [told] = answer.json()
    assert (answer.status_code, told["modality"], told["decision"]) == (201, "voice", "withdrawn")
    assert ConsentDecision.objects.latest("id").recorded_by == staff.ben
    Conversation.objects.filter(pk=call).update(contact=None)
    refused = ada("post", path)
    assert (refused.status_code, refused.json()["title"]) == (422, "Refused.")


def kept_by_mina(settings: Any, known: Contacts, call: str) -> None:
    settings.UNSPOKEN = replace(settings.UNSPOKEN, keep_recordings_days=30)
    decides(known.mina, "given")
    assert keep_sound(Conversation.objects.get(pk=call), [b"0123456789"], form=Form.MP3, now=now())


def decides(contact: Contact, decision: str) -> None:
    record_consent(contact, modality="voice", purpose="recording", decision=decision, source="test", now=now())


def test_a_kept_recording_is_told_handed_out_and_deleted(
    staff: Members, known: Contacts, program: Programs, settings: Any
) -> None:
    ada = program(staff.ada)
    call = called(ada)
    sound, went = f"/conversations/{call}/recording/sound", f"/conversations/{call}/call"
    assert ada("get", went).json()["recording"] is None
    assert ada("get", sound).json()["title"] == "No recording is kept."
    kept_by_mina(settings, known, call)
    row = KeptRecording.objects.get()
    told = ada("get", went).json()["recording"]
    assert (told["id"], told["media_type"], told["size"]) == (row.pk, "audio/mpeg", 10)
    assert datetime.fromisoformat(told["kept_until"]) - datetime.fromisoformat(told["kept_at"]) == timedelta(days=30)
    answer = ada("get", sound)
    assert (answer.status_code, answer["Content-Type"], b"".join(answer.streaming_content)) == (
        200, "audio/mpeg", b"0123456789"
    )  # fmt: skip
    assert (answer["Cache-Control"], answer["X-Content-Type-Options"]) == ("private, no-store", "nosniff")
    answer = ada.client.get(f"/api/v1{sound}", headers={"Range": "bytes=-3"})
    assert (answer.status_code, b"".join(answer.streaming_content)) == (206, b"789")
    heard = Entry.objects.filter(kind="recording.heard")
    assert list(heard.values_list("actor", "conversation_id")) == [(staff.ada.pk, call)] * 2
    assert ada("delete", sound).status_code == 204
    assert (ada("get", sound).status_code, list(kept_at("").iterdir())) == (404, [])
    assert ada("delete", sound).status_code == 204


def test_a_kept_recording_is_not_handed_out_out_of_sight_without_the_scope_or_after_a_withdrawal(
    staff: Members, known: Contacts, program: Programs, settings: Any
) -> None:
    ada = program(staff.ada)
    call = called(ada)
    sound = f"/conversations/{call}/recording/sound"
    kept_by_mina(settings, known, call)
    Conversation.objects.filter(pk=call).update(team=staff.care)
    assert program(staff.cleo)("get", sound).status_code == 404
    assert program(staff.cleo)("delete", sound).status_code == 404
    assert program(staff.ben, Scope.CONVERSATIONS_WRITE)("get", sound).status_code == 403
    assert program(staff.ben, Scope.CONVERSATIONS_READ)("delete", sound).status_code == 403
    assert kept_at(KeptRecording.objects.get().pk).read_bytes() == b"0123456789"
    decides(known.mina, "withdrawn")
    assert ada("get", sound).status_code == 404
    assert ada("get", f"/conversations/{call}/call").json()["recording"] is None
    assert not Entry.objects.filter(kind__in=["recording.heard", "recording.deleted"]).exists()
