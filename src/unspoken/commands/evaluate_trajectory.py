"""Measure the forecast on rated dialogues: `unspoken evaluate trajectory`."""

import json as json_format
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from unspoken import affect
from unspoken.affect.evaluation import (
    OURS,
    Beginnings,
    Comparison,
    Recognition,
    beginnings,
    calibration,
    compare,
    parse_dialogues,
    parse_questions,
    recognition,
    together,
)
from unspoken.affect.reading import Reading

CORPORA = ("MWOZ", "SGD", "ReDial", "CCPE")
FOLDER = Path("text/uss/dataset")
EXAMPLES = Path(affect.__file__).parent / "examples"


def trajectory(
    data: Annotated[Path, typer.Option(help="Folder that holds text/uss/dataset.")] = Path("../shared/data"),
    whole: Annotated[bool, typer.Option(help="Also the half in view of which the forecast was shaped.")] = False,
    json: Annotated[bool, typer.Option(help="Print one JSON object instead of tables.")] = False,
    resamples: Annotated[int, typer.Option(help="Resamples of whole dialogues behind each interval.", min=10)] = 500,
) -> None:
    """Tell how well the chance that a conversation ends badly separates dialogues with a later turn rated below 3."""
    missing = [name for name in CORPORA if not (data / FOLDER / f"{name}.txt").is_file()]
    if missing:
        typer.echo(f"No rated dialogues: {', '.join(missing)} not found in {data / FOLDER}. Give --data.", err=True)
        raise typer.Exit(1)
    parts = {name: _beginnings(data / FOLDER / f"{name}.txt", every=1 if whole else 2) for name in CORPORA}
    parts["together"] = together(list(parts.values()))
    parts["together, only the very next turn"] = parts["together"].of_next_turn()
    parts["our own examples"] = _beginnings(EXAMPLES / "dialogues.tsv", every=1)
    compared = {name: compare(part, resamples=resamples) for name, part in parts.items()}
    again = recognition(parse_questions((EXAMPLES / "questions.tsv").read_text(encoding="utf-8")), _read)
    if json:
        found = {name: _as_json(parts[name], comparison) for name, comparison in compared.items()}
        typer.echo(json_format.dumps(found | {"asked again": again._asdict()}, indent=1))
        return
    _print(parts, compared, again)


def _print(parts: Mapping[str, Beginnings], compared: Mapping[str, Comparison], again: Recognition) -> None:
    console = Console()
    for name, comparison in compared.items():
        console.print(_table(name, parts[name], comparison))
    console.print(_calibration_table(parts["together"]))
    console.print(
        f"Asked again: {again.found:.0%} of repeated questions found, {again.mistaken:.0%} of others taken for one."
    )


def _beginnings(path: Path, *, every: int) -> Beginnings:
    return beginnings(parse_dialogues(path.read_text(encoding="utf-8"))[::every], _read)


def _read(texts: Sequence[str]) -> list[Reading | None]:
    from unspoken.perception.text import TextSignal, shipped

    outcomes = shipped().read([TextSignal(text=text) for text in texts])
    return [outcome if isinstance(outcome, Reading) else None for outcome in outcomes]


def _table(name: str, of: Beginnings, comparison: Comparison) -> Table:
    title = (
        f"{name}: {len(set(of.dialogue.tolist()))} dialogues, {len(of.badly)} beginnings, {of.badly.mean():.0%} badly"
    )
    table = Table("", "AUROC", "95 %", "forecast leads by", title=title, title_justify="left")
    lengths = sorted(comparison.results[0].by_length)
    for length in lengths:
        table.add_column(str(length), justify="right")
    for result in comparison.results:
        lead = comparison.leads.get(result.method)
        table.add_row(
            result.method,
            f"{result.auroc:.3f}",
            f"{result.low:.3f}–{result.high:.3f}",
            f"{lead[0]:+.3f} ({lead[1]:+.3f} to {lead[2]:+.3f})" if lead else "",
            *(f"{result.by_length[length]:.2f}" for length in lengths),
            style="bold" if result.method == OURS else "",
        )
    table.caption = "1, 2 …: AUROC of beginnings of so many customer turns"
    return table


def _calibration_table(of: Beginnings) -> Table:
    table = Table("forecast", "ended badly", "beginnings", title="Calibration, all rated corpora", title_justify="left")
    for forecast, badly, count in calibration(of):
        table.add_row(f"{forecast:.2f}", f"{badly:.2f}", str(count))
    return table


def _as_json(of: Beginnings, comparison: Comparison) -> dict[str, Any]:
    return {
        "beginnings": len(of.badly),
        "badly": float(of.badly.mean()),
        "results": [result._asdict() for result in comparison.results],
        "leads": comparison.leads,
        "calibration": calibration(of),
    }
