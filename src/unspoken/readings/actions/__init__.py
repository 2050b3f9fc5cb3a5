"""Writes of this app: reading texts, keeping the tone of calls, storing readings, moving what follows from them,
corrections, recomputation, taking conversations out."""

from .correct import correct_reading
from .hearing import Told, Usual, remember_usual_voice, store_tones, usual_voice, voice_consents
from .move import Movement, move
from .perceive import PerceptionUnavailableError, Words, analysis_is_on, perceive
from .recompute import recompute_contact
from .refollow import refollow
from .store import Made, store_readings
from .take_out import take_out

__all__ = [
    "Made", "Movement", "PerceptionUnavailableError", "Told", "Usual", "Words", "analysis_is_on", "correct_reading",
    "move", "perceive", "recompute_contact", "refollow", "remember_usual_voice", "store_readings", "store_tones",
    "take_out", "usual_voice", "voice_consents",
]  # fmt: skip
