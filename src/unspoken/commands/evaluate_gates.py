"""What `unspoken evaluate` does with weights that miss a gate: it says which, writes no card, and fails."""

from collections.abc import Sequence

import typer

from unspoken.perception.figures import Line
from unspoken.perception.gates import Gate, missed


def refuse_below(gates: Sequence[Gate], lines: Sequence[Line]) -> None:
    """Say which floors the figures miss and exit with 1; return where all are reached."""
    short = missed(gates, lines)
    for words in short:
        typer.echo(f"Below its gate. {words}.", err=True)
    if short:
        typer.echo("These weights are not blessed; no card was written.", err=True)
        raise typer.Exit(1)
