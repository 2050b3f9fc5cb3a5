"""Where the calls of this process come together: one thread listens to all lines and stores what is told in one go.

Four times a second: who may be heard is looked up anew; what has come is listened to, outside any transaction; what
is told of all lines is stored in one transaction, under the consents that still hold; flags are raised from it.
"""

import logging
import threading
import time
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import InterfaceError, OperationalError, connection, transaction

from unspoken.conversations.models import Conversation
from unspoken.intake import batcher
from unspoken.journal.actions import record
from unspoken.kit.clock import now
from unspoken.privacy.actions import record_consent
from unspoken.privacy.models import Decision, Modality, Purpose
from unspoken.privacy.queries import hold_contacts, permissions
from unspoken.readings.actions import remember_usual_voice, store_tones, voice_consents
from unspoken.readings.ear import ears
from unspoken.readings.words import speech_is_on

from . import metrics
from .events import ended
from .happenings import Ended
from .judging import due, judge
from .line import Line
from .models import Call
from .timeline import of_end, saying

if TYPE_CHECKING:
    from unspoken.readings.ear import Ears

TICK = 0.25  # seconds
NOTED = 3.0  # seconds between two times that the standing of a call is stored, and recorded that its tone was read
AGAIN = 2.0  # seconds after which what the timeline did not take is said to it again
QUIET = 60.0  # seconds between two times that the log tells what keeps failing
PATIENCE = timedelta(minutes=1)  # for which an end that cannot be written is tried again, while the database is there
MOST = 200  # lines that one process listens to
OUT_OF_REACH = (OperationalError, InterfaceError)  # of the database: it may be there again at the next turn

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
        self._complained: dict[str, float] = {}

    @property
    def lines(self) -> list[Line]:
        """The lines that are listened to."""
        with self._lock:
            return list(self._lines)

    def add(self, line: Line) -> bool:
        """Listen to a line from now on, unless another of its call is listened to just now; raises Crowded."""
        with self._lock:
            if any(other.conversation_id == line.conversation_id for other in self._lines):
                return False
            if len(self._lines) >= MOST:
                raise Crowded("This server listens to as many calls as it can just now; nothing of this one was heard.")
            self._lines.append(line)
            metrics.LINES.set(len(self._lines))
            if self._by_itself and self._thread is None:
                self._thread = threading.Thread(target=self._run, name="exchange", daemon=True)
                self._thread.start()
        return True

    def release(self, conversation_id: str = "", *, timeout: float = 5.0) -> bool:
        """End the line of a call (or all), so that another connection can go on with it; return whether all is stored,
        which is waited for."""
        until = time.monotonic() + timeout
        while lines := [line for line in self.lines if conversation_id in {"", line.conversation_id}]:
            for line in lines:
                line.take(Ended(over=False))
            if not self._by_itself:
                self.turn(now())
            if time.monotonic() > until:
                return False
            time.sleep(0.02)
        return True

    def _run(self) -> None:
        while True:
            began = time.monotonic()
            try:
                self.turn(now())
            except OUT_OF_REACH as error:
                self._complain("What was heard of calls waits, the database cannot be used", because=error)
                connection.close()
            except Exception:
                self._complain("The calls under way could not be followed for a moment; they go on.")
            metrics.TURN.observe(time.monotonic() - began)
            with self._lock:
                if not self._lines:
                    self._thread = None
                    break
            time.sleep(max(0.0, TICK - (time.monotonic() - began)))
        connection.close()

    def _complain(self, what: str, *, because: Exception | None = None) -> None:
        """Log what is going wrong; what goes wrong at every turn need not be told four times a second."""
        if time.monotonic() - self._complained.get(what, -QUIET) < QUIET:
            return
        self._complained[what] = time.monotonic()
        if because:
            logger.warning("%s: %s", what, because)
        else:
            logger.exception(what)

    def turn(self, moment: datetime) -> None:
        """Listen once to what has come on every line, store what is told of it, and end the lines that are over."""
        lines, gone = _followed(self.lines)
        ending = [line for line in lines if line.ended]
        for line in lines:
            self._heed(line, moment)
        consents = voice_consents([line.contact_id for line in lines if line.contact_id])
        words = _words_consents(lines)
        for line in lines:
            permitted = None if line.withdrawals else consents.get(line.contact_id)
            line.agree(permitted, words=words.get(line.contact_id))
        self._listen([*lines, *gone], ending=[*ending, *gone])
        self._store([line for line in lines if line.told], moment)
        self._look([line for line in lines if not line.is_read and not line.ended], moment)
        for line in lines:
            self._settle(line, moment, is_ending=line in ending)
        done = [line for line in ending if _is_done(line) or self._is_given_up(line, moment)]
        with self._lock:
            self._lines = [line for line in self._lines if line not in done and line not in gone]
            metrics.LINES.set(len(self._lines))

    def _heed(self, line: Line, moment: datetime) -> None:
        """Record that somebody on the line withdrew their permission; until that is done, nothing is listened to."""
        contact = line.call.conversation.contact
        try:
            while contact is not None and line.withdrawals:
                record_consent(
                    contact, modality=Modality.VOICE, purpose=Purpose.SERVICE, decision=Decision.WITHDRAWN,
                    source=line.withdrawals[0], now=moment,
                )  # fmt: skip
                line.withdrawals.popleft()
        except OUT_OF_REACH:
            raise
        except Exception:
            self._complain("A permission withdrawn on a call could not be recorded; it is heeded, and tried again.")

    def _listen(self, lines: Sequence[Line], *, ending: Collection[Line]) -> None:
        """Let the ears of all lines listen to what has come, in one go."""
        ordered = [(line, orders) for line in lines for orders in line.orders(ended=line in ending)]
        if not ordered:
            return
        try:
            answers = (self._ears or ears()).listen([orders for _, orders in ordered])
        except Exception:
            self._complain("The process that listens to calls could not be asked; what it missed is told as a gap.")
            for line in {line for line, _ in ordered}:
                line.lose()
            return
        for (line, orders), answer in zip(ordered, answers, strict=True):
            line.hear(orders.call, answer)

    def _store(self, lines: Sequence[Line], moment: datetime) -> None:
        """Store what was heard of calls together; if that of one cannot be stored, each by itself, so that only it is
        lost."""
        if not lines:
            return
        try:
            refused = self._store_together(lines, moment)
        except OUT_OF_REACH:
            raise
        except Exception:
            self._complain("Something heard on a call could not be stored; it is left away, the calls go on.")
            for line in lines if len(lines) > 1 else ():
                self._store([line], moment)
            if len(lines) == 1:
                lines[0].drop()
            return
        for line in lines:
            if line.conversation_id not in refused:  # else `is_of` and `agree` say at the next turn what becomes of it
                line.told.clear()

    def _store_together(self, lines: Sequence[Line], moment: datetime) -> frozenset[str]:
        """Store and judge what was heard of calls; return the conversations of which nothing may be kept."""
        with transaction.atomic():
            kept = store_tones([told for line in lines for told in line.told], now=moment)
            heard = [line for line in lines if line.conversation_id not in kept.refused]
            self._judge(due(heard, now=moment), moment)
        for line in heard:
            line.note(kept.events.get(line.conversation_id))
        metrics.READ.inc(sum(map(len, kept.rows.values())))
        return kept.refused

    def _look(self, lines: Sequence[Line], moment: datetime) -> None:
        """Judge the calls of whose voice nothing is read: there are rules on how often somebody calls, and on holds."""
        lines = due(lines, now=moment)
        if lines:
            with transaction.atomic():
                hold_contacts({line.contact_id for line in lines if line.contact_id})
                self._judge(lines, moment)

    def _judge(self, lines: Sequence[Line], moment: datetime) -> None:
        try:
            with transaction.atomic():
                judge(lines, now=moment)
        except OUT_OF_REACH:
            raise
        except Exception:
            self._complain("The rules could not be judged on the calls under way; what was heard is stored.")

    def _settle(self, line: Line, moment: datetime, *, is_ending: bool) -> None:
        """Store how a line stands, for the last time where it is ending, and put what happened into the timeline."""
        try:
            if is_ending and not line.is_written:
                _end(line, moment)
            elif not is_ending and (line.is_due("noted", every=NOTED, at=moment) or line.sayings):
                _note(line, line.standing(moment), moment)  # before anybody is told to look at it
            _say(line, moment)
        except OUT_OF_REACH:
            raise
        except Exception:
            self._complain("How a call stands could not be stored; it is tried again.")

    def _is_given_up(self, line: Line, moment: datetime) -> bool:
        line.ended_at = line.ended_at or moment
        if moment - line.ended_at < PATIENCE:
            return False
        logger.error(
            "The end of the call %s could not be written and is given up; it is ended without what was not yet stored "
            "of it.", line.conversation_id,
        )  # fmt: skip
        return True


