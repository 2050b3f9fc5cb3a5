"""`unspoken evaluate voice`: measure how well the tone of voices is read."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from unspoken.commands.evaluate_fusion import fusion_figures
from unspoken.commands.evaluate_gates import refuse_below
from unspoken.perception.artifacts import ModelUnavailable, seal
from unspoken.perception.figures import Line
from unspoken.perception.speech.faster import FasterWhisper
from unspoken.perception.speech.report import NothingToMeasure, speech_lines
from unspoken.perception.voice.abstention_report import abstention_lines
from unspoken.perception.voice.card import card
from unspoken.perception.voice.corpora import load
from unspoken.perception.voice.gates import VOICE
from unspoken.perception.voice.network import FOLDER, Network
from unspoken.perception.voice.overlap_report import overlap_lines
from unspoken.perception.voice.report import voice_lines
from unspoken.perception.voice.telephone import carried


def voice(
    data: Annotated[Path, typer.Option(help="Folder that holds voice/emodb, and perhaps voice/tess.")] = Path(
        "../shared/data"
    ),
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")] = False,
    write_card: Annotated[bool, typer.Option("--write-card", help="Write the figures to the model's card.")] = False,
) -> None:
    """Tell how well the tone of a voice is read: speakers never heard, clean and through a telephone."""
    if not (data / "voice" / "emodb").is_dir():
        raise typer.BadParameter(f"{data / 'voice'} lacks emodb. Nothing was measured. Give --data.")
    try:
        network = Network()
        lines = [
            *voice_lines(network, data / "voice"),
            *abstention_lines(network, data / "voice"),
            *overlap_lines(network, data / "voice"),
            *fusion_figures(network, data / "voice" / "emodb"),
            *speech_figures(data / "voice"),
        ]
    except ModelUnavailable as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    except ImportError as error:
        typer.echo("Recordings need PyAV; install it with: pip install 'unspoken[voice]'", err=True)
        raise typer.Exit(1) from error
    if as_json:
        typer.echo(
            json.dumps({"producer": asdict(network.producer), "lines": [asdict(line) for line in lines]}, indent=1)
        )
    else:
        table = Table("measured on", "what", "value (95 % interval)", box=None, header_style="dim", pad_edge=False)
        for line in lines:
            table.add_row(line.corpus, line.what, str(line.ours))
        Console(highlight=False).print(table)
    refuse_below(VOICE, lines)
    if write_card:
        (FOLDER / "card.md").write_text(card(network.producer, VOICE, lines), encoding="utf-8")
        seal(FOLDER)


def speech_figures(voices: Path) -> list[Line]:
    """Return how well speech is written down; none where the extra or its recordings are not there, which is said."""
    try:
        return list(speech_lines(FasterWhisper(), voices, load=load, carried=carried))
    except (ModelUnavailable, NothingToMeasure) as error:
        typer.echo(f"Speech to text was not measured: {error}", err=True)
        return []
