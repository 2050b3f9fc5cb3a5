"""`unspoken evaluate`: measure the quality of the readings on public corpora."""

import importlib
import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from unspoken.commands.evaluate_trajectory import trajectory
from unspoken.perception.artifacts import seal
from unspoken.perception.text import ModelUnavailable, TextPerceiver
from unspoken.perception.text.card import card
from unspoken.perception.text.network import FOLDER
from unspoken.perception.text.report import Polarity, Reader, Report, measured
from unspoken.perception.text.report_service import service_lines

evaluate_command = typer.Typer(no_args_is_help=True, help="Measure the quality of the readings.")
evaluate_command.command("trajectory")(trajectory)


@evaluate_command.command()
def text(
    data: Annotated[Path, typer.Option(help="Folder that holds text/goemotions and the other corpora.")] = Path(
        "../shared/data"
    ),
    own: Annotated[Path, typer.Option(help="Folder of our own service messages; they come with the sources.")] = Path(
        "training/text/service"
    ),
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of tables.")] = False,
    write_card: Annotated[bool, typer.Option("--write-card", help="Write the figures to the model's card.")] = False,
    threads: Annotated[int, typer.Option(min=1, help="Processor cores to use.")] = 1,
) -> None:
    """Tell how well written messages are read, beside VADER where that is installed."""
    corpora = data / "text"
    missing = [name for name in ("goemotions", "emobank", "vader-gt", "uss") if not (corpora / name).is_dir()]
    if missing:
        raise typer.BadParameter(f"{corpora} lacks {', '.join(missing)}. Nothing was measured. Give --data.")
    try:
        perceiver = TextPerceiver(threads=threads)
        report = measured(perceiver, corpora, _vader())
        if own.is_dir():
            report = replace(report, lines=(*report.lines, *service_lines(Reader(perceiver), own)))
    except ModelUnavailable as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    if as_json:
        typer.echo(json.dumps(asdict(report), indent=1))
    else:
        _print(report)
    if write_card:
        (FOLDER / "card.md").write_text(card(report), encoding="utf-8")
        seal(FOLDER)


def _vader() -> Polarity | None:
    """Return VADER's compound score −1…1 of a text, or None where it is not installed."""
    try:
        analyser = importlib.import_module("vaderSentiment.vaderSentiment").SentimentIntensityAnalyzer()
    except ImportError:
        return None
    return lambda text: float(analyser.polarity_scores(text)["compound"])


def _print(report: Report) -> None:
    console = Console()
    figures = Table("corpus", "what", "ours", "VADER", title=f"{report.producer.name} {report.producer.version}")
    corpora = [line.corpus for line in report.lines]
    for line, above in zip(report.lines, ["", *corpora], strict=False):
        figures.add_row("" if line.corpus == above else line.corpus, line.what, str(line.ours), str(line.theirs or ""))
    labels = Table("label", "F1", "threshold", "rows")
    for name, f1, threshold, rows in report.labels:
        labels.add_row(name, f"{f1:.3f}", f"{threshold:.3f}", str(rows))
    console.print(figures, labels)
