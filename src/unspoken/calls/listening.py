"""Listening to the recordings that wait, one after the other. `attending.py` sees to it that somebody does.

Whoever listens claims the recording and says every few seconds how far they are; when they die, the claim runs out and
somebody begins again. Every window is there once, and nothing is kept after a withdrawal.
"""

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet

from unspoken.kit.clock import now as clock

from .arriving import place
from .keeping import keep_recording
from .models import UNFINISHED, Recording, RecordingState
from .recorded import NotHeard, hear
from .waiting import WITHDRAWN, end, end_unpermitted, epoch_of, is_permitted

CLAIM = timedelta(minutes=2)
TELLS = 2.0  # seconds between two times that is said how far it is, and looked whether it may go on
MOST = 5  # times that a recording is begun

closing = threading.Event()
"""Set where this process ends: listening stops within a moment, so that another can begin again."""

logger = logging.getLogger(__name__)


class Stopped(Exception):  # noqa: N818  nothing went wrong
    """Listening stops here: it is no longer permitted, somebody else listens, or this process ends."""


def hear_next(*, only: str = "", tell: Callable[[float], None] | None = None) -> bool:
    """Listen to the recording that has waited longest, or to the one with the id `only`; tell whether there was one.

    tell: is called with the seconds that were listened to.
    """
    recording = claim(clock(), only=only)
    if recording is None:
        return False
    if why := _hindrance(recording):
        end(recording, state=RecordingState.FAILED, why=why, now=clock())
    else:
        _hear(recording, tell)
    return True


def free(now: datetime) -> QuerySet[Recording]:
    """Return the recordings that wait and that nobody listens to; where somebody died over one, it is free again."""
    waiting = Q(state=RecordingState.WAITING) | Q(state=RecordingState.LISTENING, claimed_until__lt=now)
    return Recording.objects.filter(waiting, state__in=UNFINISHED)


@transaction.atomic
def claim(now: datetime, *, only: str = "") -> Recording | None:
    """Take a recording for a while; no two take the same one."""
    rows = free(now).order_by("at", "id")
    if only:
        rows = rows.filter(pk=only)
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True, of=("self",))
    recording = rows.select_related("conversation__contact").first()
    if recording:
        recording.state, recording.claimed_until = RecordingState.LISTENING, now + CLAIM
        recording.attempts += 1
        recording.save(update_fields=["state", "claimed_until", "attempts"])
    return recording


def _hindrance(recording: Recording) -> str:
    if not is_permitted(recording):
        return WITHDRAWN
    if not place(recording.pk).is_file():
        return "Its file was no longer there; bring it again."
    if recording.attempts > MOST:
        return f"Listening broke down {MOST} times; the server's log says why."
    return ""


def _hear(recording: Recording, tell: Callable[[float], None] | None) -> None:
    progress, file = _Progress(recording, tell), place(recording.pk)
    epoch = epoch_of(recording)
    try:
        hear(recording.conversation, file, side=recording.side, now=clock(), tell=progress)
        why = keep_recording(recording, file, now=clock(), go_on=progress.go_on)
    except Stopped as stopped:
        logger.info("Listening to %s stopped: %s", recording.pk, stopped)
        if not Recording.objects.filter(pk=recording.pk, state__in=UNFINISHED).exists():
            file.unlink(missing_ok=True)  # its call was erased
    except NotHeard as error:
        if is_permitted(recording) and epoch_of(recording) != epoch:
            put_back(recording)  # it is permitted anew, or the call is another contact's now: begin again under that
        elif _mine(recording).exists():
            why = _sentence(str(error).removeprefix(f"{file.name}: "))
            end(recording, state=RecordingState.FAILED, why=why, now=clock())
    except KeyboardInterrupt:
        put_back(recording)
        raise
    except Exception:
        logger.exception("Listening to %s broke down; it is begun again when the claim has run out.", recording.pk)
        if connection.errors_occurred:
            connection.close_if_unusable_or_obsolete()
    else:
        end(recording, state=RecordingState.DONE, why=why, seconds=progress.heard, now=clock())


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def put_back(recording: Recording) -> None:
    """Let somebody begin again with a recording that one has claimed oneself; that time does not count."""
    _mine(recording).update(state=RecordingState.WAITING, claimed_until=None, attempts=F("attempts") - 1)


def _mine(recording: Recording) -> QuerySet[Recording]:
    """Return the recording, if the claim on it is still ours."""
    return Recording.objects.filter(
        pk=recording.pk, state=RecordingState.LISTENING, claimed_until=recording.claimed_until
    )


class _Progress:
    """Says how far listening is, and raises Stopped where it may not go on."""

    def __init__(self, recording: Recording, tell: Callable[[float], None] | None) -> None:
        self._recording, self._tell = recording, tell
        self._last, self.heard = 0.0, 0.0

    def __call__(self, seconds: float) -> None:
        self.heard = seconds
        if self._tell:
            self._tell(seconds)
        self.go_on()

    def go_on(self) -> None:
        """Go on for a while with what was begun."""
        if closing.is_set():
            put_back(self._recording)
            raise Stopped("this process ends")
        if time.monotonic() - self._last >= TELLS:
            self._last = time.monotonic()
            self._look()

    def _look(self) -> None:
        now = clock()
        end_unpermitted(now)
        claimed_until = now + CLAIM
        if not _mine(self._recording).update(seconds=self.heard, claimed_until=claimed_until):
            raise Stopped("it has ended, or somebody else listens to it")
        self._recording.claimed_until = claimed_until
