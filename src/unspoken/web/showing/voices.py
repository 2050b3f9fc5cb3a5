"""How the customer's voice sounded on a call, as a sentence, a small drawing, and where words and voice disagree."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from unspoken.affect.reading import Reading
from unspoken.readings.models import ToneReading

WIDTH, HEIGHT, EDGE = 520.0, 84.0, 12.0
TENSE = 0.6  # chance of stress from which a voice reads as tense
SILENCE = 5.0  # seconds of which nothing is told that do not end a stretch
CALM = 0.3  # … below which it reads as calm
PLEASANT, SHARP = 0.25, 0.5  # chance of displeasure in words that are no complaint, and in words that are one


@dataclass(frozen=True, slots=True)
class Stretch:
    """Seconds in which a voice reads as tense, what is heard in them, and where they lie in the drawing."""

    begins: float
    ends: float
    heard: str
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Apart:
    """A message whose words and voice say different things; tense: the voice is, and the words are not."""

    message_id: str
    at: float
    tense: bool


@dataclass(frozen=True, slots=True)
class Voice:
    """What is shown of a call's tone: lines are SVG paths of the chance of stress, broken where nothing is told."""

    sentence: str
    lines: tuple[str, ...]
    limit: float
    stretches: tuple[Stretch, ...]
    told: float
    length: float
    model: str
    width: float = WIDTH
    height: float = HEIGHT


def voice_of(rows: Sequence[ToneReading]) -> Voice | None:
    """Return what is shown of the windows of a call, in their order; None where there are none."""
    if not rows:
        return None
    length = max(row.ends for row in rows)
    told = [row for row in rows if not row.reason]
    stretches = tuple(_stretches(rows, length))
    return Voice(
        sentence=_sentence(told, stretches), lines=tuple(_lines(rows, length)), limit=_y(TENSE), stretches=stretches,
        told=len(told) / len(rows), length=length, model=f"{rows[0].model} {rows[0].model_version}",
    )  # fmt: skip


def _sentence(told: Sequence[ToneReading], stretches: Sequence[Stretch]) -> str:
    if not told:
        return "Nothing is said of the voice: too little of it could be heard on its own."
    if not stretches:
        return "The voice reads as calm throughout."
    places = [f"from {clock(one.begins)} to {clock(one.ends)}" for one in stretches]
    said = places[0] if len(places) == 1 else f"{', '.join(places[:-1])} and {places[-1]}"
    return f"The voice reads as tense {said}."


def _stretches(rows: Sequence[ToneReading], length: float) -> list[Stretch]:
    found: list[list[ToneReading]] = []
    going_on = False  # also through a few seconds of which nothing is told
    for row in rows:
        if row.reason:
            going_on = going_on and row.ends - found[-1][-1].ends <= SILENCE
        elif row.scales["stress"] < TENSE:
            going_on = False
        elif going_on:
            found[-1].append(row)
        else:
            found.append([row])
            going_on = True
    stretches = []
    for group in found:
        begins, ends = group[0].ends - 1.0, group[-1].ends  # a window tells of its last second
        loudest = max(group, key=lambda row: row.scales["stress"])
        x = _x(begins, length)
        stretches.append(Stretch(begins, ends, ", ".join(loudest.changes[:2]), x, round(_x(ends, length) - x, 1)))
    return stretches


def _lines(rows: Sequence[ToneReading], length: float) -> list[str]:
    lines: list[list[str]] = [[]]
    for row in rows:
        if row.reason:
            lines.append([])
            continue
        lines[-1].append(f"{_x(row.ends, length)} {_y(row.scales['stress'])}")
    return ["M" + " L".join(places) for places in lines if len(places) > 1]


def _x(seconds: float, length: float) -> float:
    return round(EDGE + (WIDTH - 2 * EDGE) * seconds / length, 1)


def _y(chance: float) -> float:
    return round(EDGE + (HEIGHT - 2 * EDGE) * (1.0 - chance), 1)


def clock(seconds: float) -> str:
    """Return seconds as on a clock: 1:05."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def apart(
    rows: Sequence[ToneReading], spoken: Mapping[str, tuple[float, float]], words: Mapping[str, Reading]
) -> list[Apart]:
    """Return the messages whose words and voice say different things, those with a tense voice first.

    spoken: begin and end (seconds) by message id; words: what their words read as, a person's correction before all.
    """
    found = []
    for message_id, (begins, ends) in spoken.items():
        reading = words.get(message_id)
        stress = [row.scales["stress"] for row in rows if not row.reason and begins + 1.0 <= row.ends <= ends + 1.0]
        if reading is None or not stress:
            continue
        voice = sum(stress) / len(stress)
        if voice >= TENSE and reading.displeasure <= PLEASANT:
            found.append(Apart(message_id, begins, tense=True))
        elif voice <= CALM and reading.displeasure >= SHARP:
            found.append(Apart(message_id, begins, tense=False))
    return sorted(found, key=lambda one: (not one.tense, one.at))
