"""Calls: how one went, bringing its recording, and stopping that the voice is read."""

from datetime import datetime
from typing import Annotated

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from ninja import Query, Router, Schema, Status

from unspoken.affect.tone import Stretch, partings, stretches
from unspoken.calls.actions import stop_reading_the_voice
from unspoken.calls.arriving import NoRoom, Refused, TooLarge, form_of, upload_of
from unspoken.calls.deleting import delete_recording
from unspoken.calls.keeping import note_heard
from unspoken.calls.kept import ends_at, kept_of, replay
from unspoken.calls.models import UNFINISHED, Call, KeptRecording, Recording, RecordingState, Side, ToneState
from unspoken.calls.queries import call_of
from unspoken.calls.talk import Talk
from unspoken.calls.timeline import told_of
from unspoken.calls.waiting import consent_for, in_words, take_in
from unspoken.conversations.models import Conversation
from unspoken.conversations.queries import conversation_for, spoken_at
from unspoken.kit.clock import now
from unspoken.kit.keyset import BadCursor, decode, encode
from unspoken.people.models import Channel
from unspoken.readings.models import ToneReading
from unspoken.readings.queries import effective_readings, tone_windows, tones_of
from unspoken.staff.models import Member, Scope

from .problems import Problem
from .schemas import ConsentOut
from .tokens import Token, asker

router = Router(tags=["calls"])
READ, WRITE = Token(Scope.CONVERSATIONS_READ), Token(Scope.CONVERSATIONS_WRITE)
CONSENT = Token(Scope.CONSENT_WRITE)
Limit = Annotated[int, Query(ge=1, le=2000)]
Cursor = Annotated[str | None, Query(max_length=200)]
RecordingId = Annotated[str | None, Query(pattern=r"^rec_[0-9a-z]{1,36}$")]
Seconds = float
"""Seconds from the beginning of the call."""


class TalkOut(Schema):
    """Seconds in which each side speaks, both at once, or nobody, of what was listened to; `agent` is null where that
    side was not heard."""

    customer: Seconds
    agent: Seconds | None
    both: Seconds
    silence: Seconds


class StretchOut(Schema):
    """From when to when the voice reads as tense, and what is heard there that is unlike the caller's own beginning."""

    begins: Seconds
    ends: Seconds
    heard: list[str]


class PartingOut(Schema):
    """Where words and voice part: `voice_tense`, the words are calm; `voice_calm`, the words complain."""

    message: str
    begins: Seconds
    how: str


class WindowOut(Schema):
    """What the tone of the customer's voice expresses in one window: chances 0…1, or `reason` why nothing is said."""

    begins: Seconds
    ends: Seconds
    scales: dict[str, float]
    changes: list[str]
    reason: str
    model: dict[str, str]

    @classmethod
    def of(cls, row: ToneReading) -> "WindowOut":
        """Return a stored window."""
        same = {name: getattr(row, name) for name in ("begins", "ends", "scales", "changes", "reason")}
        return cls(**same, model={"name": row.model, "version": row.model_version, "sha256": row.model_sha256})


class KeptOut(Schema):
    """The recording of a call, kept with the customer's consent: `kept_until` when it is deleted at the latest."""

    id: str
    media_type: str
    size: int
    kept_at: datetime
    kept_until: datetime

    @classmethod
    def of(cls, kept: KeptRecording) -> "KeptOut":
        """Return a kept recording."""
        return cls(id=kept.pk, media_type=kept.form, size=kept.size, kept_at=kept.at, kept_until=ends_at(kept))


class CallOut(Schema):
    """How a call went. `tone` says whether the customer's voice is read, `tone_in_words` the same in words; `windows`
    are in order, and `next_cursor` leads to the later ones; `recording` is there where one is kept and permitted."""

    conversation: str
    began_at: datetime | None
    ended_at: datetime | None
    live: bool
    announced: str
    heard_until: Seconds
    tone: ToneState | None
    tone_in_words: str
    talk: TalkOut | None
    tense: list[StretchOut]
    partings: list[PartingOut]
    recording: KeptOut | None
    windows: list[WindowOut]
    next_cursor: str | None


