"""`unspoken demo`: the imagined shop, ready to look at, with a chat that plays itself."""

import logging
import os
import threading
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from unspoken.perception.voice.sides import Side

from .serve import Host, Port, prepare_database, run_server
from .setup import start_django

if TYPE_CHECKING:
    from unspoken.demo.recordings import Recording
    from unspoken.demo.replay import Line

logger = logging.getLogger(__name__)
CALLS_AFTER = 8.0  # seconds after the start until the live call begins


def demo_command(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    replay: Annotated[Path | None, typer.Option(help="Play the first dialogue of this file instead")] = None,
    pace: Annotated[float | None, typer.Option(help="At most so many seconds between turns", min=0.0)] = None,
    call: Annotated[Path | None, typer.Option(help="Play this stereo recording as the live call instead")] = None,
    customer: Annotated[Side, typer.Option(help="The channel of that recording that is the caller's")] = Side.LEFT,
    live: Annotated[bool, typer.Option(help="Play the live chat and the live call")] = True,
) -> None:
    """Make the demo (the first time), serve it, and play a live chat and a live call."""
    os.environ.setdefault("UNSPOKEN_URL", f"http://{host}:{port}")
    os.environ.setdefault("UNSPOKEN_KEEP_RECORDINGS_DAYS", "90")  # so that the recorded call can be listened to
    start_django()
    from unspoken.demo import replay as stage

    try:
        dialogue = stage.dialogues_in(replay)[0] if replay else None
    except stage.DialogueError as error:
        raise typer.BadParameter(str(error)) from error
    recording = _recording(call) if call else None
    prepare_database()
    make_demo()
    announce(host, port)
    stop = threading.Event()
    players = [
        threading.Thread(target=_play, args=(dialogue, pace, stop), name="live chat", daemon=True),
        threading.Thread(target=_call, args=(recording, customer, host, port, stop), name="live call", daemon=True),
    ]
    try:
        run_server(host=host, port=port, worker=True, beside=partial(_start, players) if live else None)
    finally:
        stop.set()


def _start(players: "list[threading.Thread]") -> None:
    for player in players:
        player.start()


def _recording(path: Path) -> "Recording":
    """Return a recording as it goes over the line; refuse what is none."""
    from unspoken.demo.recordings import RecordingError, recording_in
    from unspoken.perception.voice.decoding import NotDecodable, blocks

    try:
        return recording_in(path, decode=blocks)
    except (RecordingError, NotDecodable) as error:
        raise typer.BadParameter(str(error)) from error


def _call(recording: "Recording | None", customer: Side, host: str, port: int, stop: threading.Event) -> None:
    from unspoken.demo.calling import line_of_the_demo, play_live_call
    from unspoken.intake import batcher
    from unspoken.kit.clock import now

    try:
        inbox = line_of_the_demo()
        if inbox is None or stop.wait(CALLS_AFTER):
            return
        play_live_call(
            inbox, host=host, port=port, clock=now, stopped=stop.wait, recording=recording, customer=customer,
            submit=lambda inbound: batcher.submit(inbound).result(timeout=30),
        )  # fmt: skip
    except Exception:
        logger.exception("The live call stopped; everything else goes on")


def make_demo() -> None:
    """Make the shop and its ninety days, unless they are there; completes what a kill left half made."""
    from unspoken.demo.calling import let_recorded_call_happen
    from unspoken.demo.history import happen
    from unspoken.demo.shop import open_shop
    from unspoken.demo.state import finish, is_finished
    from unspoken.kit.clock import now

    if is_finished():
        return
    moment = now()
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Letting ninety days of Hazel & Rook happen", total=None)
        happen(
            open_shop(now=moment),
            now=moment,
            tell=lambda done, total: progress.update(task, completed=done, total=total),
        )
    let_recorded_call_happen(now=moment)
    finish(now=moment)


def announce(host: str, port: int) -> None:
    """Print where the demo is and how to sign in."""
    from unspoken.demo.shop import PASSWORD, address

    console = Console()
    console.print(f"\n  [bold]Unspoken[/bold] is at [link]http://{host}:{port}[/link]")
    console.print(f"  Sign in as [bold]{address('ada')}[/bold] with [bold]{PASSWORD}[/bold]")
    console.print("  (ben@…, cleo@…, dara@…, ana@… and pia@… have the same password and see what their roles may see)")
    console.print("  A live chat and a live call begin in a few seconds: watch the queue. Stop with Ctrl+C.\n")


def _play(dialogue: "list[Line] | None", pace: float | None, stop: threading.Event) -> None:
    from unspoken.demo import replay as stage
    from unspoken.demo.history import SOURCE, person_of
    from unspoken.demo.shop import address
    from unspoken.demo.written import lines_of
    from unspoken.intake import batcher
    from unspoken.kit.clock import now

    told = lines_of("live.jsonl")[0]
    person = person_of(told) if dialogue is None else stage.visitor("Visitor", "demo-visitor")
    lines = dialogue or [line for turn in told["messages"] if (line := stage.line_of(turn))]
    try:
        stage.play(
            lines, person=person, source=SOURCE, inbox=told["inbox"], member_email=address("ben"), clock=now,
            submit=lambda inbound: batcher.submit(inbound).result(timeout=30), stopped=stop.wait, fastest=pace,
        )  # fmt: skip
    except Exception:
        logger.exception("The live chat stopped; everything else goes on")
