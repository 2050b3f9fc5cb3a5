"""Make soft targets of what the teachers say: python -m training.text.soften --work DIR.

DIR holds fold0 … fold4 and emotions0 … emotions2, each with `said.npz`. Ratings, marks and the labels of our own
messages are the mean of the all-round teachers; the labels of all other rows that of those who learnt nothing else.
Knowledge distillation: Hinton et al. 2015.
"""

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.text.data import service
from training.text.learning import FOLDS
from unspoken.perception.text.corpora import SERVICE_TRAIN

EMOTION_TEACHERS = 3


def chances(said: list[Path], name: str) -> NDArray[np.float32]:
    """Return the mean of what several teachers say, as probabilities."""
    mean: NDArray[np.float32] = np.mean([1 / (1 + np.exp(-np.load(path)[name])) for path in said], axis=0)
    return mean


def main() -> None:
    """Write `soft.npz`: labels (N, 28) and marks (N, 13) 0…1, ratings (N, 4)."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--service", type=Path, default=Path("training/text/service"))
    arguments.add_argument("--work", type=Path, required=True)
    arguments.add_argument("--rows", type=int, help="as the teachers were given")
    given = arguments.parse_args()
    all_round = [given.work / f"fold{fold}" / "said.npz" for fold in range(FOLDS)]
    emotions = [given.work / f"emotions{number}" / "said.npz" for number in range(EMOTION_TEACHERS)]
    labels, own = chances(emotions, "labels"), len(service(given.service, *SERVICE_TRAIN).head(given.rows))
    labels[-own:] = chances(all_round, "labels")[-own:]
    np.savez_compressed(
        given.work / "soft.npz",
        labels=labels.astype(np.float16),
        marks=chances(all_round, "marks").astype(np.float16),
        ratings=np.mean([np.load(path)["ratings"] for path in all_round], axis=0).astype(np.float16),
    )


if __name__ == "__main__":
    main()