class RecordingOut(Schema):
    """A recording that was brought, and what became of it; `in_words` says it. `windows`: of how many something was
    newly read. Its file is deleted when `state` is `done` or `failed`; what is kept of it is the call's `recording`."""

    id: str
    conversation: str
    customer: Side
    state: RecordingState
    in_words: str
    seconds: float
    windows: int
    why: str
    size: int
    sha256: str
    at: datetime
    ended_at: datetime | None

    @classmethod
    def of(cls, row: Recording) -> "RecordingOut":
        """Return a recording."""
        same = ("id", "state", "seconds", "windows", "why", "size", "sha256", "at", "ended_at")
        return cls(
            conversation=row.conversation_id, customer=Side(row.side), in_words=in_words(row, now=now()),
            **{name: getattr(row, name) for name in same},
        )  # fmt: skip


_SOUND = {
    "description": "The sound",
    "content": {form: {"schema": {"type": "string", "format": "binary"}} for form in ("audio/mpeg", "audio/wav")},
}
_FORM = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file", "customer"],
                "properties": {
                    "file": {"type": "string", "format": "binary", "description": "The sound, 512 MB at most"},
                    "customer": {"type": "string", "enum": list(Side.values), "description": "The customer's channel"},
                },
            }
        }
    },
}


@router.get("/conversations/{conversation_id}/call", auth=READ, response=CallOut)
def get_call(request: HttpRequest, conversation_id: str, cursor: Cursor = None, limit: Limit = 500) -> CallOut:
    """Return how a call went, as far as its voice was read: who spoke, where it reads as tense, window by window."""
    found = _call(asker(request), conversation_id)
    call, rows = call_of(found), tones_of(found)
    tense, apart = _what_stands_out(found, rows)
    page, next_cursor = _page(rows, cursor, limit)
    kept = kept_of(found, now=now())
    return CallOut(
        conversation=found.pk, began_at=call.began_at if call else None, ended_at=call.ended_at if call else None,
        live=call is not None and call.is_live, announced=call.announced if call else "",
        heard_until=max([call.heard_until if call else 0.0, *(row.ends for row in rows[-1:])]),
        tone=ToneState(call.tone) if call else None, tone_in_words=f"{told_of(ToneState(call.tone))}." if call else "",
        recording=KeptOut.of(kept) if kept else None, talk=_talk(call), tense=tense, partings=apart, windows=page,
        next_cursor=next_cursor,
    )  # fmt: skip


def _call(by: Member, conversation_id: str) -> Conversation:
    found = conversation_for(by, conversation_id)
    if found.channel != Channel.CALL:
        raise Problem(404, "Not a call.", f"{found.pk} is no call but came by {found.get_channel_display().lower()}.")
    return found


def _talk(call: Call | None) -> TalkOut | None:
    talk = Talk.from_json(call.talk if call else {})
    if not talk.seconds:
        return None
    return TalkOut(**{name: value for name, value in talk.to_json().items() if name in TalkOut.model_fields})


def _what_stands_out(found: Conversation, rows: list[ToneReading]) -> tuple[list[StretchOut], list[PartingOut]]:
    windows, spoken = tone_windows(rows), spoken_at(found)
    heard = {row.ends: row.changes for row in rows}
    read = effective_readings(found, messages=spoken.keys())
    displeasure = {name: one.reading.displeasure for name, one in read.items()}
    apart = partings(windows, spoken, displeasure)

    def stretch(one: Stretch) -> StretchOut:
        return StretchOut(begins=one.begins, ends=one.ends, heard=heard[one.strongest.ends])

    return [stretch(one) for one in stretches(windows)], [
        PartingOut(message=name, begins=spoken[name][0], how=how) for name, how in apart.items()
    ]


def _page(rows: list[ToneReading], cursor: str | None, limit: int) -> tuple[list[WindowOut], str | None]:
    after = decode(cursor, length=1)
    if after and not isinstance(after[0], int | float):
        raise BadCursor("This cursor belongs to another list. Start again from the first page.")
    left = [row for row in rows if not after or row.begins > after[0]]
    page = left[:limit]
    return [WindowOut.of(row) for row in page], encode([page[-1].begins]) if len(left) > limit else None


