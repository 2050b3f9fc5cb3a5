"""Reading in a process of its own: our Python and the model's do not wait for each other, and its crash is not ours.

`Apart.read` sends a batch of texts to a child process and waits for its outcomes; `python -m unspoken.perception.apart
[MODEL]` is that child. Both speak in pickles over the child's standard input and output, and it ends with its parent.
"""

import contextlib
import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from unspoken.affect.reading import Outcome
from unspoken.perception.artifacts import ModelUnavailable
from unspoken.perception.text.signal import TextSignal

_ENDED = (
    "The process that reads texts ended in their midst. The messages are kept and read later; the next batch starts it "
    "anew. If this comes back, see the log above, and whether the machine is short of memory."
)


class Apart:
    """Reads texts in a child process, started when first needed, and anew after it has ended. Safe to use from several
    threads; one batch is read at a time."""

    def __init__(self, model: str | Path = "standard") -> None:
        """Use the text model `standard`, `light`, or that in a folder."""
        self._command = [sys.executable, "-P", "-m", __name__, str(model)]
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None

    def read(self, signals: Sequence[TextSignal]) -> list[Outcome]:
        """Return what each text expresses, in order, or why it is not read.

        Raises ModelUnavailable when the model is missing or damaged, breaks on these texts, or its process ends.
        """
        with self._lock:
            child = self._started()
            try:
                answer = _asked(child, list(signals))
            except (OSError, EOFError, pickle.UnpicklingError) as error:
                self._end()
                raise ModelUnavailable(_ENDED) from error
            except BaseException:  # interrupted: the answer under way must not be taken for the next batch's
                self._end()
                raise
        if isinstance(answer, str):
            raise ModelUnavailable(answer)
        return answer

    def start(self) -> None:
        """Start the process without waiting for it, so that the first batch need not."""
        with self._lock:
            self._started()

    def close(self) -> None:
        """End the process; the next `read` starts another."""
        with self._lock:
            self._end()

    def _started(self) -> "subprocess.Popen[bytes]":
        if self._child is None or self._child.poll() is not None:
            self._child = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603
        return self._child

    def _end(self) -> None:
        if self._child is not None:
            self._child.kill()
            with contextlib.suppress(OSError):
                self._child.communicate()
            self._child = None


def _asked(child: "subprocess.Popen[bytes]", signals: list[TextSignal]) -> list[Outcome] | str:
    assert child.stdin and child.stdout
    pickle.dump(signals, child.stdin)
    child.stdin.flush()
    answer: list[Outcome] | str = pickle.load(child.stdout)  # noqa: S301  our own child
    return answer


def _serve(requests: BinaryIO, answers: BinaryIO, model: str) -> None:
    """Read batches until the parent closes its end; what goes wrong with a batch is answered as a text."""
    from unspoken.perception.text.perceiver import TextPerceiver

    perceiver = TextPerceiver(model)
    with contextlib.suppress(ModelUnavailable):  # it is told with the first batch
        _ = perceiver.producer
    with contextlib.suppress(EOFError, BrokenPipeError):
        while True:
            signals = pickle.load(requests)  # noqa: S301  our own parent
            try:
                answer: list[Outcome] | str = perceiver.read(signals)
            except Exception as error:
                answer = str(error) or type(error).__name__
            pickle.dump(answer, answers)
            answers.flush()


def main() -> None:
    """Serve the parent; whatever a library prints goes to standard error, and Ctrl-C is the parent's to answer."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    _serve(sys.stdin.buffer, answers, sys.argv[1])


if __name__ == "__main__":
    main()
