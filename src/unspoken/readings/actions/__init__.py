"""Writes of this app: reading texts, storing readings, moving what follows from them, corrections, recomputation."""

from .correct import correct_reading
from .move import Movement, follow_up, move
from .perceive import PerceptionUnavailable, analysis_is_on, perceive
from .recompute import recompute_contact
from .store import Made, store_readings

__all__ = [
    "Made", "Movement", "PerceptionUnavailable", "analysis_is_on", "correct_reading", "follow_up", "move", "perceive",
    "recompute_contact", "store_readings",
]  # fmt: skip
