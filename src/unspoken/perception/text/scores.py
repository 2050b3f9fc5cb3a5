"""What a text model says about windows of text, before calibration."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Evidence = Callable[[Sequence[tuple[int, int]]], list[NDArray[np.float32]]]


@dataclass(frozen=True, slots=True)
class Scores:
    """What a network says about N windows of text.

    Label logits (N, 28), ratings (N, 4) of valence −1…1, arousal, dominance and intensity 0…1, embeddings (N, 384),
    service logits (N, 13). evidence: of windows and labels asked for (window, label), the logits (tokens,) whose mean
    is the label logit but for a constant; empty ones of a model that does not tell.
    """

    logits: NDArray[np.float32]
    ratings: NDArray[np.float32]
    embeddings: NDArray[np.float32]
    service: NDArray[np.float32]
    evidence: Evidence


def no_evidence(wanted: Sequence[tuple[int, int]]) -> list[NDArray[np.float32]]:
    """Return what a model says that does not tell."""
    return [np.empty(0, np.float32)] * len(wanted)
