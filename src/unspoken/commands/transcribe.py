"""`unspoken transcribe`: print what the customer says in a recorded call, with times."""

import json
import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from unspoken.perception.artifacts import ModelUnavailable
from unspoken.perception.speech.apart import SpeechApart
from unspoken.perception.speech.models import TINY
from unspoken.perception.speech.recording import transcribed
from unspoken.perception.speech.transcriber import Samples, Segment, Transcript
from unspoken.perception.voice.decoding import NotDecodable, blocks
from unspoken.perception.voice.sides import Side, sides

from .listen import clock


class Channel(StrEnum):
    """Whose words are in a recording, and where; alone: nobody else speaks in it; mixed: both sides on one channel."""

    LEFT = "left"
    RIGHT = "right"
    ALONE = "alone"
    MIXED = "mixed"


def transcribe_command(
    recording: Annotated[Path, typer.Argument(help="A sound file: WAV, FLAC, MP3, Ogg, M4A and others.")],
    customer: Annotated[
        Channel,
        typer.Option(
            help="The channel that is the customer's; alone: nobody else speaks in it; mixed: both sides are on one "
            "channel, and both are written down."
        ),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a segment.")] = False,
    language: Annotated[
        str, typer.Option(help="The language that is spoken, as in en or de; left out, it is recognised.")
    ] = "",
    model: Annotated[
        str, typer.Option(envvar="UNSPOKEN_SPEECH_MODEL", help="tiny, which knows English, or the folder of a model.")
    ] = TINY,
    threads: Annotated[int, typer.Option(min=1, help="Processor cores to use.")] = 1,
) -> None:
    """Print what the customer says. Nothing is kept, and nobody's channel but the customer's is written down.

    Needs the extra unspoken[speech].
    """
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    apart = SpeechApart(model or TINY, threads=threads)
    try:
        with console.status("Writing down …") as shown:
            said = transcribed(
                _customers(recording, customer), apart, language=language or None,
                tell=lambda seconds: shown.update(f"Writing down … {clock(seconds)}"),
            )  # fmt: skip
            parts = _written(said) if as_json else list(said)
    except (NotDecodable, ModelUnavailable) as error:
        console.print(str(error), markup=False)
        raise typer.Exit(1) from error
    finally:
        apart.close()
    if not as_json:
        _print(parts)


def _written(transcripts: Iterator[Transcript]) -> list[Transcript]:
    """Write each part as JSON as soon as it is there."""
    for part in transcripts:
        for one in part.segments:
            sys.stdout.write(json.dumps(as_object(one, part), ensure_ascii=False) + "\n")
        sys.stdout.flush()
    return []


def as_object(segment: Segment, transcript: Transcript) -> dict[str, Any]:
    """Return a segment as plain JSON; seconds to two places, confidence 0…1 to four."""
    producer = transcript.producer
    return {
        "begin": round(segment.begin, 2), "end": round(segment.end, 2), "text": segment.text,
        "confidence": round(segment.confidence, 4), "language": transcript.language,
        "language_confidence": round(transcript.language_confidence, 4),
        "words": [
            {
                "text": word.text, "begin": round(word.begin, 2), "end": round(word.end, 2),
                "confidence": round(word.confidence, 4),
            }
            for word in segment.words
        ],
        "model": {"name": producer.name, "version": producer.version, "sha256": producer.sha256},
    }  # fmt: skip


def _customers(recording: Path, channel: Channel) -> Iterator[Samples]:
    """Yield the sound that may be written down."""
    for sound in blocks(recording):
        if channel is not Channel.MIXED:
            yield sides(sound, Side(channel.value))[0]
        elif len(sound) == 1:
            yield sound[0]
        else:
            raise NotDecodable(
                "Nothing was written down: the recording has two channels. Say which one is the customer's, with "
                "--customer left or right; the other side's is not written down."
            )


def _print(parts: list[Transcript]) -> None:
    console = Console(highlight=False)
    segments = [one for part in parts for one in part.segments]
    if not segments:
        console.print("Nobody was understood to speak in it.")
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("from", "to"):
        table.add_column(name, justify="right")
    table.add_column("said", overflow="fold")
    for one in segments:
        table.add_row(clock(one.begin), clock(one.end), Text(one.text))
    console.print(table)
    languages = ", ".join(sorted({part.language for part in parts if part.segments and part.language}))
    by = f"Written down by {parts[0].producer.name} ({languages}). It mishears; listen again where it counts."
    console.print(by, style="dim", markup=False)
