"""A line opens: its call is found or made, what the caller said of their permission is recorded, listening begins."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

from unspoken.conversations.models import Conversation, Inbox
from unspoken.intake import batcher
from unspoken.journal.actions import record
from unspoken.kit.clock import now as clock
from unspoken.privacy.actions import record_consent
from unspoken.privacy.models import Modality, Purpose
from unspoken.readings.queries import tone_windows, tones_of

from .events import CallBegan, ended, routing
from .exchange import Crowded, Exchange, exchange
from .happenings import Began
from .line import Line
from .models import Call
from .talk import Talk
from .timeline import of_beginning, of_end, saying, system_line

LOST = timedelta(minutes=2)  # after which a line that was lost is not waited for any more
_STANDING = ("heard_until", "tone", "talk", "usual", "seen_at")  # what another line of the call may have written
LONGEST_ID = 200  # characters of another system's name of a call
PATIENCE = 15.0  # seconds that storing may take
TRIES = 3  # to go on with a call that several connections open at once


class NotOpened(ValueError):  # noqa: N818  reads as the sentence it is
    """A line cannot be opened; the message says why. Nothing was heard."""


def open_line(
    began: Began, *, source: str, inbox: Inbox, now: datetime, quiet: Callable[[str], None],
    on: Exchange = exchange,
) -> Line:  # fmt: skip
    """Open a line and begin to listen to it, as far as the customer permits. Blocks for some milliseconds.

    source: the connector and its inbox; quiet: is told why nothing more is listened to. A line of the same call that is
    still open ends. Raises NotOpened, Crowded.
    """
    call, is_new = _call(began, source=source, inbox=inbox, now=now)
    _record_what_was_said(began, call, title=inbox.name, now=now)
    for _ in range(TRIES):
        if on.release(call.conversation_id):
            call.refresh_from_db(fields=_STANDING)
            position = _position(began, call, is_new=is_new, now=now)
            windows = [] if is_new else tone_windows(tones_of(call.conversation))
            heard_until = position if is_new else max([call.heard_until, *(window.ends for window in windows)])
            line = Line(
                began, call=call, position=position, heard_until=heard_until, windows=windows, quiet=quiet,
                withdraw_key=str(inbox.settings.get("withdraw_key", "")),
            )  # fmt: skip
            if on.add(line):
                return line
    raise Crowded("Another connection of this call is still being put away. Connect again in some seconds.")


def _position(began: Began, call: Call, *, is_new: bool, now: datetime) -> float:
    """Return where in its call a stream begins: where it says so itself, at the beginning, or as the clock tells."""
    if began.position is not None:
        return began.position
    return 0.0 if is_new else max((now - call.began_at).total_seconds(), call.heard_until)


def _call(began: Began, *, source: str, inbox: Inbox, now: datetime) -> tuple[Call, bool]:
    """Return the call that a stream belongs to, made if it is the first, and whether it was."""
    if not 0 < len(began.call_id) <= LONGEST_ID:
        raise NotOpened(f"A call needs a name of 1 to {LONGEST_ID} characters. Nothing was heard.")
    started = min(began.started_at or now, now)
    line = system_line(
        source, began.call_id, "began", of_beginning(began.announced), moment=started, inbox=inbox.name,
        person=began.person,
    )  # fmt: skip
    receipt = batcher.submit(line, timeout=PATIENCE).result(timeout=PATIENCE)
    if receipt.status == "rejected":
        raise NotOpened(f"{receipt.error or '; '.join(map(str, receipt.problems))} Nothing was heard.")
    with transaction.atomic():
        conversation = Conversation.objects.select_related("contact", "inbox").get(id=receipt.conversation_id)
        call, new = Call.objects.get_or_create(
            conversation=conversation,
            defaults={"began_at": started, "seen_at": now, "announced": began.announced[:300]},
        )
        call.conversation, call.ended_at, call.seen_at = conversation, None, now
        call.save(update_fields=["ended_at", "seen_at"])
        record(CallBegan(again=not new, **routing(conversation)), now=now)
    return call, new


def _record_what_was_said(began: Began, call: Call, *, title: str, now: datetime) -> None:
    contact = call.conversation.contact
    if began.consent and contact is not None:
        record_consent(
            contact, modality=Modality.VOICE, purpose=Purpose.SERVICE, decision=began.consent, now=now,
            source=f"{title}: on the line ({began.said_by or 'not reported how'})"[:120],
            notice=began.announced[:60],
        )  # fmt: skip


def end_lost_calls(now: datetime | None = None) -> int:
    """End the calls whose line was lost and did not come back for two minutes; return how many."""
    moment = now or clock()
    lost = Call.objects.filter(ended_at__isnull=True, seen_at__lt=moment - LOST)
    return sum(_end_lost(pk, moment) for pk in lost.values_list("pk", flat=True)[:500])


def _end_lost(pk: str, now: datetime) -> bool:
    with transaction.atomic():
        rows = Call.objects.select_for_update(no_key=True, of=("self",)).select_related("conversation__inbox")
        call = rows.filter(pk=pk, ended_at__isnull=True, seen_at__lt=now - LOST).first()
        if call is None:
            return False
        call.ended_at, call.usual = call.seen_at, None
        call.save(update_fields=["ended_at", "usual"])
        record(ended(call), now=now)
    words = of_end(Talk.from_json(call.talk), call.heard_until, "the line was lost and did not come back")
    batcher.submit(saying(call, call.heard_until, "ended", words), timeout=PATIENCE)
    return True
