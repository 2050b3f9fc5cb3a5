"""Where the calls of this process come together: one thread listens to all lines and stores what is told in one go.

Four times a second: who may be heard is looked up anew; what has come is listened to, outside any transaction; what
is told of all lines is stored in one transaction, under the consents that still hold; flags are raised from it.
"""

import logging
import threading
import time
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import DatabaseError, connection, transaction

from unspoken.intake import batcher
from unspoken.journal.actions import record_all
from unspoken.journal.events import Event
from unspoken.kit.clock import now
from unspoken.privacy.actions import record_consent
from unspoken.privacy.models import Decision, Modality, Purpose
from unspoken.privacy.queries import permissions
from unspoken.readings.actions import remember_usual_voice, store_tones, voice_consents
from unspoken.readings.ear import ears
from unspoken.readings.words import speech_is_on

from . import metrics
from .events import CallEnded
from .happenings import Ended
from .judging import judge
from .line import Line
from .timeline import of_end, saying

if TYPE_CHECKING:
    from unspoken.readings.ear import Ears

TICK = 0.25  # seconds
TOLD = 3.0  # seconds between two entries of the journal that a call's tone was read
NOTED = 5.0  # seconds between two times that the standing of a call is stored
QUIET = 60.0  # seconds between two times that the log tells what keeps failing
MOST = 200  # lines that one process listens to

logger = logging.getLogger(__name__)


class Crowded(RuntimeError):  # noqa: N818  a state, named as doors say it
    """This process listens to as many calls as it can; try another, or later."""


class Exchange:
    """Listens to lines until they end. Its thread runs while there are any."""

    def __init__(self, *, by_itself: bool = True, ears: "Ears | None" = None) -> None:
        """by_itself: with a thread of its own; otherwise whoever made it calls `turn`. ears: instead of the usual."""
        self._lines: list[Line] = []
        self._ears = ears
        self._lock, self._by_itself = threading.Lock(), by_itself
        self._thread: threading.Thread | None = None

    @property
    def lines(self) -> list[Line]:
        """The lines that are listened to."""
        with self._lock:
            return list(self._lines)

    def add(self, line: Line) -> None:
        """Listen to a line from now on; raises Crowded."""
        with self._lock:
            if len(self._lines) >= MOST:
                raise Crowded("This server listens to as many calls as it can just now; nothing of this one was heard.")
            self._lines.append(line)
            metrics.LINES.set(len(self._lines))
            if self._by_itself and self._thread is None:
                self._thread = threading.Thread(target=self._run, name="exchange", daemon=True)
                self._thread.start()

    def release(self, conversation_id: str = "", *, timeout: float = 5.0) -> None:
        """End the line of a call (or all), so that another connection can go on with it; wait until all is stored."""
        until = time.monotonic() + timeout
        while lines := [line for line in self.lines if conversation_id in {"", line.conversation_id}]:
            for line in lines:
                line.take(Ended(over=False))
            if not self._by_itself:
                self.turn(now())
            if time.monotonic() > until:
                break
            time.sleep(0.02)

    def _run(self) -> None:
        complained = -QUIET
        while True:
            began = time.monotonic()
            try:
                self.turn(now())
            except DatabaseError:
                logger.exception("What was heard of the calls under way could not be stored; it is tried again.")
                connection.close()
            except Exception:
                if began - complained > QUIET:  # what fails at every turn need not be told four times a second
                    logger.exception("The calls under way could not be followed for a moment; they go on.")
                    complained = began
            metrics.TURN.observe(time.monotonic() - began)
            with self._lock:
                if not self._lines:
                    self._thread = None
                    break
            time.sleep(max(0.0, TICK - (time.monotonic() - began)))
        connection.close()

    def turn(self, moment: datetime) -> None:
        """Listen once to what has come on every line, store what is told of it, and end the lines that are over."""
        lines = self.lines
        ending = [line for line in lines if line.ended]
        for line in lines:
            _heed(line, moment)
        consents = voice_consents([line.contact_id for line in lines if line.contact_id])
        words = _words_consents(lines)
        for line in lines:
            line.agree(consents.get(line.contact_id), words=words.get(line.contact_id))
        self._listen(lines)
        _store([line for line in lines if line.told], moment)
        _say(lines)
        for line in lines:
            if line in ending:
                _end(line, moment)
            elif line.is_due("noted", every=NOTED, at=moment):
                line.standing(moment).save()
        with self._lock:
            self._lines = [line for line in self._lines if line not in ending]
            metrics.LINES.set(len(self._lines))

    def _listen(self, lines: Sequence[Line]) -> None:
        """Let the ears of all lines listen to what has come, in one go."""
        ordered = [(line, orders) for line in lines for orders in line.orders()]
        if ordered:
            answers = (self._ears or ears()).listen([orders for _, orders in ordered])
            for (line, orders), answer in zip(ordered, answers, strict=True):
                line.hear(orders.call, answer)


