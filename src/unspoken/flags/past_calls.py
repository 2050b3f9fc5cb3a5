"""Past calls once more, window by window, as the rules that look at calls would have seen them.

The stored windows and the same code as live. A call that was listened to while it went on is judged at the moments at
which its windows were stored; a recording as if it had been heard, and written down, while it was spoken; a call of
whose voice nothing was read once, as it began. As live, a voice that is not tense is looked at every thirty seconds.

Who spoke when is not known here: `context.NOT_KEPT` says which fields have no value. Nor are the seconds of silence in
which a call is looked at every second although its voice is calm.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby

from unspoken.affect.fusion import Fused, said_last
from unspoken.affect.tone import ANYWAY, EVERY, REMEMBERED, Window, is_tense, tone_of
from unspoken.conversations.models import Conversation
from unspoken.conversations.queries import spoken_at
from unspoken.flags.calls import recent_calls
from unspoken.flags.context import Context, Moved, OnCall
from unspoken.flags.past import Needs, Person, Stood, Thread
from unspoken.readings.models import ToneReading
from unspoken.readings.stored import effective

Values = Callable[[datetime], Decimal]
"""The value of a contact's orders as of a moment."""


def call_contexts(
    person: Person, thread: Thread, *, moment_of: Callable[[Stood], datetime], needs: Needs, value_at: Values
) -> Iterator[Context]:
    """Yield how a call stood at each moment at which it would have been judged, in order.

    moment_of: when a message of a call that was heard live came in.
    """
    windows, stored = _kept(thread.conversation)
    live = _was_live(stored)
    began = thread.conversation.opened_at
    moments = stored if live else [began + timedelta(seconds=one.ends) for one in windows]
    call = _Call(
        person, thread, [(moment_of(one) if live else one.arrived.occurred_at, one) for one in thread.stood],
        spoken_at(thread.conversation) if needs.words else None,
        recent_calls(thread.conversation) if needs.recent else 0,
    )  # fmt: skip
    for moment, heard in _judged(windows, moments) if windows else [(began, windows)]:
        moved = call.at(moment, heard)
        if moved is not None:
            yield Context(moved, moment, _always(value_at(moment)))


def _always(value: Decimal) -> Callable[[str], Decimal]:
    return lambda contact_id: value


def _kept(conversation: Conversation) -> tuple[list[Window], list[datetime]]:
    """Return the windows of a call by the newest model, in order, and when each was stored; no more of them is loaded,
    since a call has one a second."""
    rows = ToneReading.objects.filter(conversation=conversation).order_by("begins", "id")
    found = rows.values_list("created_at", "id", "model", "begins", "ends", "scales__stress", "reason")
    told = list(found)
    newest = max(told)[2] if told else ""
    mine = [row for row in told if row[2] == newest]
    return [Window(row[3], row[4], None if row[6] else row[5]) for row in mine], [row[0] for row in mine]


def _was_live(stored: Sequence[datetime]) -> bool:
    """Live, windows are stored as they come; of a recording, a minute of them at once."""
    return 2 * len(set(stored)) > len(stored)


def _judged(
    windows: Sequence[Window], moments: Sequence[datetime]
) -> Iterator[tuple[datetime, Sequence[Window]]]:  # fmt: skip
    """Yield the moments at which a call is judged, as `calls.judging` finds it due, with what was heard by then."""
    looked = judged = None
    for moment, places in groupby(range(len(windows)), key=moments.__getitem__):
        count = max(places) + 1
        heard = windows[max(0, count - REMEMBERED) : count]
        if not is_tense(heard):
            if looked is not None and (moment - looked).total_seconds() < ANYWAY:
                continue
            looked = moment
        if judged is None or (moment - judged).total_seconds() >= EVERY:
            judged = moment
            yield moment, heard


@dataclass(frozen=True, slots=True)
class _Call:
    """What is known of a call: how it stood from which moment on, when what was said in it (None: not
    asked), and the calls before."""

    person: Person
    thread: Thread
    stood: Sequence[tuple[datetime, Stood]]
    spoken: Mapping[str, tuple[float, float]] | None
    recent: int

    def at(self, moment: datetime, windows: Sequence[Window]) -> Moved | None:
        """Return how it stood at a moment; None before its first message."""
        known = [one for since, one in self.stood if since <= moment]
        if not known:
            return None
        newest = known[-1]
        last = self._said(known, windows)
        return Moved(
            conversation=self.thread.conversation, message=newest.message, trajectory=newest.trajectory,
            contact=self.person.contact, reading=newest.reading,
            call=OnCall(
                tone=tone_of(windows), parting=last.parting, distress=last.chance, recent_calls=self.recent
            ),
        )  # fmt: skip

    def _said(self, known: Sequence[Stood], windows: Sequence[Window]) -> Fused:
        """Return what words and tone said together, where the rule looks at that."""
        if self.spoken is None or not windows:
            return Fused(None)
        spoken = {one.arrived.pk: self.spoken[one.arrived.pk] for one in known if one.arrived.pk in self.spoken}
        return said_last(windows, spoken, self._displeasure(spoken), until=windows[-1].ends, noise="telephone")

    def _displeasure(self, spoken: Mapping[str, tuple[float, float]]) -> dict[str, float]:
        readings = self.person.readings
        return {name: effective(readings[name]).displeasure for name in spoken if name in readings}
