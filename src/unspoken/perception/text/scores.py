"""What a text model says about windows of text, before calibration."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Scores:
    """What a network says about N windows of text.

    Label logits (N, 28), ratings (N, 4) of valence −1…1, arousal, dominance and intensity 0…1, embeddings (N, 384),
    service logits (N, 13), and for each window the logits (tokens, 28) whose mean is the label logit.
    """

    logits: NDArray[np.float32]
    ratings: NDArray[np.float32]
    embeddings: NDArray[np.float32]
    service: NDArray[np.float32]
    evidence: list[NDArray[np.float32]]


def joined(parts: Sequence[Scores]) -> Scores:
    """Return the scores of several lots of windows as those of one, in their order."""

    def together(name: str) -> NDArray[np.float32]:
        return np.concatenate([getattr(part, name) for part in parts])

    return Scores(
        together("logits"), together("ratings"), together("embeddings"), together("service"),
        [one for part in parts for one in part.evidence],
    )  # fmt: skip
