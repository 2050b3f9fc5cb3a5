"""What a model must reach to be shipped, and what is aimed at: figures by corpus and name.

A floor is a gate: `unspoken evaluate … --write-card` refuses to bless weights that miss one. An aim is what the best
of this size should reach; the card says how far from it the model is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from unspoken.perception.figures import Line


@dataclass(frozen=True, slots=True)
class Gate:
    """A figure's floor and aim; `most` where less is better. The figure is the first whose corpus and name begin so."""

    corpus: str
    what: str
    floor: float
    aim: float
    most: bool = False

    def passes(self, value: float) -> bool:
        """Tell whether a value may ship."""
        return value <= self.floor if self.most else value >= self.floor

    def reaches(self, value: float) -> bool:
        """Tell whether a value is what was aimed at."""
        return value <= self.aim if self.most else value >= self.aim


def found(gates: Sequence[Gate], lines: Sequence[Line]) -> Iterator[tuple[Gate, Line]]:
    """Yield each gate that was measured, with its figure."""
    for gate in gates:
        for line in lines:
            if line.corpus.startswith(gate.corpus) and line.what.startswith(gate.what):
                yield gate, line
                break


def missed(gates: Sequence[Gate], lines: Sequence[Line]) -> list[str]:
    """Return, in words, the floors that are missed."""
    return [
        f"{line.corpus}: {line.what} is {line.ours.value:.3f}; the gate is {'≤' if gate.most else '≥'} {gate.floor}"
        for gate, line in found(gates, lines)
        if not gate.passes(line.ours.value)
    ]
