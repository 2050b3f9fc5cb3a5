"""What the heads tell of a voice's tone, and what was taken for true when they were made. Pure."""

from collections.abc import Mapping
from types import MappingProxyType

EMOTIONS = ("anger", "boredom", "disgust", "fear", "happiness", "neutral", "sadness")
"""Emotions as actors of EmoDB played them; a weak hint elsewhere."""

SCALES = ("arousal", "stress", "anger", "sadness", "pleasure")

TRUE: Mapping[str, Mapping[str, bool]] = MappingProxyType(
    {
        "arousal": {"anger": True, "fear": True, "happiness": True,
                    "boredom": False, "neutral": False, "sadness": False},
        "stress": {"anger": True, "fear": True, "boredom": False, "disgust": False, "happiness": False,
                   "neutral": False, "sadness": False},
        "anger": {name: name == "anger" for name in EMOTIONS},
        "sadness": {name: name == "sadness" for name in EMOTIONS},
        "pleasure": {"happiness": True, "anger": False, "fear": False, "disgust": False, "sadness": False},
    }
)  # fmt: skip
"""Which emotions count as high, which as low; those that are not named say nothing of a scale."""
