"""Readings and turns for tests: one line each, with only what a test is about."""

import numpy as np
from numpy.typing import NDArray

from unspoken.affect.reading import Producer, Reading
from unspoken.affect.turns import Turn
from unspoken.affect.vocabulary import CX, LABELS, cx_of

PRODUCER = Producer("test", "1")
DIMENSIONS = 384


def about(topic: int, *, lean: float = 0.0) -> NDArray[np.float32]:
    """Return a unit embedding of a topic; `lean` (0…1) turns it towards the next topic."""
    vector = np.zeros(DIMENSIONS, dtype=np.float32)
    vector[topic], vector[topic + 1] = (1 - lean**2) ** 0.5, lean
    return vector


def reading(
    valence: float = 0.0, *, topic: int | None = None, lean: float = 0.0, confidence: float = 1.0, **cx: float
) -> Reading:
    """Return a reading with exactly these numbers; categories that are not named are 0."""
    labels = dict.fromkeys(LABELS, 0.0)
    embedding = None if topic is None else about(topic, lean=lean)
    return Reading(labels, dict.fromkeys(CX, 0.0) | cx, valence, 0.0, confidence, (), PRODUCER, embedding)


def of_labels(**labels: float) -> Reading:
    """Return a neutral reading of these label probabilities, with the CX probabilities that follow from them."""
    every = dict.fromkeys(LABELS, 0.0) | labels
    return Reading(every, cx_of(every), 0.0, 0.0, 1.0, (), PRODUCER)


def customer(number: int, at: float, what: Reading | None = None) -> Turn:
    return Turn(f"c{number}", at, "customer", what)


def agent(number: int, at: float, text: str = "") -> Turn:
    return Turn.of(f"a{number}", at, "agent", text)
