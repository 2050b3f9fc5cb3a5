"""Writing down speech in a process of its own: the server never loads the model, and a crash of it is not ours.

`SpeechApart.transcribe` sends sound to a child process and waits for its transcript; `python -m
unspoken.perception.speech.apart MODEL THREADS` is that child. It gives way to others, and its memory is limited.
"""

import contextlib
import os
import resource
import sys
from collections.abc import Callable
from pathlib import Path

from unspoken.perception.artifacts import ModelUnavailable
from unspoken.perception.child import Child, serve
from unspoken.perception.speech.faster import FasterWhisper
from unspoken.perception.speech.models import folder_of
from unspoken.perception.speech.transcriber import RATE, Samples, Transcript

NICENESS = 5  # how far it gives way to the server
PATIENCE = 60.0  # seconds that a transcript may take, to load the model too, and as long again as the sound
_MEMORY = 3 << 30  # bytes that the child may use, and so many times the model's weights
_TIMES_WEIGHTS = 5
_ENDED = (
    "The process that writes down speech ended in its midst. The call is kept, and the tone of its voice is read; the "
    "next sound starts it anew. If this comes back, see the log above, and whether the machine is short of memory."
)
Request = tuple[Samples, str | None]


class SpeechApart(Child[Request, Transcript]):
    """A transcriber in a child process, started when first needed, and anew after it has ended. Safe to use from
    several threads; one sound is written down at a time."""

    def __init__(self, model: str | Path = "tiny", *, threads: int = 1, patience: float = PATIENCE) -> None:
        """Use the model `tiny`, or that in a folder; patience: seconds to wait beyond the length of a sound."""
        super().__init__(__name__, str(model), str(threads), ended=_ENDED)
        self._patience = patience

    def transcribe(self, samples: Samples, *, language: str | None = None) -> Transcript:
        """Return what is said in sound (n,) at 16 kHz, −1…1; language: ISO 639-1, None to recognise it.

        Raises ModelUnavailable when the model is missing or broken, its process ends, or it takes too long.
        """
        return self.ask((samples, language), within=self._patience + len(samples) / RATE)


def _begin() -> Callable[[Request], Transcript]:
    model, threads = sys.argv[1], int(sys.argv[2])
    os.environ["HF_HUB_OFFLINE"] = "1"  # the library would look for a missing file on the network
    os.nice(NICENESS)
    transcriber = FasterWhisper(model, threads=threads)
    with contextlib.suppress(ModelUnavailable):  # it is told with the first sound
        _limit(folder_of(model))
        _ = transcriber.producer
    return lambda request: transcriber.transcribe(request[0], language=request[1])


def _limit(folder: Path) -> None:
    most = _MEMORY + _TIMES_WEIGHTS * (folder / "model.bin").stat().st_size
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


if __name__ == "__main__":
    serve(_begin)
