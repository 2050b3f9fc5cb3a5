"""How calls stand for the rules that look at them, while they are listened to."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from unspoken.affect.fusion import said_last
from unspoken.affect.tone import ANYWAY, EVERY, SHARP, is_tense, stretches, tone_of
from unspoken.conversations.queries import spoken_at
from unspoken.flags.calls import judge_calls, recent_calls
from unspoken.flags.context import OnCall
from unspoken.flags.models import Flag
from unspoken.readings.queries import effective_readings

from .line import Line
from .talk import HOLD, Talk

SOON = 60.0  # seconds after a complaint within which a hold counts as following it


def judge(lines: Sequence[Line], *, now: datetime) -> list[Flag]:
    """Judge the rules that look at calls on those lines that stand out; in the caller's transaction."""
    due = [line for line in lines if _stands_out(line, now) and line.is_due("judged", every=EVERY, at=now)]
    return judge_calls({line.conversation_id: standing(line) for line in due}, now=now)


def _stands_out(line: Line, now: datetime) -> bool:
    if is_tense(line.windows) or line.heard_until - line.talk.last_word >= HOLD:
        return True
    return line.is_due("looked at", every=ANYWAY, at=now)


def standing(line: Line) -> OnCall:
    """Return how a call stands."""
    conversation = line.call.conversation
    spoken = spoken_at(conversation)
    readings = effective_readings(conversation, messages=spoken.keys()) if spoken else {}
    displeasure = {name: one.reading.displeasure for name, one in readings.items()}
    last = said_last(line.windows, spoken, displeasure, until=line.heard_until, noise="telephone")
    complaints = [spoken[name][1] for name, value in displeasure.items() if value >= SHARP]
    complaints += [stretch.ends for stretch in stretches(line.windows)]
    return OnCall(
        tone=tone_of(line.windows), parting=last.parting, distress=last.chance,
        silence=max(0.0, line.heard_until - line.talk.last_word),
        hold_after_complaint=hold_after(line.talk, complaints, until=line.heard_until),
        recent_calls=recent_calls(conversation),
    )  # fmt: skip


def hold_after(talk: Talk, complaints: Iterable[float], *, until: float) -> float:
    """Return the longest hold (seconds) that began within a minute of one of the complaints (seconds of the call)."""
    ends = list(complaints)
    holds = [
        finish - begin for begin, finish in talk.holds(until) if any(-5.0 <= begin - end <= SOON for end in ends)
    ]  # fmt: skip
    return max(holds, default=0.0)
