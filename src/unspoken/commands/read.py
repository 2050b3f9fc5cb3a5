"""`unspoken read`: print what a text expresses, or one JSON object for each line of a file."""

import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer
from rich.console import Console
from rich.text import Text

from unspoken.affect.reading import Abstention, Outcome, Reading, why_unread
from unspoken.affect.vocabulary import CX, LABELS
from unspoken.perception.text import ModelUnavailable, TextPerceiver, TextSignal

LINES_AT_ONCE = 1_024
_SHOWN_CATEGORIES = 3
_LIKELY = 0.4  # marks and moves are named from here on
_COLOURS = {-1: "bold red", 0: "bold cyan", 1: "bold green"}


def read_command(
    text: Annotated[str | None, typer.Argument(help="The text to read.")] = None,
    file: Annotated[str | None, typer.Option(help="Read each line of this file; - reads standard input.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Read also what it would abstain from.")] = False,
    model: Annotated[
        str, typer.Option(envvar="UNSPOKEN_TEXT_MODEL", help="standard, light, or the folder of a model.")
    ] = "standard",
    threads: Annotated[int | None, typer.Option(min=1, help="Processor cores to use (a file: all).")] = None,
) -> None:
    """Print what a text expresses and the words that carried it."""
    if (text is None) == (file is None):
        raise typer.BadParameter('Give either a text, as in unspoken read "Where is my order?", or --file.')
    cores = threads or (os.cpu_count() or 1 if file else 1)
    perceiver = TextPerceiver(model, threads=cores)
    with _explained():
        if file is None:
            assert text is not None
            _show([text], perceiver, as_json=as_json, force=force)
            return
        with _opened(file) as lines:
            for batch in _batches(_decoded(lines, file)):
                _show(batch, perceiver, as_json=as_json, force=force)


def as_object(outcome: Outcome, perceiver: TextPerceiver) -> dict[str, Any]:
    """Return the reading or abstention as plain JSON; probabilities 0…1 to four places.

    expressed: labels over their thresholds; possible: those that cannot be ruled out (`TextPerceiver.possible`).
    """
    producer = outcome.producer
    model = {"name": producer.name, "version": producer.version, "sha256": producer.sha256}
    if isinstance(outcome, Abstention):
        return {
            "labels": None, "expressed": [], "possible": [], "cx": None, "valence": None, "arousal": None,
            "dominance": None, "intensity": None, "service": None, "confidence": None, "spans": [],
            "abstained": str(outcome.reason), "model": model,
        }  # fmt: skip
    thresholds = perceiver.thresholds
    return {
        "labels": {label: round(outcome.labels[label], 4) for label in LABELS},
        "expressed": [label for label in LABELS if outcome.labels[label] >= thresholds[label]],
        "possible": perceiver.possible(outcome),
        "cx": {name: round(probability, 4) for name, probability in outcome.cx.items()},
        "valence": round(outcome.valence, 4),
        "arousal": round(outcome.arousal, 4),
        "dominance": None if outcome.dominance is None else round(outcome.dominance, 4),
        "intensity": None if outcome.intensity is None else round(outcome.intensity, 4),
        "service": {name: round(probability, 4) for name, probability in outcome.service.items()},
        "confidence": round(outcome.confidence, 4),
        "spans": [
            {"start": span.start, "end": span.end, "label": span.label, "weight": round(span.weight, 4)}
            for span in outcome.spans
        ],
        "abstained": None,
        "model": model,
    }


def as_text(text: str, outcome: Outcome) -> Text:
    """Return the text with its spans coloured, and below it what it reads as and why."""
    shown = Text(text)
    if isinstance(outcome, Abstention):
        return shown.append(f"\n  not read: {why_unread(outcome.reason)} ({outcome.reason})", style="dim")
    for span in outcome.spans:
        shown.stylize(_COLOURS[_side(span.label)], span.start, span.end)
    return shown.append("\n  " + _sentence(text, outcome), style="not bold dim")


def _sentence(text: str, reading: Reading) -> str:
    ranked = sorted(reading.cx.items(), key=lambda item: -item[1])[:_SHOWN_CATEGORIES]
    categories = " · ".join(f"{name} {probability:.2f}" for name, probability in ranked)
    said = [f"{name} {probability:.2f}" for name, probability in reading.service.items() if probability >= _LIKELY]
    because = "; ".join(f"“{text[span.start : span.end]}” {span.label} {span.weight:.2f}" for span in reading.spans)
    scales = f"valence {reading.valence:+.2f}, arousal {reading.arousal:.2f}, confidence {reading.confidence:.2f}"
    marks = f"\n  for us: {' · '.join(said)}" if said else ""
    return f"reads as {categories}\n  {scales}{marks}" + (f"\n  carried by {because}" if because else "")


def _side(label: str) -> int:
    return max(CX.values(), key=lambda category: category.weights.get(label, 0.0)).side


def _show(texts: list[str], perceiver: TextPerceiver, *, as_json: bool, force: bool) -> None:
    outcomes = perceiver.read([TextSignal(text) for text in texts], force=force)
    if as_json:
        lines = [json.dumps(as_object(outcome, perceiver), separators=(",", ":")) + "\n" for outcome in outcomes]
        sys.stdout.write("".join(lines))
        sys.stdout.flush()
        return
    console = Console(highlight=False)
    for text, outcome in zip(texts, outcomes, strict=True):
        console.print(as_text(text, outcome))


def _batches(texts: Iterable[str]) -> Iterator[list[str]]:
    remaining = iter(texts)
    while batch := list(islice(remaining, LINES_AT_ONCE)):
        yield batch


def _decoded(lines: Iterable[bytes], name: str) -> Iterator[str]:
    """Yield the lines as text; what is not UTF-8 is read as Windows-1252, and said so."""
    mended: list[int] = []
    for number, line in enumerate(lines, 1):
        if number == 1 and line[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise typer.BadParameter(
                f"{name} is UTF-16. Nothing was read. Convert it: iconv -f UTF-16 -t UTF-8 {name} > utf8.txt"
            )
        content = line.rstrip(b"\r\n").removeprefix(b"\xef\xbb\xbf" if number == 1 else b"")
        try:
            yield content.decode()
        except UnicodeDecodeError:
            mended.append(number)
            yield content.decode("cp1252", errors="replace")
    if mended:
        _warn(f"{name}: not UTF-8, so read as Windows-1252: {len(mended)} line(s), the first is line {mended[0]}.")


@contextmanager
def _opened(file: str) -> Iterator[BinaryIO]:
    if file == "-":
        yield sys.stdin.buffer
        return
    with ExitStack() as closing:
        try:
            stream = closing.enter_context(Path(file).open("rb"))
        except OSError as error:
            raise typer.BadParameter(f"{file} cannot be opened: {error.strerror}. Nothing was read.") from error
        yield stream


@contextmanager
def _explained() -> Iterator[None]:
    """Turn a missing model and a closed pipe into a clean exit."""
    try:
        yield
    except ModelUnavailable as error:
        _warn(str(error))
        raise typer.Exit(1) from error
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _warn(message: str) -> None:
    Console(stderr=True, highlight=False, soft_wrap=True).print(message)
