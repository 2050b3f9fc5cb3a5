"""What is usual where nothing is known is what the shipped models read: a new model says here that it reads otherwise.

The messages come with the sources, not with the product. They are those of the writer by whose messages the models were
calibrated, not trained: on messages that it was trained on a model is surer than it will be of a customer's.
"""

from pathlib import Path

import numpy as np
import pytest

from unspoken.affect.baseline import SERVICE, Usual
from unspoken.affect.reading import Reading
from unspoken.perception.text import TextPerceiver, TextSignal
from unspoken.perception.text.context import Context
from unspoken.perception.text.corpora import HELD, both_readers

OWN, DESK = Path(__file__).parents[4] / "training/text/service", "care"  # a file that is one mixed desk's
CONVERSED = ("chat", "email", "call")
DISCONTENT = 0.15
"""Share of customers' messages that is taken to be discontent with us, at a desk of which nothing is known."""
NEAR = 0.06
"""How far a number may lie from what a model reads: wide enough that one prior serves both models."""


def read_by(model: str) -> Usual:
    """Return mean and spread of what `model` reads in our own messages, discontent counted as often as DISCONTENT."""
    pairs = [pair for pair in both_readers(OWN, DESK) if pair[0]["channel"] in CONVERSED]
    signals = [TextSignal(text=row["text"], context=Context(row["agent"], tuple(row["before"]))) for row, _ in pairs]
    found: dict[bool, list[tuple[float, float]]] = {True: [], False: []}
    for outcome, readers in zip(TextPerceiver(model).read(signals), pairs, strict=True):
        if isinstance(outcome, Reading):
            discontent = np.mean([reader["marks"].get("dissatisfied", 0.0) for reader in readers]) >= HELD
            found[bool(discontent)].append((outcome.valence, outcome.cx["frustration"]))
    shares = {True: DISCONTENT, False: 1.0 - DISCONTENT}
    weights = np.concatenate([np.full(len(rows), shares[kind] / len(rows)) for kind, rows in found.items()])
    numbers = np.concatenate([np.array(rows) for rows in found.values()])
    means = weights @ numbers
    spreads = np.sqrt(weights @ (numbers - means) ** 2)
    return Usual(*(float(number) for pair in zip(means, spreads, strict=True) for number in pair))


@pytest.mark.skipif(not OWN.is_dir(), reason="our own service messages come with the sources only")
@pytest.mark.parametrize("model", ["standard", "light"])
def test_what_is_usual_is_near_what_the_shipped_models_read(model: str) -> None:
    read = read_by(model)
    assert read == pytest.approx(SERVICE, abs=NEAR), (
        f"The {model} model reads {read} where the prior says {SERVICE}. Set affect.baseline.SERVICE anew, then look at"
        " what moves: `unspoken evaluate trajectory`, and the rules in flags/defaults.py on the demo."
    )
