"""A call as it is shown: one sentence, a small drawing of the voice, the words and who spoke, and what stands out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from unspoken.affect.fusion import DISTRESS, together
from unspoken.affect.reading import Reading
from unspoken.affect.tone import TENSE, Stretch, Window, partings, stretches
from unspoken.calls.hints import hint_of
from unspoken.calls.models import Call, ToneState
from unspoken.calls.talk import Talk
from unspoken.calls.timeline import at, told_of
from unspoken.readings.models import ToneReading
from unspoken.readings.queries import tone_windows

WIDTH, HEIGHT, EDGE = 520.0, 84.0, 12.0
LANE, LANES = 9.0, 26.0  # height of one side's lane of speech, and of both with what is between
TOGETHER = 1.5  # seconds between two windows that are still joined by the line


@dataclass(frozen=True, slots=True)
class Block:
    """Seconds of a call as a place in the drawing."""

    begins: float
    ends: float
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class TenseBlock:
    """A stretch in which the voice reads as tense, and what is heard in it in words."""

    place: Block
    heard: str


@dataclass(frozen=True, slots=True)
class Dot:
    """Something that the customer said: when, and the chance 0…1 that its words express displeasure."""

    message_id: str
    at: float
    x: float
    y: float
    displeasure: float


@dataclass(frozen=True, slots=True)
class Apart:
    """A message whose words and voice say different things; tense: the voice is, and the words are not."""

    message_id: str
    at: float
    tense: bool


@dataclass(frozen=True, slots=True)
class Distress:
    """A message whose words and voice together express distress; chance: 0…1."""

    message_id: str
    at: float
    chance: float


@dataclass(frozen=True, slots=True)
class Shares:
    """Who spoke how much of what was listened to, 0…1; agent: None where nothing was heard of that side."""

    customer: float
    agent: float | None
    both: float
    silence: float


@dataclass(frozen=True, slots=True)
class Voice:
    """What was heard of the voice: lines are SVG paths of the chance of stress, broken where nothing is told; limit:
    where tense begins; gaps: seconds that were not heard; told: share 0…1 of the windows of which something is."""

    lines: tuple[str, ...]
    limit: float
    tense: tuple[TenseBlock, ...]
    gaps: tuple[Block, ...]
    told: float
    model: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown of a call. customer, agent: when each side spoke; holds: when nobody did."""

    sentence: str
    hint: str
    is_live: bool
    is_read: bool
    began_at: datetime | None
    length: float
    announced: str
    permission: str
    voice: Voice | None
    words: tuple[Dot, ...]
    customer: tuple[Block, ...]
    agent: tuple[Block, ...]
    holds: tuple[Block, ...]
    shares: Shares | None
    apart: tuple[Apart, ...]
    distress: tuple[Distress, ...] = ()
    width: float = WIDTH
    height: float = HEIGHT
    edge: float = EDGE
    lane: float = LANE

    @property
    def whole_height(self) -> float:
        """The height of the drawing with the lanes of speech below."""
        return self.height + (LANES if self.customer or self.agent else 0.0)

    @property
    def agents_lane(self) -> float:
        """Where the lane of our side begins."""
        return self.height + LANE + 4.0


def call_of(
    call: Call | None, rows: Sequence[ToneReading], spoken: Mapping[str, tuple[float, float]],
    words: Mapping[str, Reading],
) -> Shown | None:  # fmt: skip
    """Return what is shown of a call; None where nothing is known of it but its messages.

    rows: its windows in order; spoken: begin and end (seconds) of what the customer said, by message id; words: what
    the words of each read as, a person's correction before all.
    """
    if call is None and not rows:
        return None
    windows, talk = tone_windows(rows), Talk.from_json(call.talk if call else {})
    length = max([call.heard_until if call else 0.0, *(row.ends for row in rows[-1:])]) or 1.0
    displeasure = {name: words[name].displeasure for name in spoken if name in words}
    live = call is not None and call.is_live
    is_read = call is not None and call.tone == ToneState.READ
    return Shown(
        sentence=_sentence(call, windows), is_live=live, is_read=is_read,
        hint=hint_of(talk, windows, until=length) if live and is_read else "", began_at=call.began_at if call else None,
        length=length, announced=call.announced if call else "",
        permission=told_of(ToneState(call.tone)) if call else "", voice=_voice(rows, windows, length),
        words=tuple(_dots(spoken, displeasure, length)),
        customer=tuple(_blocks(talk, ("customer", "both"), length)),
        agent=tuple(_blocks(talk, ("agent", "both"), length)), holds=tuple(_holds(talk, length)),
        shares=_shares(talk), apart=tuple(_apart(windows, spoken, displeasure)),
        distress=tuple(_distress(windows, spoken, displeasure)),
    )  # fmt: skip


