"""Recordings that were brought and wait to be listened to: taken in, looked at, ended. `listening.py` listens.

The file of a recording lies in the data folder while it waits, and is deleted whatever becomes of it; where that is
permitted, what can be heard again of it is kept (`keeping.py`). A withdrawal deletes it at once.
"""

from datetime import datetime, timedelta

from django.db import transaction

from unspoken.conversations.models import Conversation
from unspoken.journal.actions import record
from unspoken.journal.models import Entry
from unspoken.kit.clock import now as clock
from unspoken.people.models import Channel
from unspoken.privacy.models import Decision, Modality, Purpose
from unspoken.privacy.queries import hold_contacts
from unspoken.readings.actions import analysis_is_on
from unspoken.readings.models import ToneReading
from unspoken.staff.models import Member
from unspoken.staff.permissions import Permission, require

from .arriving import Arriving, Refused, age, place
from .events import changed
from .kept import ends_at, kept_of, on_day, retention, will_be_kept
from .models import UNFINISHED, Recording, RecordingState, Side
from .permission import consent_of, still_holds, whose_call
from .timeline import at

STRAY = timedelta(minutes=10)  # after which a file that no row knows of is deleted
WITHDRAWN = "The customer no longer permits that the tone of their voice is read."


def consent_for(conversation: Conversation, *, by: Member | None) -> int:
    """Return the consent under which a recording of a call may wait; raises Refused, NotAllowed."""
    require(by, Permission.CHANGE_CONVERSATIONS)
    if why := obstacle(conversation):
        raise Refused(f"{why} Nothing was kept.")
    consent = consent_of(conversation.contact_id)
    assert consent is not None
    return consent


def obstacle(conversation: Conversation) -> str:
    """Return why no recording of a conversation can be taken in just now, in a sentence, or ''."""
    if conversation.channel != Channel.CALL:
        return f"{conversation.id} is no call but came by {conversation.get_channel_display().lower()}."
    if not analysis_is_on():
        return "Reading is switched off here (UNSPOKEN_ANALYSIS)."
    call = getattr(conversation, "call", None)
    if call is not None and call.is_live:
        return "This call is still under way; bring its recording when it is over."
    if conversation.contact_id is None:
        return "It is not known who called, so nothing of their voice is read."
    if consent_of(conversation.contact_id) is None:
        return "The customer has not permitted that the tone of their voice is read (consent voice for service)."
    return ""


def take_in(
    conversation: Conversation, arriving: Arriving, *, side: str, now: datetime, by: Member | None = None
) -> Recording:
    """Let a recording wait to be listened to; return its row, or that of the same bytes brought before.

    side: `left`, `right` or `alone`. Raises Refused, NotAllowed; the file is then not kept.
    """
    if side not in Side.values:
        raise Refused("Say which channel is the customer's: left, right or alone. Nothing was kept.")
    sha256 = arriving.finish()
    with transaction.atomic():
        held = Conversation.objects.select_for_update(no_key=True).get(pk=conversation.pk)
        hold_contacts([held.contact_id] if held.contact_id else [])
        consent = consent_for(held, by=by)
        known = held.recordings.filter(sha256=sha256).exclude(state=RecordingState.FAILED).first()
        if known:
            return _same(known, side)
        recording = Recording.objects.create(
            id=arriving.id, conversation=held, side=side, size=arriving.size, sha256=sha256, consent_id=consent, by=by,
            at=now,
        )  # fmt: skip
        record(changed(held, by=by), now=now)
    arriving.keep()
    return recording


def _same(known: Recording, side: str) -> Recording:
    if known.side != side:
        raise Refused(
            f"The same recording was brought before, with the customer {known.get_side_display()}. It stays at that."
        )
    return known


def is_permitted(recording: Recording) -> bool:
    """Tell whether a recording may still be listened to: the permission holds, and was never taken back since."""
    return still_holds(recording.consent_id, conversation_id=recording.conversation_id)


def epoch_of(recording: Recording) -> tuple[str | None, int | None]:
    """Return whose call it is at this moment, and under which consent their voice is read."""
    contact_id = whose_call(recording.conversation_id)
    return contact_id, consent_of(contact_id)


