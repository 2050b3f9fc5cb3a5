"""One call under way in this process: its sound on the way to the ear, and what came of it that is not stored yet.

`take` is called as frames come and only puts them in their place; everything else is done by the exchange, in its
thread. No sound is kept once it was listened to, and none is listened to without the customer's consent.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from unspoken.affect.reading import Producer
from unspoken.affect.tone import REMEMBERED, Window
from unspoken.kit.ids import new_id
from unspoken.readings.actions import Told, Usual, analysis_is_on, usual_voice
from unspoken.readings.ear import orders
from unspoken.readings.events import ToneRead

from .happenings import Began, Encoding, Ended, Happening, Paused, Pressed, Resumed, Sounded, Track
from .models import Call, ToneState
from .reels import GAP, Reels
from .scribe import scribe
from .talk import Talk
from .timeline import at, told_of
from .words import MOST_LOSSES, Words

if TYPE_CHECKING:
    from unspoken.intake.receipt import Receipt
    from unspoken.readings.ear import Answer, Orders, Portion

_NOTHING = 0.0005  # seconds
Saying = tuple[float, str, str]
"""What the timeline is to say: the second of the call, a key, and the words."""

WAITING = 3_600  # windows that wait for a database that cannot be written to, before the oldest are given up


class Line:
    """A stream of a call. position: the second of the call in which the stream's second 0 lies; heard_until: the one up
    to which the call was dealt with before."""

    def __init__(
        self, began: Began, *, call: Call, position: float, heard_until: float, windows: list[Window],
        quiet: Callable[[str], None], withdraw_key: str = "",
    ) -> None:  # fmt: skip
        """quiet: is told, from another thread, why nothing more is listened to; withdraw_key: of the telephone."""
        self.call, self.talk = call, Talk.from_json(call.talk)
        self.position, self.began = position, began
        self.windows: deque[Window] = deque(windows, REMEMBERED)
        self.told: list[Told] = []
        self.noted: ToneRead | None = None  # what was stored and is not recorded yet
        self.sayings: deque[Saying] = deque()  # that are not yet on their way
        self.said: list[tuple[Saying, Future[Receipt]]] = []  # that may not be stored yet
        self.withdrawals: deque[str] = deque()
        self.ended: Ended | None = None
        self.ended_at: datetime | None = None  # since when its end is being written
        self.is_written = self.is_gone = False  # whether its end is stored; whether its call was erased
        self.tone = ToneState.READ if call.tone == ToneState.PAUSED else ToneState(call.tone)
        self._quiet, self._withdraw_key = quiet, withdraw_key
        self._reels = Reels(began.tracks, encoding=began.encoding, rate=began.rate)
        self._lock = threading.Lock()
        self._ear = new_id("ear")
        self._consent: int | None = None
        self._opening: dict[str, object] | None = None
        self._missed: list[tuple[float, float]] = []
        self._losses, self._dismissed, self._opened_at = 0, False, position
        self.usual: Usual | None = tuple(call.usual) if call.usual else None
        self.producer: Producer | None = None
        self._paused = self._was_paused = self._closed = self._is_over = False
        self._heard_until = heard_until
        self._was_silent = False  # whether something was said while nothing was permitted
        self._dropped = 0.0  # seconds that were taken and not listened to, and that the ear of the words has to skip
        self._is_told = bool(call.heard_until)  # whether the timeline says what becomes of the tone
        self._last: dict[str, datetime] = {}
        self.words = Words(began, call=call, scribe=scribe, say=self._say)

    @property
    def conversation_id(self) -> str:
        """The conversation that the call is."""
        return self.call.conversation_id

    @property
    def contact_id(self) -> str:
        """Who calls; empty where that is not known."""
        return self.call.conversation.contact_id or ""

    @property
    def heard_until(self) -> float:
        """The second of the call up to which everything is dealt with."""
        return self._heard_until

    @property
    def is_full(self) -> bool:
        """Whether the other side should wait before it sends more."""
        return self._reels.is_full

    def take(self, happening: Happening) -> None:
        """Note what happens on the line; returns at once."""
        match happening:
            case Sounded():
                if not self._paused:
                    with self._lock:
                        self._reels.put(happening.track, happening.at, happening.payload)
            case Paused():
                self._paused = self._was_paused = True
                self._say(self.position + happening.at, "paused", "Listening was paused" + _because(happening.why))
            case Resumed():
                self._paused = False
                self._say(self.position + happening.at, "resumed", "Listening goes on")
            case Pressed():
                if self._withdraw_key and happening.key == self._withdraw_key:
                    self.withdrawals.append(f"pressed {happening.key} on the telephone during the call")
            case Ended():
                self.ended = self.ended or happening

    def is_of(self, contact_id: str | None) -> None:
        """Note whose call it is now: contacts are merged, and callers become known, while it goes on."""
        conversation = self.call.conversation
        if conversation.contact_id != contact_id:
            conversation.contact_id = contact_id  # type: ignore[assignment]  # the stubs forget that it may be null
            self.told = [replace(one, contact_id=contact_id or "") for one in self.told]

    def vanish(self) -> None:
        """End without leaving anything behind: the call was erased."""
        self.is_gone, self._consent, self._dismissed = True, None, True
        self.words.agree(None, second=self._heard_until)
        self.take(Ended())

    def agree(self, consent: int | None, *, words: int | None = None) -> None:
        """Begin, go on with or stop reading the tone and writing down the words, as the customer permits just now."""
        self.words.agree(words, second=self._heard_until)
        if self._consent is not None:
            if consent is None:
                self._stop(ToneState.WITHDRAWN)
            elif consent != self._consent:
                self._go_over(consent)
        elif not self._closed:
            state = self._state(consent)
            if state == ToneState.READ and consent is not None:
                self._start(consent)
            else:
                self._was_silent = True
                self._become(ToneState.WITHDRAWN if self.tone == ToneState.WITHDRAWN else state)

    def _state(self, consent: int | None) -> ToneState:
        if not analysis_is_on():
            return ToneState.OFF
        if Track.CUSTOMER not in self.began.tracks:
            return ToneState.NOT_SEPARABLE
        return ToneState.NOT_PERMITTED if consent is None else ToneState.READ

    def _start(self, consent: int) -> None:
        if self._was_silent:
            self._pass_over()  # it was said before the permission was given
        self._consent, self._was_silent = consent, False
        if self.usual:
            self._opening = self._opened(self.usual)
        else:
            usual, heard_by = usual_voice(self.contact_id)
            self._opening = self._opened(usual, heard_by)
        self._become(ToneState.READ)

    def _go_over(self, consent: int) -> None:
        """Go on under another decision; what was heard under the one before and is not stored yet is dropped."""
        self.drop()
        self._was_silent = True
        self._start(consent)

    def _opened(self, usual: Usual | None, heard_by: str = "") -> dict[str, object]:
        self._opened_at = self._heard_until
        return {
            "begins": self._heard_until, "usual": usual, "usual_by": heard_by, "coding": self.began.encoding.value,
            "rate": self.began.rate,
        }  # fmt: skip

    def _pass_over(self) -> None:
        """Take what waits and do not listen to it."""
        begins = self._heard_until
        while (taken := self._take(everything=True)) is not None:
            self._heard_until = max(self._heard_until, taken[0] + len(taken[1][0]) / self._bytes_a_second)
        self._dropped += self._heard_until - begins

    def drop(self) -> None:
        """Drop what was heard and is not stored yet."""
        dropped = {one.begin for told in self.told for one in told.heard}
        self.windows = deque((one for one in self.windows if one.begins not in dropped), REMEMBERED)
        self.told.clear()

    def _stop(self, state: ToneState, why: str = "") -> None:
        """Stop at once; what is in flight is dropped."""
        self._consent = self._opening = self.usual = None
        self._dismissed = self._was_silent = True
        self.drop()
        self._become(state, why)
        self._quiet(told_of(state))

    def _become(self, state: ToneState, why: str = "") -> None:
        if not self._is_told:  # a line that comes back before this was noted says the same under the same key
            self.sayings.append((self._heard_until, f"tone-{state}", told_of(state) + _because(why)))
        elif state != self.tone:
            self._say(self._heard_until, f"tone-{state}", told_of(state) + _because(why))
        self.tone, self._is_told = state, True

    def _say(self, second: float, key: str, words: str) -> None:
        self.sayings.append((second, f"{key}-{second:.0f}", words))

    def orders(self, *, ended: bool) -> "list[Orders]":
        """Return what the ears of this line have to do with what has come; ended: for the last time."""
        if self._is_over:
            return []
        self._is_over = ended
        ear = orders(self._ear)
        ear.opening, self._opening = self._opening, None
        while (taken := self._take(everything=ended)) is not None:
            begins, (customer, agent) = self._unheard(*taken)
            gap = begins - self._heard_until
            if gap >= GAP:
                self._miss(begins)
            if customer:
                ear.steps += [("skip", (gap,))] if gap > _NOTHING else []
                ear.steps.append(("take", (customer, agent)))
            self._heard_until = max(self._heard_until, begins + len(customer) / self._bytes_a_second)
        if ended:
            ear.steps.append(("finish", ()))
        skipped = [("skip", (self._dropped,))] if self._dropped else []
        words = self.words.orders([*skipped, *ear.steps], ended=ended)
        self._dropped = 0.0
        if self._consent is None:
            ear.steps.clear()
        ear.closing = ended or self._dismissed
        self._dismissed = False
        tone = ear if ear.opening or ear.steps or ear.closing else None
        return [one for one in (tone, words) if one is not None]

    def _miss(self, until: float) -> None:
        self._missed.append((self._heard_until, until))
        if not self._was_paused:
            said = f"From {at(self._heard_until)} to {at(until)} nothing was heard: the line was interrupted"
            self._say(self._heard_until, "gap", said)
        self._was_paused = False

    def hear(self, ear: str, answer: "Answer") -> None:
        """Note what an ear told; what it told of the tone waits in `told` to be stored."""
        if ear == self.words.ear:
            self.words.hear(answer, second=self._heard_until, ended=self._is_over)
            if self._consent is None:
                self.talk.hear(answer.portion)
            return
        if self._consent is None:
            return
        if answer.why or self._losses >= MOST_LOSSES:
            self._closed = True
            self._stop(ToneState.UNAVAILABLE, answer.why or "listening broke down several times")
        elif answer.lost:
            self.lose()
        else:
            self._losses, self.usual, self.producer = 0, answer.usual, answer.producer
            self._note(answer.portion)

    def lose(self) -> None:
        """Note that what the ear was asked last was not heard, and that it has to be made anew."""
        if self._consent is None:
            return
        self._losses += 1
        told = max((window.ends for window in self.windows), default=0.0)  # what came after it died with the ear
        self._missed.append((max(told, self._opened_at), self._heard_until))
        self._opening = self._opened(self.usual)
        if self._is_over:
            self._tell()

    def _take(self, *, everything: bool) -> tuple[float, tuple[bytes, bytes | None]] | None:
        with self._lock:
            taken = self._reels.take(everything=everything)
        if taken is None:
            return None
        own = taken.sides.get(Track.CUSTOMER, taken.sides.get(Track.MIXED, b""))
        return self.position + taken.begins, (own, taken.sides.get(Track.AGENT))

    def _unheard(self, begins: float, sides: tuple[bytes, bytes | None]) -> tuple[float, tuple[bytes, bytes | None]]:
        """Leave away what was heard already: a line that came back may tell its call again from the beginning."""
        known = min(round(max(0.0, self._heard_until - begins) * self.began.rate) * self._width, len(sides[0]))
        if not known:
            return begins, sides
        own, other = sides
        return begins + known / self._bytes_a_second, (own[known:], None if other is None else other[known:])

    @property
    def _width(self) -> int:
        return 1 if self.began.encoding == Encoding.MULAW else 2

    @property
    def _bytes_a_second(self) -> int:
        return self.began.rate * self._width

    def _note(self, portion: "Portion") -> None:
        self.talk.hear(portion)
        self._tell(portion.heard)

    def _tell(self, heard: "Sequence[Any]" = ()) -> None:
        """Let windows, and what was missed, wait to be stored; of one line, all in one."""
        missed, self._missed = [gap for gap in self._missed if gap[1] - gap[0] >= _NOTHING], []
        if self.producer is None or self._consent is None or not (heard or missed):
            return
        shown = [Window(*gap, None) for gap in missed]
        shown += [Window(one.begin, one.end, one.scales.get("stress")) for one in heard]
        self.windows.extend(sorted(shown, key=lambda one: one.ends))
        before = self.told[0] if self.told else None
        self.told = [
            Told(
                conversation_id=self.conversation_id, contact_id=self.contact_id, consent_id=self._consent,
                producer=self.producer, heard=[*(before.heard if before else ()), *heard][-WAITING:],
                missed=[*(before.missed if before else ()), *missed],
            )
        ]  # fmt: skip

    def note(self, read: ToneRead | None) -> None:
        """Note what was stored of the call, to be recorded a little later, together."""
        self.noted = self.noted + read if self.noted and read else read or self.noted

    def standing(self, now: datetime) -> Call:
        """Return the row of the call as things stand."""
        call = self.call
        call.heard_until, call.seen_at, call.talk = self._heard_until, now, self.talk.to_json()
        call.tone = ToneState.PAUSED if self._paused and self.is_read else self.tone
        call.usual = self.usual
        return call

    def is_due(self, what: str, *, every: float, at: datetime) -> bool:
        """Tell whether something that is done every so many seconds is due, and note it as done."""
        last = self._last.get(what)
        if last is not None and (at - last).total_seconds() < every:
            return False
        self._last[what] = at
        return True

    @property
    def is_read(self) -> bool:
        """Whether the tone is read at this moment."""
        return self._consent is not None


def _because(why: str) -> str:
    return f" ({why})" if why else ""