@router.post(
    "/conversations/{conversation_id}/recording", auth=WRITE, response={202: RecordingOut, 200: RecordingOut},
    openapi_extra={"requestBody": _FORM},
)  # fmt: skip
def bring_recording(request: HttpRequest, conversation_id: str, response: HttpResponse) -> Status[RecordingOut]:
    """Bring the recording of a call; it is listened to soon, then deleted, or kept where recordings are kept and the
    customer permits that too. 202: `Location` says where to look how far
    it is; 200: the same was brought before and has been listened to. Refused without the customer's consent."""
    by = asker(request)
    found = conversation_for(by, conversation_id)
    try:
        consent_for(found, by=by)
        with upload_of(request) as upload:
            side = form_of(request).get("customer", "")
            recording = take_in(found, upload.whole(), side=side, now=now(), by=by)
    except TooLarge as refusal:
        raise Problem(413, "The recording is too large.", str(refusal)) from refusal
    except NoRoom as refusal:
        raise Problem(507, "There is no room for it.", str(refusal), retry_after=60) from refusal
    except Refused as refusal:
        raise Problem(422, "Not taken in.", str(refusal)) from refusal
    response["Location"] = f"{reverse('api:get_recording', args=[found.pk])}?recording={recording.pk}"
    return Status(202 if recording.state in UNFINISHED else 200, RecordingOut.of(recording))


@router.get(
    "/conversations/{conversation_id}/recording", auth=READ, response={200: RecordingOut, 204: None},
    url_name="get_recording",
)  # fmt: skip
def get_recording(
    request: HttpRequest, conversation_id: str, recording: RecordingId = None
) -> Status[RecordingOut | None]:
    """Return what became of the recording that was brought last, or of one by its id; 204 where none was."""
    found = _call(asker(request), conversation_id)
    if recording is not None:
        return Status(200, RecordingOut.of(found.recordings.get(pk=recording)))
    newest = found.recordings.order_by("-at", "-id").first()
    return Status(200, RecordingOut.of(newest)) if newest else Status(204, None)


@router.get(
    "/conversations/{conversation_id}/recording/sound", auth=READ, url_name="get_recording_sound",
    openapi_extra={"responses": {200: _SOUND, 206: _SOUND}},
)  # fmt: skip
def get_recording_sound(request: HttpRequest, conversation_id: str) -> HttpResponseBase:
    """Return the recording of a call that is kept, or the part that `Range` asks for. That it was asked for is written
    down. 404 from the moment at which its time is over or the customer no longer permits it."""
    by = asker(request)
    found = _call(by, conversation_id)
    kept = kept_of(found, now=now())
    if kept is None:
        raise Problem(404, "No recording is kept.", f"None of {found.pk} is kept, or its customer does not permit it.")
    try:
        answer = replay(request, kept)
    except FileNotFoundError:
        raise Problem(404, "No recording is kept.", f"The file of {kept.pk} is gone.") from None
    note_heard(kept, by=by, now=now())
    return answer


@router.delete("/conversations/{conversation_id}/recording/sound", auth=WRITE, response={204: None})
def delete_recording_sound(request: HttpRequest, conversation_id: str) -> Status[None]:
    """Delete the recording of a call that is kept, at once; what was read in it stays. 204 also where none was kept."""
    by = asker(request)
    delete_recording(_call(by, conversation_id), now=now(), by=by)
    return Status(204, None)


@router.post("/conversations/{conversation_id}/stop-listening", auth=CONSENT, response={201: list[ConsentOut]})
def stop_listening(request: HttpRequest, conversation_id: str) -> Status[list[ConsentOut]]:
    """Record that the customer no longer permits that their voice is read. Listening stops at once, on the line and in
    recordings, whose files are deleted."""
    by = asker(request)
    decision = stop_reading_the_voice(_call(by, conversation_id), now=now(), by=by)
    return Status(201, ConsentOut.all_of([decision]))
