"""A process of one's own for a model: our Python and the model's do not wait for each other, and its crash is not ours.

`Child.ask` sends a request to a child process and waits for the answer; the module that the child runs calls `serve`.
Both speak in pickles over the child's standard input and output, and the child ends with its parent.
"""

import contextlib
import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, Generic, TypeVar

from unspoken.perception.artifacts import ModelUnavailable

Asked = TypeVar("Asked")
Answered = TypeVar("Answered")


class Child(Generic[Asked, Answered]):
    """A child process, started when first needed, and anew after it has ended. Safe to use from several threads; it is
    asked one thing at a time."""

    def __init__(self, module: str, *arguments: str, ended: str) -> None:
        """module: what `python -m` runs; ended: what to say when it ends in the midst of an answer."""
        self._command = [sys.executable, "-P", "-m", module, *arguments]
        self._ended = ended
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None

    def ask(self, request: Asked, *, within: float | None = None) -> Answered:
        """Return the answer to a request; within: seconds after which the process is ended.

        Raises ModelUnavailable when the answer is why not, the process ends, or it takes too long.
        """
        with self._lock:
            child = self._started()
            try:
                with _ended_after(within, child) as late:
                    answer = _asked(child, request)
            except (OSError, EOFError, pickle.UnpicklingError) as error:
                self._end()
                slow = f"It took longer than {within:.0f} seconds. " if within is not None and late.is_set() else ""
                raise ModelUnavailable(slow + self._ended) from error
            except BaseException:  # interrupted: the answer under way must not be taken for the next request's
                self._end()
                raise
        if isinstance(answer, str):
            raise ModelUnavailable(answer)
        found: Answered = answer
        return found

    def start(self) -> None:
        """Start the process without waiting for it, so that the first request need not."""
        with self._lock:
            self._started()

    def close(self) -> None:
        """End the process; the next request starts another."""
        with self._lock:
            self._end()

    def _started(self) -> "subprocess.Popen[bytes]":
        if self._child is None or self._child.poll() is not None:
            alone = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}  # small matrices: threads spin
            self._child = subprocess.Popen(  # noqa: S603
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=alone
            )
        return self._child

    def _end(self) -> None:
        if self._child is not None:
            self._child.kill()
            with contextlib.suppress(OSError):
                self._child.communicate()
            self._child = None


def _asked(child: "subprocess.Popen[bytes]", request: object) -> Any:
    assert child.stdin and child.stdout
    pickle.dump(request, child.stdin)
    child.stdin.flush()
    return pickle.load(child.stdout)  # noqa: S301  our own child


@contextlib.contextmanager
def _ended_after(seconds: float | None, child: "subprocess.Popen[bytes]") -> Iterator[threading.Event]:
    """Kill the child unless this block is left in time; the event tells whether it was."""
    late = threading.Event()

    def end() -> None:
        late.set()
        child.kill()

    timer = threading.Timer(seconds, end) if seconds is not None else None
    if timer:
        timer.daemon = True
        timer.start()
    try:
        yield late
    finally:
        if timer:
            timer.cancel()


def serve(begin: Callable[[], Callable[[Any], object]]) -> None:
    """Answer the parent's requests by what `begin` returns, until the parent closes its end; what goes wrong with one
    is answered as a text.

    Whatever a library prints goes to standard error, and Ctrl-C is the parent's to answer.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    _serve(sys.stdin.buffer, answers, begin())


def _serve(requests: BinaryIO, answers: BinaryIO, answer: Callable[[Any], object]) -> None:
    with contextlib.suppress(EOFError, BrokenPipeError):
        while True:
            request = pickle.load(requests)  # noqa: S301  our own parent
            try:
                found = answer(request)
            except Exception as error:
                found = str(error) or type(error).__name__
            pickle.dump(found, answers)
            answers.flush()
