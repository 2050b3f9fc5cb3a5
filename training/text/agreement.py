"""How far the two readers of our own service messages agree: python -m training.text.agreement [NAME…]."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspoken.affect.vocabulary import LABELS, MARKS, MOVES
from unspoken.perception.text.corpora import SERVICE_DEV, SERVICE_TEST, SERVICE_TRAIN, both_readers

FOLDER = Path(__file__).parent / "service"
Row = dict[str, Any]


def kappa(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    """Return Cohen's kappa of two readers' decisions (1960): agreement beyond chance, at most 1."""
    chance = one.mean() * other.mean() + (1 - one.mean()) * (1 - other.mean())
    return float(((one == other).mean() - chance) / (1 - chance))


def main(names: Sequence[str]) -> None:
    """Print the agreement on every label, mark and move."""
    both = both_readers(FOLDER, *(names or (*SERVICE_TRAIN, *SERVICE_DEV, SERVICE_TEST)))

    def said(value: Callable[[Row], float]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        one, other = np.array([[value(row) for row in pair] for pair in both], np.float64).T
        return one, other

    print(f"{len(both)} messages\n{'':16}  first second kappa")
    for kind, known, value in (
        ("mark", MARKS, lambda name: lambda row: row["marks"].get(name, 0.0)),
        ("move", MOVES, lambda name: lambda row: float(name in row["moves"])),
        ("label", LABELS, lambda name: lambda row: float(name in row["labels"])),
    ):
        print(f"-- {kind}: share of messages that have it (of a mark: at least faintly)")
        for name in known:
            one, other = said(value(name))
            print(f"{name:16} {np.mean(one > 0):6.3f} {np.mean(other > 0):6.3f} {kappa(one > 0, other > 0):5.2f}")
    for name in ("valence", "arousal"):
        print(f"-- {name}: Pearson's r {np.corrcoef(*said(lambda row, name=name: row[name]))[0, 1]:.3f}")


if __name__ == "__main__":
    main(sys.argv[1:])