def end(recording: Recording, *, state: RecordingState, now: datetime, why: str = "", seconds: float = 0.0) -> bool:
    """Note what became of a recording and delete its file; tell whether it had not ended before.

    seconds: of its sound, listened to; 0: as noted on the way.
    """
    with transaction.atomic():
        read = ToneReading.objects.filter(
            conversation=recording.conversation_id, reason="", created_at__gte=recording.at
        )
        changes = {"state": state, "why": why[:500], "ended_at": now, "claimed_until": None, "windows": read.count()}
        changes |= {"seconds": seconds} if seconds else {}
        done = Recording.objects.filter(pk=recording.pk, state__in=UNFINISHED).update(**changes)
        if done:
            record(changed(recording.conversation), now=now)
    place(recording.pk).unlink(missing_ok=True)
    return bool(done)


def end_unpermitted(now: datetime, *, contact_id: str = "") -> int:
    """End what may no longer be listened to, of one contact or of all; return how many."""
    rows = Recording.objects.filter(state__in=UNFINISHED).select_related("conversation")
    found = rows.filter(conversation__contact=contact_id) if contact_id else rows
    ended = [
        end(one, state=RecordingState.FAILED, why=WITHDRAWN, now=now) for one in found if not is_permitted(one)
    ]  # fmt: skip
    return sum(ended)


def forget(recording: Recording) -> None:
    """Forget a recording that nobody has begun to listen to, and delete its file."""
    if Recording.objects.filter(pk=recording.pk, state=RecordingState.WAITING).delete()[0]:
        place(recording.pk).unlink(missing_ok=True)


def on_consent(entry: Entry) -> None:
    """A permission was taken back: delete at once what waits under it."""
    told = entry.data
    if (told["modality"], told["purpose"]) == (Modality.VOICE, Purpose.SERVICE) and told["decision"] != Decision.GIVEN:
        end_unpermitted(clock(), contact_id=entry.contact_id)


def sweep(now: datetime) -> int:
    """Delete files of recordings that have ended, and those that no row knows of any more; return how many."""
    files = {path.name: path for path in place("").iterdir()}
    states = dict(Recording.objects.filter(pk__in=list(files)).values_list("pk", "state"))
    stray = [
        path for name, path in files.items()
        if (name in states and states[name] not in UNFINISHED) or (name not in states and age(path, now) > STRAY)
    ]  # fmt: skip
    for path in stray:
        path.unlink(missing_ok=True)
    return len(stray)


def in_words(recording: Recording, *, now: datetime) -> str:
    """Return what became of a recording, or how far it is, in a sentence or two."""
    match recording.state:
        case RecordingState.WAITING:
            return f"A recording of this call waits to be listened to. {afterwards(recording.conversation)}"
        case RecordingState.LISTENING:
            heard = f": {at(recording.seconds)} so far" if recording.seconds else ""
            return f"A recording of this call is being listened to{heard}. {afterwards(recording.conversation)}"
        case RecordingState.DONE:
            kept = kept_of(recording.conversation, now=now)
            if kept and kept.recording_id == recording.pk:
                return f"{what_was_read(recording)} It is kept until {on_day(ends_at(kept))}, as they permit."
            return f"{what_was_read(recording)} {f'{recording.why} ' if recording.why else ''}Its file is deleted."
    return f"A recording of this call was not heard to its end. {recording.why} Its file is deleted."


def afterwards(conversation: Conversation) -> str:
    """Return what becomes of a recording of a call when it was listened to, in a sentence."""
    if will_be_kept(conversation):
        return f"Then it is kept for {retention().days} days, as they permit."
    return "Then its file is deleted; no sound is kept."


def what_was_read(recording: Recording) -> str:
    """Return how long a recording was that has been listened to, and how much of it was newly read."""
    windows = f"{recording.windows} windows" if recording.windows > 1 else "one window"
    read = f"the tone of {windows} was read" if recording.windows else "nothing new was read"
    return f"A recording of {at(recording.seconds)} was listened to: {read}."
