"""`unspoken listen`: print how the customer's voice sounds in a recorded call, or keep it; also for a whole folder."""

import json
import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from unspoken.affect.reading import Abstention, why_unread
from unspoken.perception.artifacts import ModelUnavailable
from unspoken.perception.voice.decoding import NotDecodable
from unspoken.perception.voice.heads import SCALES
from unspoken.perception.voice.listener import Heard
from unspoken.perception.voice.perceiver import VoicePerceiver, outcome_of
from unspoken.perception.voice.recording import heard_in
from unspoken.perception.voice.sides import Side

if TYPE_CHECKING:
    from unspoken.calls.folder import Folder

_LIKELY = 0.5
_PAUSE = 1.0  # seconds between two looks into a folder


def listen_command(
    recording: Annotated[
        Path | None, typer.Argument(help="A sound file: WAV, FLAC, MP3, Ogg, M4A and others.", show_default=False)
    ] = None,
    customer: Annotated[
        Side | None, typer.Option(help="The channel that is the customer's; alone: nobody else speaks in it.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a window.")] = False,
    conversation: Annotated[
        str, typer.Option(help="Keep what is told with this call (cv_…), if the customer permits that; no sound is.")
    ] = "",
    watch: Annotated[
        Path | None,
        typer.Option(
            help="Keep what is told of every recording that is put into this folder, named CONVERSATION.left.wav or "
            "SOURCE~CALL.left.wav (right or alone, where the customer is there); see docs/api.md.",
            show_default=False,
        ),
    ] = None,
    delete: Annotated[bool, typer.Option("--delete", help="With --watch: delete what was listened to.")] = False,
) -> None:
    """Print what the tone of the customer's voice expresses, or keep it with a call. Nobody else's voice is read.

    The other side's channel is only looked at for whether somebody speaks there. Needs the extra unspoken[voice].
    """
    if (recording is None) == (watch is None):
        raise typer.BadParameter("Name either one recording, or a folder with --watch.")
    if watch is not None:
        _watch(watch, delete=delete)
        return
    assert recording is not None
    if conversation:
        _keep(recording, customer, conversation)
        return
    perceiver = VoicePerceiver()
    try:
        listener = perceiver.listener()
        heard: list[Heard] = []
        for one in heard_in(recording, customer, listener):
            heard.append(one)
            if as_json:
                sys.stdout.write(json.dumps(as_object(one)) + "\n")
    except (NotDecodable, ModelUnavailable) as error:
        Console(stderr=True, highlight=False, soft_wrap=True).print(str(error), markup=False)
        raise typer.Exit(1) from error
    if not as_json:
        _print(heard, perceiver)


def _keep(recording: Path, customer: Side | None, conversation_id: str) -> None:
    from .setup import start_django

    start_django()
    from unspoken.calls.recorded import NotHeard, hear
    from unspoken.conversations.models import Conversation
    from unspoken.kit.clock import now

    console = Console(stderr=True, highlight=False, soft_wrap=True)
    call = Conversation.objects.filter(id=conversation_id).first()
    if call is None:
        console.print(f"There is no conversation {conversation_id}. Nothing was listened to.", markup=False)
        raise typer.Exit(1)
    try:
        with console.status("Listening …") as shown:
            read = hear(
                call, recording, side=customer, now=now(),
                tell=lambda seconds: shown.update(f"Listening … {clock(seconds)}"),
            )  # fmt: skip
    except (NotHeard, NotDecodable, ModelUnavailable) as error:
        console.print(str(error), markup=False)
        raise typer.Exit(1) from error
    said = f"The tone of {read} windows was read and is kept with it." if read else "Nothing new: it was there already."
    Console(highlight=False).print(f"{conversation_id}: {said}")


def _watch(path: Path, *, delete: bool) -> None:
    """Listen to what is put into a folder, until interrupted."""
    from .setup import start_django

    start_django()
    from unspoken.calls.folder import Folder
    from unspoken.intake import batcher

    if not path.is_dir():
        _complain(f"{path} is no folder. Nothing was listened to.")
        raise typer.Exit(1)
    signal.signal(signal.SIGTERM, _interrupt)
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"Recordings that are put into {path} are listened to; Ctrl+C ends it.", markup=False)
    folder = Folder(path, delete=delete)
    try:
        while True:
            _hear_all(folder, console)
            time.sleep(_PAUSE)
    except KeyboardInterrupt:
        batcher.close()
        console.print("Stopped. A recording in hand stays where it is; the same command goes on with it.")


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _hear_all(folder: "Folder", console: Console) -> None:
    """Listen to what is whole; what cannot be dealt with just now is tried again later."""
    from django.db import DatabaseError, connection

    from unspoken.calls.arriving import NoRoom

    try:
        for path in folder.whole():
            try:
                _hear_one(folder, path, console)
            except (OSError, NoRoom, DatabaseError) as error:
                folder.put_off(path)
                _complain(f"{path.name}: {error} It is tried again in a minute.")
                connection.close()
    except OSError as error:
        _complain(f"The folder cannot be looked into ({error.strerror}). It is tried again.")
        time.sleep(10 * _PAUSE)


def _hear_one(folder: "Folder", path: Path, console: Console) -> None:
    name = escape(_printable(path.name))
    with console.status(f"{name} …") as shown:
        said = folder.hear(path, tell=lambda seconds: shown.update(f"{name} … {clock(seconds)}"))
    console.print(_printable(said), markup=False)


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)


def _complain(text: str) -> None:
    Console(stderr=True, highlight=False, soft_wrap=True).print(_printable(text), markup=False)


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
            table.add_row(clock(one.begin), clock(one.end), *told, ", ".join(one.changes))
        else:
            table.add_row(clock(one.begin), clock(one.end), *[""] * 4, f"[dim]not read: {why_unread(one.reason)}[/dim]")
    console = Console(highlight=False)
    console.print(table)
    outcome = outcome_of(heard, perceiver.producer)
    if isinstance(outcome, Abstention):
        console.print(f"Not read as a whole: {why_unread(outcome.reason)}.")
        return
    tones = ", ".join(f"{name} {value:.2f}" for name, value in outcome.tone_of_voice.items())
    console.print(f"On the whole: arousal {outcome.arousal:.2f}, {tones}; confidence {outcome.confidence:.2f}.")


def _styled(chance: float) -> str:
    return f"[bold]{chance:.2f}[/bold]" if chance >= _LIKELY else f"{chance:.2f}"


def clock(seconds: float) -> str:
    """Return seconds of a recording as on a clock: 1:05.3."""
    return f"{int(seconds) // 60}:{seconds % 60:04.1f}"
