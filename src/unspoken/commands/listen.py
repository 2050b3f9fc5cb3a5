"""`unspoken listen`: print how the customer's voice sounds in a recorded call, window by window."""

import json
import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from unspoken.affect.reading import Abstention, Reason
from unspoken.perception.artifacts import ModelUnavailable
from unspoken.perception.voice.decoding import NotDecodable, blocks
from unspoken.perception.voice.heads import SCALES
from unspoken.perception.voice.listener import Heard, Listener
from unspoken.perception.voice.perceiver import VoicePerceiver, outcome_of

_LIKELY = 0.5


class Side(StrEnum):
    """Which channel is the customer's."""

    LEFT = "left"
    RIGHT = "right"
    ALONE = "alone"


def listen_command(
    recording: Annotated[Path, typer.Argument(help="A sound file: WAV, FLAC, MP3, Ogg, M4A and others.")],
    customer: Annotated[
        Side | None, typer.Option(help="The channel that is the customer's; alone: nobody else speaks in it.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a window.")] = False,
) -> None:
    """Print what the tone of the customer's voice expresses. Nobody else's voice is read.

    The other side's channel is only looked at for whether somebody speaks there. Needs the extra unspoken[voice].
    """
    perceiver = VoicePerceiver()
    try:
        listener = perceiver.listener()
        heard: list[Heard] = []
        for one in _heard(recording, customer, listener):
            heard.append(one)
            if as_json:
                sys.stdout.write(json.dumps(as_object(one)) + "\n")
    except (NotDecodable, ModelUnavailable) as error:
        Console(stderr=True, highlight=False, soft_wrap=True).print(str(error), markup=False)
        raise typer.Exit(1) from error
    if not as_json:
        _print(heard, perceiver)


def _heard(recording: Path, customer: Side | None, listener: Listener) -> Iterator[Heard]:
    for sound in blocks(recording):
        own, other = _sides(sound, customer)
        yield from listener.feed(own, other=other)
    yield from listener.finish()


def _sides(sound: NDArray[np.float32], customer: Side | None) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
    """Return the customer's samples and the other side's; raise NotDecodable when nobody said which is which."""
    if customer is None:
        raise NotDecodable(
            f"Not read ({Reason.NOT_SEPARABLE}): say which channel is the customer's, with --customer left or right, "
            "or --customer alone if nobody else speaks in the recording. Nobody else's voice may be read."
        )
    if customer == Side.ALONE:
        return sound.mean(axis=0, dtype=np.float32), None
    if len(sound) == 1:
        raise NotDecodable(
            f"Not read ({Reason.NOT_SEPARABLE}): both sides are on one channel. Record them on two channels."
        )
    place = 0 if customer == Side.LEFT else 1
    return np.ascontiguousarray(sound[place]), np.ascontiguousarray(sound[1 - place])


def as_object(heard: Heard) -> dict[str, Any]:
    """Return a window as plain JSON; chances 0…1 to four places, times in seconds."""

    def rounded(values: dict[str, float]) -> dict[str, float] | None:
        return {name: round(value, 4) for name, value in values.items()} or None

    cues = {name: round(value, 2) for name in heard.cues.__slots__ if not np.isnan(value := getattr(heard.cues, name))}
    return {
        "begin": heard.begin, "end": heard.end, "speech": round(heard.speech, 2), "tone": rounded(heard.scales),
        "tone_of_window": rounded(heard.single), "cues": cues, "changes": list(heard.changes),
        "abstained": None if heard.reason is None else str(heard.reason),
    }  # fmt: skip


def _print(heard: list[Heard], perceiver: VoicePerceiver) -> None:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("from", "to", *SCALES[:4]):
        table.add_column(name, justify="right")
    table.add_column("against the caller's own beginning")
    for one in heard:
        if one.reason is None:
            told = [_styled(one.scales[name]) for name in SCALES[:4]]
            table.add_row(_clock(one.begin), _clock(one.end), *told, ", ".join(one.changes))
        else:
            table.add_row(_clock(one.begin), _clock(one.end), *[""] * 4, f"[dim]not read: {one.reason}[/dim]")
    console = Console(highlight=False)
    console.print(table)
    outcome = outcome_of(heard, perceiver.producer)
    if isinstance(outcome, Abstention):
        console.print(f"Not read as a whole: {outcome.reason}.")
        return
    tones = ", ".join(f"{name} {value:.2f}" for name, value in outcome.tone_of_voice.items())
    console.print(f"On the whole: arousal {outcome.arousal:.2f}, {tones}; confidence {outcome.confidence:.2f}.")


def _styled(chance: float) -> str:
    return f"[bold]{chance:.2f}[/bold]" if chance >= _LIKELY else f"{chance:.2f}"


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{seconds % 60:04.1f}"
