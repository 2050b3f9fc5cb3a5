"""How calls stand for the rules that look at them, while they are listened to."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from unspoken.affect.tone import SHARP, partings, stretches, tone_of
from unspoken.conversations.queries import spoken_at
from unspoken.flags.calls import judge_calls
from unspoken.flags.context import OnCall
from unspoken.flags.models import Flag
from unspoken.readings.queries import effective_readings

from .line import Line
from .models import Call
from .talk import HOLD, Talk

EVERY = 1.0  # seconds between two judgements of a call
ANYWAY = 30.0  # seconds between two looks at a call in which nothing stands out
SOON = 60.0  # seconds after a complaint within which a hold counts as following it
FEW = 20.0  # seconds within which what was said last still stands
WEEK = timedelta(days=7)


def judge(lines: Sequence[Line], *, now: datetime) -> list[Flag]:
    """Judge the rules that look at calls on those lines that stand out; in the caller's transaction."""
    due = [line for line in lines if _stands_out(line, now) and line.is_due("judged", every=EVERY, at=now)]
    return judge_calls({line.conversation_id: standing(line) for line in due}, now=now)


def _stands_out(line: Line, now: datetime) -> bool:
    tone = tone_of(line.windows)
    if tone is not None and tone.tense_for > 0:
        return True
    return line.heard_until - line.talk.last_word >= HOLD or line.is_due("looked at", every=ANYWAY, at=now)


def standing(line: Line) -> OnCall:
    """Return how a call stands."""
    conversation = line.call.conversation
    spoken = spoken_at(conversation)
    readings = effective_readings(conversation, messages=spoken.keys()) if spoken else {}
    displeasure = {name: one.reading.displeasure for name, one in readings.items()}
    newest = max(spoken, key=lambda name: spoken[name][1], default="")
    parted = partings(line.windows, spoken, displeasure)
    is_fresh = bool(newest) and line.heard_until - spoken[newest][1] <= FEW
    complaints = [spoken[name][1] for name, value in displeasure.items() if value >= SHARP]
    complaints += [stretch.ends for stretch in stretches(line.windows)]
    return OnCall(
        tone=tone_of(line.windows), parting=parted.get(newest) if is_fresh else None,
        silence=max(0.0, line.heard_until - line.talk.last_word),
        hold_after_complaint=hold_after(line.talk, complaints, until=line.heard_until),
        recent_calls=_recent(line.call),
    )  # fmt: skip


def hold_after(talk: Talk, complaints: Iterable[float], *, until: float) -> float:
    """Return the longest hold (seconds) that began within a minute of one of the complaints (seconds of the call)."""
    ends = list(complaints)
    holds = [
        finish - begin for begin, finish in talk.holds(until) if any(-5.0 <= begin - end <= SOON for end in ends)
    ]  # fmt: skip
    return max(holds, default=0.0)


def _recent(call: Call) -> int:
    contact = call.conversation.contact_id
    if not contact:
        return 0
    before = Call.objects.filter(conversation__contact=contact, began_at__lt=call.began_at)
    return before.filter(began_at__gte=call.began_at - WEEK).count()
