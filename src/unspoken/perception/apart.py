"""Reading texts in a process of its own.

`Apart.read` sends a batch of texts to a child process and waits for its outcomes; `python -m unspoken.perception.apart
[MODEL]` is that child. How they speak is in `child.py`.
"""

import contextlib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from unspoken.affect.reading import Outcome
from unspoken.perception.artifacts import ModelUnavailable
from unspoken.perception.child import Child, serve
from unspoken.perception.text.signal import TextSignal

_ENDED = (
    "The process that reads texts ended in their midst. The messages are kept and read later; the next batch starts it "
    "anew. If this comes back, see the log above, and whether the machine is short of memory."
)


class Apart(Child[list[TextSignal], list[Outcome]]):
    """Reads texts in a child process, started when first needed, and anew after it has ended. Safe to use from several
    threads; one batch is read at a time."""

    def __init__(self, model: str | Path = "standard") -> None:
        """Use the text model `standard`, `light`, or that in a folder."""
        super().__init__(__name__, str(model), ended=_ENDED)

    def read(self, signals: Sequence[TextSignal]) -> list[Outcome]:
        """Return what each text expresses, in order, or why it is not read.

        Raises ModelUnavailable when the model is missing or damaged, breaks on these texts, or its process ends.
        """
        return self.ask(list(signals))


def _begin() -> Callable[[Sequence[TextSignal]], list[Outcome]]:
    from unspoken.perception.text.perceiver import TextPerceiver

    perceiver = TextPerceiver(sys.argv[1])
    with contextlib.suppress(ModelUnavailable):  # it is told with the first batch
        _ = perceiver.producer
    return perceiver.read


if __name__ == "__main__":
    serve(_begin)
