"""`unspoken evaluate`: measure the quality of the readings on public corpora."""

import importlib
import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from unspoken.commands.evaluate_gates import refuse_below
from unspoken.commands.evaluate_trajectory import trajectory
from unspoken.commands.evaluate_voice import voice
from unspoken.perception.artifacts import seal
from unspoken.perception.text import ModelUnavailable, TextPerceiver
from unspoken.perception.text.card import card
from unspoken.perception.text.choice import folder_of, is_light
from unspoken.perception.text.corpora import SERVICE_TRAIN, service
from unspoken.perception.text.gates import LIGHT, STANDARD
from unspoken.perception.text.report import Polarity, Reader, Report, measured
from unspoken.perception.text.report_fairness import fairness_lines
from unspoken.perception.text.report_satisfaction import satisfaction_lines
from unspoken.perception.text.report_service import service_lines

evaluate_command = typer.Typer(no_args_is_help=True, help="Measure the quality of the readings.")
evaluate_command.command("trajectory")(trajectory)
evaluate_command.command("voice")(voice)
_CORPORA = ("goemotions", "emobank", "vader-gt", "uss", "semeval2025-task11")


@evaluate_command.command()
def text(
    data: Annotated[Path, typer.Option(help="Folder that holds text/goemotions and the other corpora.")] = Path(
        "../shared/data"
    ),
    own: Annotated[Path, typer.Option(help="Folder of our own service messages; they come with the sources.")] = Path(
        "training/text/service"
    ),
    model: Annotated[str, typer.Option(help="standard, light, or the folder of a model.")] = "standard",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of tables.")] = False,
    write_card: Annotated[bool, typer.Option("--write-card", help="Write the figures to the model's card.")] = False,
    threads: Annotated[int, typer.Option(min=1, help="Processor cores to use.")] = 1,
) -> None:
    """Tell how well written messages are read, beside VADER where that is installed."""
    corpora = data / "text"
    missing = [name for name in _CORPORA if not (corpora / name).is_dir()]
    if missing:
        raise typer.BadParameter(f"{corpora} lacks {', '.join(missing)}. Nothing was measured. Give --data.")
    try:
        report = _report(model, data, own, threads)
    except ModelUnavailable as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    if as_json:
        typer.echo(json.dumps(asdict(report), indent=1))
    else:
        _print(report)
    folder = folder_of(model)
    gates = LIGHT if is_light(folder) else STANDARD
    refuse_below(gates, report.lines)
    if write_card:
        (folder / "card.md").write_text(card(report, gates, _messages(own)), encoding="utf-8")
        seal(folder)


def _report(model: str, data: Path, own: Path, threads: int) -> Report:
    perceiver = TextPerceiver(model, threads=threads)
    reader = Reader(perceiver)
    report = measured(perceiver, data / "text", _vader())
    lines = [*report.lines, *satisfaction_lines(reader, data / "text")]
    if own.is_dir() and perceiver.service_thresholds:
        lines += service_lines(reader, own)
    if (data / "fairness").is_dir():
        unmasked = Reader(TextPerceiver(model, threads=threads, hides_persons=False))
        lines += fairness_lines(reader, unmasked, data / "fairness", own)
    return replace(report, lines=tuple(lines))


def _messages(own: Path) -> int:
    """Return how many of our own service messages the models were trained on."""
    return len(service(own, *SERVICE_TRAIN).texts) if own.is_dir() else 0


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
