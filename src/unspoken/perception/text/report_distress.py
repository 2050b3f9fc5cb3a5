"""Which messages of our own show distress in their words, and how the shipped model reads them: held out for pairs."""

from pathlib import Path

import numpy as np

from unspoken.affect.reading import Reading
from unspoken.affect.vocabulary import LABELS, MARKS
from unspoken.perception.pairs import Channel
from unspoken.perception.text.corpora import HELD, SERVICE_DEV, SERVICE_TEST, service
from unspoken.perception.text.perceiver import TextPerceiver
from unspoken.perception.text.signal import TextSignal

FITTED, MEASURED = SERVICE_DEV, (SERVICE_TEST,)
"""The files that reliabilities are learnt on (the model was calibrated on them), and those they are measured on."""

_LABELS = [LABELS.index(name) for name in ("anger", "annoyance", "disappointment")]
_MARKS = [list(MARKS).index(name) for name in ("frustration", "disappointment", "dissatisfied")]


def words_of(perceiver: TextPerceiver, folder: Path, *names: str) -> Channel:
    """Return the messages of some files that the model reads: distressed are those that both readers together call
    angry, annoyed, disappointed, frustrated or dissatisfied."""
    rows = service(folder, *names)
    signals = [TextSignal(text, context=context) for text, context in zip(rows.texts, rows.contexts, strict=True)]
    found = perceiver.read(signals)
    distressed = np.any(np.hstack([rows.labels[:, _LABELS], rows.marks[:, _MARKS]]) >= HELD, axis=1)
    chance = np.array([one.displeasure if isinstance(one, Reading) else np.nan for one in found])
    return Channel(chance, distressed, np.arange(len(chance))).of(~np.isnan(chance))