def _followed(lines: Sequence[Line]) -> tuple[list[Line], list[Line]]:
    """Return the lines, each knowing whose call it is now, and those whose call was erased."""
    ids = {line.conversation_id for line in lines}
    contacts = dict(Conversation.objects.filter(pk__in=ids).values_list("pk", "contact_id") if ids else ())
    gone = [line for line in lines if line.conversation_id not in contacts]
    for line in gone:
        line.vanish()
    there = [line for line in lines if line.conversation_id in contacts]
    for line in there:
        line.is_of(contacts[line.conversation_id])
    return there, gone


def _is_done(line: Line) -> bool:
    return line.is_written and not line.told and not line.sayings and not line.said


def _words_consents(lines: Sequence[Line]) -> dict[str, int | None]:
    """Return by contact the consent under which their words may be written down, where that is done at all."""
    contacts = {line.contact_id for line in lines if line.contact_id} if speech_is_on() else set()
    return permissions(contacts, modality=Modality.TEXT, purpose=Purpose.SERVICE) if contacts else {}


@transaction.atomic
def _note(line: Line, call: Call, moment: datetime) -> None:
    """Write how a call stands, and record what was read of it since the last time."""
    call.save()
    if line.noted:
        record(line.noted, now=moment)
        line.noted = None


def _say(line: Line, moment: datetime) -> None:
    """Put what happened into the timeline; what it did not take is said again a little later."""
    failed = [one for one, receipt in line.said if receipt.done() and receipt.exception() is not None]
    if failed and not line.is_due("said again", every=AGAIN, at=moment):
        return
    line.said = [(one, receipt) for one, receipt in line.said if not receipt.done()]
    line.sayings.extendleft(reversed(failed))
    while line.sayings:
        try:
            receipt = batcher.submit(saying(line.call, *line.sayings[0]))
        except batcher.Busy:
            return  # said at the next turn
        line.said.append((line.sayings.popleft(), receipt))


def _end(line: Line, moment: datetime) -> None:
    """Write how a call stands as its line ends; where it is over, for good."""
    assert line.ended
    call = line.standing(moment)
    if line.ended.over:
        call.ended_at = moment
        with transaction.atomic():
            if line.usual and line.producer:
                remember_usual_voice(line.contact_id, line.usual, producer=line.producer, now=moment)
            call.usual = None
            _note(line, call, moment)
            record(ended(call), now=moment)
        words = of_end(line.talk, line.heard_until, line.ended.why)
        line.sayings.append((line.heard_until, f"ended-{line.heard_until:.0f}", words))
    else:
        _note(line, call, moment)
    line.is_written = True


exchange = Exchange()
"""The exchange of this process."""
