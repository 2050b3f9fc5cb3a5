"""Held-out readings of a channel as they might be, made of numbers."""

import numpy as np

from unspoken.perception.pairs import Channel


def channel(count: int, *, worth: float, seed: int) -> Channel:
    """Return a calibrated channel of which half shows distress: normal log-odds, `worth` times a mean of ±1."""
    random = np.random.default_rng(seed)
    distressed = random.random(count) < 0.5
    seen = np.where(distressed, worth, -worth) + random.normal(size=count)
    odds = 2 * worth * seen  # what a normal with those means says of itself
    return Channel(1 / (1 + np.exp(-odds)), distressed, np.arange(count) % 10)
