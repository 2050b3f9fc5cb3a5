"""One call under way in this process: its sound on the way to the ear, and what came of it that is not stored yet.

`take` is called as frames come and only puts them in their place; everything else is done by the exchange, in its
thread. No sound is kept once it was listened to, and none is listened to without the customer's consent.
"""

import threading
from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from unspoken.affect.reading import Producer
from unspoken.affect.tone import Window
from unspoken.kit.ids import new_id
from unspoken.readings.actions import Told, Usual, analysis_is_on, usual_voice
from unspoken.readings.ear import orders

from .happenings import Began, Encoding, Ended, Happening, Paused, Pressed, Resumed, Sounded, Track
from .models import Call, ToneState
from .reels import GAP, Reels
from .scribe import scribe
from .talk import Talk
from .timeline import at, told_of
from .words import Words

if TYPE_CHECKING:
    from unspoken.readings.ear import Answer, Orders, Portion

REMEMBERED = 900  # windows of a call by which its tone is judged: a quarter of an hour
MOST_LOSSES = 5  # times in a row that listening may break down
_NOTHING = 0.0005  # seconds
WAITING = 3_600  # windows that wait for a database that cannot be written to, before the oldest are given up


class Line:
    """A stream of a call. position: the second of the call in which the stream's second 0 lies."""

    def __init__(
        self, began: Began, *, call: Call, position: float, windows: list[Window], quiet: Callable[[str], None],
        withdraw_key: str = "",
    ) -> None:  # fmt: skip
        """quiet: is told, from another thread, why nothing more is listened to; withdraw_key: of the telephone."""
        self.call, self.talk = call, Talk.from_json(call.talk)
        self.position, self.began = position, began
        self.windows: deque[Window] = deque(windows, REMEMBERED)
        self.told: list[Told] = []
        self.sayings: deque[tuple[float, str, str]] = deque()  # second, key, and words for the timeline
        self.withdrawals: deque[str] = deque()
        self.ended: Ended | None = None
        self.tone = ToneState.READ if call.tone == ToneState.PAUSED else ToneState(call.tone)
        self._quiet, self._withdraw_key = quiet, withdraw_key
        self._reels = Reels(began.tracks, encoding=began.encoding, rate=began.rate)
        self._lock = threading.Lock()
        self._ear = new_id("ear")
        self._consent: int | None = None
        self._opening: dict[str, object] | None = None
        self._missed: list[tuple[float, float]] = []
        self._losses, self._dismissed, self._asked_from = 0, False, position
        self.usual: Usual | None = tuple(call.usual) if call.usual else None
        self.producer: Producer | None = None
        self._paused = self._was_paused = self._closed = False
        self._heard_until = max(call.heard_until, windows[-1].ends) if windows else call.heard_until or position
        self._was_silent = False  # whether something was said while nothing was permitted
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

    def agree(self, consent: int | None, *, words: int | None = None) -> None:
        """Begin, go on with or stop reading the tone and writing down the words, as the customer permits just now."""
        self.words.agree(words, second=self._heard_until)
        if self._consent is not None:
            if consent != self._consent:
                self._stop(ToneState.WITHDRAWN)
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
            self._drop()  # it was said before the permission was given
        self._consent, self._was_silent = consent, False
        if self.usual:
            self._opening = self._opened(self.usual)
        else:
            usual, heard_by = usual_voice(self.contact_id)
            self._opening = self._opened(usual, heard_by)
        self._become(ToneState.READ)

    def _opened(self, usual: Usual | None, heard_by: str = "") -> dict[str, object]:
        return {
            "begins": self._heard_until, "usual": usual, "usual_by": heard_by, "coding": self.began.encoding.value,
            "rate": self.began.rate,
        }  # fmt: skip

    def _drop(self) -> None:
        while (taken := self._take(everything=True)) is not None:
            self._heard_until = max(self._heard_until, taken[0] + len(taken[1][0]) / self._bytes_a_second)

    def refuse(self) -> None:
        """Stop: what was heard could not be kept, since the consent ended meanwhile."""
        if self._consent is not None:
            self._stop(ToneState.WITHDRAWN)

    def _stop(self, state: ToneState, why: str = "") -> None:
        """Stop at once; what is in flight is dropped."""
        self._consent = self._opening = self.usual = None
        self._dismissed = self._was_silent = True
        self.told.clear()
        self._become(state, why)
        self._quiet(told_of(state))

    def _become(self, state: ToneState, why: str = "") -> None:
        if state != self.tone or not self._is_told:
            self._say(self._heard_until, f"tone-{state}", told_of(state) + _because(why))
        self.tone, self._is_told = state, True

    def _say(self, second: float, key: str, words: str) -> None:
        self.sayings.append((second, f"{key}-{second:.0f}", words))

    def orders(self) -> "list[Orders]":
        """Return what the ears of this line have to do with what has come. Ends with the line."""
        ear = orders(self._ear)
        ear.opening, self._opening = self._opening, None
        self._asked_from = self._heard_until
        while (taken := self._take(everything=self.ended is not None)) is not None:
            begins, (customer, agent) = self._unheard(*taken)
            gap = begins - self._heard_until
            if gap >= GAP:
                self._miss(begins)
            if customer:
                ear.steps += [("skip", (gap,))] if gap > _NOTHING else []
                ear.steps.append(("take", (customer, agent)))
            self._heard_until = max(self._heard_until, begins + len(customer) / self._bytes_a_second)
        if self.ended:
            ear.steps.append(("finish", ()))
        words = self.words.orders(ear.steps, ended=self.ended is not None)
        if self._consent is None:
            ear.steps.clear()
        ear.closing = self.ended is not None or self._dismissed
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
            self.words.hear(answer, second=self._heard_until, ended=self.ended is not None)
            if self._consent is None:
                self._note_talk(answer.portion)
            return
        if self._consent is None:
            return
        if answer.why or self._losses >= MOST_LOSSES:
            self._closed = True
            self._stop(ToneState.UNAVAILABLE, answer.why or "listening broke down several times")
        elif answer.lost:
            self._losses += 1
            self._missed.append((self._asked_from, self._heard_until))
            self._opening = self._opened(self.usual)
        else:
            self._losses, self.usual, self.producer = 0, answer.usual, answer.producer
            self._note(answer.portion)

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

    def _note_talk(self, portion: "Portion") -> None:
        for one in portion.activity:
            self.talk.add(one.begins, one.ends, one.own.tolist(), None if one.other is None else one.other.tolist())

    def _note(self, portion: "Portion") -> None:
        self._note_talk(portion)
        missed, self._missed = [gap for gap in self._missed if gap[1] - gap[0] >= _NOTHING], []
        if self.producer is None or self._consent is None or not (portion.heard or missed):
            return
        shown = [Window(*gap, None) for gap in missed]
        shown += [Window(one.begin, one.end, one.scales.get("stress")) for one in portion.heard]
        self.windows.extend(sorted(shown, key=lambda one: one.ends))
        self.told.append(
            Told(
                conversation_id=self.conversation_id, contact_id=self.contact_id, consent_id=self._consent,
                producer=self.producer, heard=portion.heard, missed=missed,
            )
        )  # fmt: skip
        while sum(len(one.heard) for one in self.told) > WAITING:
            del self.told[0]

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