def _voice(rows: Sequence[ToneReading], windows: Sequence[Window], length: float) -> Voice | None:
    if not rows:
        return None
    heard = {row.ends: ", ".join(row.changes[:2]) for row in rows}
    return Voice(
        lines=tuple(_lines(windows, length)), limit=_y(TENSE),
        tense=tuple(
            TenseBlock(_block(one.begins, one.ends, length), heard[one.strongest.ends]) for one in stretches(windows)
        ),
        gaps=tuple(_block(row.begins, row.ends, length) for row in rows if row.reason == "interrupted"),
        told=sum(one.stress is not None for one in windows) / len(rows),
        model=f"{rows[-1].model} {rows[-1].model_version}",
    )  # fmt: skip


def _sentence(call: Call | None, windows: Sequence[Window]) -> str:
    if not windows:
        return f"{told_of(ToneState(call.tone))}." if call else ""
    if all(one.stress is None for one in windows):
        return "Nothing is said of the voice: too little of it could be heard on its own."
    found = stretches(windows)
    if not found:
        return "The voice reads as calm throughout." if not call or not call.is_live else "The voice reads as calm."
    return f"The voice reads as tense {_places(found, now=windows[-1] if call and call.is_live else None)}."


def _places(found: Sequence[Stretch], *, now: Window | None) -> str:
    places = [f"from {at(one.begins)} to {at(one.ends)}" for one in found]
    if now is not None and found[-1].last == now:
        places[-1] = f"since {at(found[-1].begins)}"
    return places[0] if len(places) == 1 else f"{', '.join(places[:-1])} and {places[-1]}"


def _lines(windows: Sequence[Window], length: float) -> list[str]:
    lines: list[list[str]] = [[]]
    last = None
    for one in windows:
        if one.stress is None or (last is not None and one.ends - last > TOGETHER):
            lines.append([])
        if one.stress is not None:
            lines[-1].append(f"{_x(one.ends, length)} {_y(one.stress)}")
            last = one.ends
    return ["M" + " L".join(places) for places in lines if len(places) > 1]


def _blocks(talk: Talk, who: Sequence[str], length: float) -> Iterator[Block]:
    for begins, ends, speaker in talk.runs:
        if speaker in who:
            yield _block(begins, ends, length)


def _holds(talk: Talk, length: float) -> Iterator[Block]:
    for begins, ends in talk.holds(talk.last_word if not talk.seconds else length):
        yield _block(begins, ends, length)


def _dots(
    spoken: Mapping[str, tuple[float, float]], displeasure: Mapping[str, float], length: float
) -> Iterator[Dot]:  # fmt: skip
    for name, chance in displeasure.items():
        begins, ends = spoken[name]
        middle = min((begins + ends) / 2, length)
        yield Dot(name, begins, _x(middle, length), _y(chance), chance)


def _shares(talk: Talk) -> Shares | None:
    whole = talk.seconds
    if not whole:
        return None
    agent = None if talk.agent is None else talk.agent / whole
    return Shares(talk.customer / whole, agent, talk.both / whole, talk.silence / whole)


def _apart(
    windows: Sequence[Window], spoken: Mapping[str, tuple[float, float]], displeasure: Mapping[str, float]
) -> list[Apart]:
    found = partings(windows, spoken, displeasure)
    shown = [Apart(name, spoken[name][0], how == "voice_tense") for name, how in found.items()]
    return sorted(shown, key=lambda one: (not one.tense, one.at))


def _distress(
    windows: Sequence[Window], spoken: Mapping[str, tuple[float, float]], displeasure: Mapping[str, float]
) -> Iterator[Distress]:
    for name, told in together(windows, spoken, displeasure, noise="telephone").items():
        if told.chance is not None and told.chance >= DISTRESS:
            yield Distress(name, spoken[name][0], told.chance)


def _block(begins: float, ends: float, length: float) -> Block:
    x = _x(begins, length)
    return Block(begins, ends, x, round(_x(min(ends, length), length) - x, 1))


def _x(seconds: float, length: float) -> float:
    return round(EDGE + (WIDTH - 2 * EDGE) * seconds / length, 1)


def _y(chance: float) -> float:
    return round(EDGE + (HEIGHT - 2 * EDGE) * (1.0 - chance), 1)
