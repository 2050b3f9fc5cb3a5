"""Whether two voices sound at once on one channel (overlapped speech detection), by what the network makes of a window.

Learnt from voices laid over each other (`training/voice/overlap.py`); nothing is told or kept of whose they are.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Weights = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class OverlapDetector:
    """A network of one hidden layer: inner (1536, N) and inner_bias (N,), outer (N,) and outer_bias, which holds the
    operating point: from 0 on two voices are heard."""

    inner: Weights
    inner_bias: Weights
    outer: Weights
    outer_bias: float

    @classmethod
    def of(cls, kept: Mapping[str, Any], *place: int) -> "OverlapDetector":
        """Return the detector that `kept` holds, in `place` where it holds several."""
        inner, inner_bias, outer = (kept[name][place].astype(np.float32) for name in ("inner", "inner_bias", "outer"))
        return cls(inner, inner_bias, outer, float(kept["outer_bias"][place]))

    def score(self, pooled: Weights) -> NDArray[np.float64]:
        """Return by how much (logits, …) two voices are more likely than the operating point, of pooled (…, 1536)."""
        hidden = np.maximum(pooled @ self.inner + self.inner_bias, 0)
        return np.asarray(hidden @ self.outer + self.outer_bias, np.float64)

    def hears_two(self, pooled: Weights) -> bool:
        """Tell whether two voices sound at once in a window (1536,), so that its tone is not to be read."""
        return bool(self.score(pooled) >= 0)