def _words_consents(lines: Sequence[Line]) -> dict[str, int | None]:
    """Return by contact the consent under which their words may be written down, where that is done at all."""
    contacts = {line.contact_id for line in lines if line.contact_id} if speech_is_on() else set()
    return permissions(contacts, modality=Modality.TEXT, purpose=Purpose.SERVICE) if contacts else {}


def _heed(line: Line, moment: datetime) -> None:
    """Record that somebody on the line withdrew their permission."""
    contact = line.call.conversation.contact
    while line.withdrawals:
        how = line.withdrawals.popleft()
        if contact is not None:
            record_consent(
                contact, modality=Modality.VOICE, purpose=Purpose.SERVICE, decision=Decision.WITHDRAWN, source=how,
                now=moment,
            )  # fmt: skip


def _store(lines: Sequence[Line], moment: datetime) -> None:
    if not lines:
        return
    with transaction.atomic():
        kept = store_tones([told for line in lines for told in line.told], now=moment)
        heard = [line for line in lines if line.conversation_id not in kept.refused]
        record_all(_worth_telling(heard, kept.events, moment), now=moment)
        judge(heard, now=moment)
    metrics.READ.inc(sum(map(len, kept.rows.values())))
    for line in lines:
        line.told.clear()
        if line.conversation_id in kept.refused:
            line.refuse()


def _worth_telling(lines: Sequence[Line], events: Sequence[Event], moment: datetime) -> list[Event]:
    """Return what to record: of each call every few seconds, and at its end."""
    due = {line.conversation_id for line in lines if line.ended or line.is_due("told", every=TOLD, at=moment)}
    return [event for event in events if event.conversation_id in due]


def _say(lines: Iterable[Line]) -> None:
    """Put what happened into the timelines."""
    for line in lines:
        while line.sayings:
            second, key, words = line.sayings[0]
            try:
                batcher.submit(saying(line.call, second, key, words))
            except batcher.Busy:
                return  # said at the next turn
            line.sayings.popleft()


def _end(line: Line, moment: datetime) -> None:
    """Write how a call stands as its line ends; where it is over, for good."""
    assert line.ended
    call = line.standing(moment)
    if not line.ended.over:
        call.save()
        return
    call.ended_at = moment
    with transaction.atomic():
        if line.usual and line.producer:
            remember_usual_voice(line.contact_id, line.usual, producer=line.producer, now=moment)
        call.usual = None
        call.save()
        conversation = call.conversation
        record_all(
            [
                CallEnded(
                    conversation_id=conversation.id, contact_id=conversation.contact_id or "",
                    team_id=conversation.team_id or "", seconds=round(line.heard_until, 1),
                )
            ],
            now=moment,
        )  # fmt: skip
    words = of_end(line.talk, line.heard_until, line.ended.why)
    batcher.submit(saying(call, line.heard_until, "ended", words), timeout=5.0)


exchange = Exchange()
"""The exchange of this process."""
