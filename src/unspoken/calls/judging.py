"""How calls stand for the rules that look at them, while they are listened to."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from unspoken.affect.fusion import said_last
from unspoken.affect.tone import ANYWAY, EVERY, SHARP, Window, is_tense, stretches, tone_of
from unspoken.conversations.queries import spoken_at
from unspoken.flags.calls import judge_calls, recent_calls
from unspoken.flags.context import OnCall
from unspoken.flags.models import Flag
from unspoken.readings.queries import effective_readings

from .line import Line
from .talk import HOLD, Talk

SOON = 60.0  # seconds after a complaint within which a hold counts as following it


def due(lines: Sequence[Line], *, now: datetime) -> list[Line]:
    """Return the lines that the rules are to look at now: those that stand out, and every line now and then."""
    return [line for line in lines if _stands_out(line, now) and line.is_due("judged", every=EVERY, at=now)]


def judge(lines: Sequence[Line], *, now: datetime) -> list[Flag]:
    """Judge the rules that look at calls on these lines, in the caller's transaction; their contacts are held."""
    return judge_calls({line.conversation_id: standing(line) for line in lines}, now=now)


def _stands_out(line: Line, now: datetime) -> bool:
    if is_tense(_windows(line)) or (_silence(line) or 0.0) >= HOLD:
        return True
    return line.is_due("looked at", every=ANYWAY, at=now)


def _windows(line: Line) -> Sequence[Window]:
    """Return the windows of a line, none once its customer permits no longer that they are read."""
    return line.windows if line.is_read else ()


def _silence(line: Line) -> float | None:
    """Return for how long nobody has said a word, None where nobody may listen to who speaks."""
    return max(0.0, line.heard_until - line.talk.last_word) if line.talk.seconds else None


def standing(line: Line) -> OnCall:
    """Return how a call stands."""
    conversation = line.call.conversation
    spoken = spoken_at(conversation)
    readings = effective_readings(conversation, messages=spoken.keys()) if spoken else {}
    displeasure = {name: one.reading.displeasure for name, one in readings.items()}
    windows = _windows(line)
    last = said_last(windows, spoken, displeasure, until=line.heard_until, noise="telephone")
    complaints = [spoken[name][1] for name, value in displeasure.items() if value >= SHARP]
    complaints += [stretch.ends for stretch in stretches(windows)]
    return OnCall(
        tone=tone_of(windows), parting=last.parting, distress=last.chance, silence=_silence(line),
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
