"""Writes of this app: reading texts, hearing recorded calls, storing readings, moving what follows from them,
corrections, recomputation."""

from .correct import correct_reading
from .hearing import NotHeard, hear
from .move import Movement, move
from .perceive import PerceptionUnavailableError, Words, analysis_is_on, perceive
from .recompute import recompute_contact
from .refollow import refollow
from .store import Made, store_readings

__all__ = [
    "Made", "Movement", "NotHeard", "PerceptionUnavailableError", "Words", "analysis_is_on", "correct_reading", "hear",
    "move", "perceive", "recompute_contact", "refollow", "store_readings",
]  # fmt: skip
