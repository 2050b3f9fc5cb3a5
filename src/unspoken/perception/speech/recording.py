"""Writing down one side of a recorded call from its beginning to its end, in parts that are cut where it is quiet."""

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from unspoken.perception.speech.transcriber import RATE, Samples, Transcriber, Transcript

PART = 90 * RATE  # samples that are written down at once
_SOONEST = 60 * RATE  # samples before which a part is not cut
_QUIET = RATE // 5  # samples of a cut that are to be quiet
CERTAIN = 0.8  # chance of a language from which it is taken for that of the whole call

Tell = Callable[[float], None]
"""Called with the seconds of sound that have been written down."""


def transcribed(
    sound: Iterable[Samples], transcriber: Transcriber, *, language: str | None = None, tell: Tell | None = None
) -> Iterator[Transcript]:
    """Yield the transcripts of the parts of sound at 16 kHz that comes in blocks, times from its very beginning.

    language: ISO 639-1, None to recognise it; once it is recognised with certainty, the rest is taken to be in it.
    Raises ModelUnavailable when there is no model to write it down with.
    """
    begin = 0
    for part in parts(sound):
        transcript = transcriber.transcribe(part, language=language).later(begin / RATE)
        if transcript.language_confidence >= CERTAIN:
            language = transcript.language
        begin += len(part)
        yield transcript
        if tell:
            tell(begin / RATE)


def parts(sound: Iterable[Samples]) -> Iterator[Samples]:
    """Yield sound that comes in blocks in parts of at most `PART` samples, cut at the quietest place of the last third;
    the same parts however long the blocks are."""
    kept = np.empty(0, np.float32)
    for block in sound:
        kept = np.concatenate([kept, block])
        while len(kept) >= PART:
            place = _SOONEST + _quietest(kept[_SOONEST:PART])
            yield kept[:place]
            kept = kept[place:]
    if len(kept):
        yield kept


def _quietest(samples: Samples) -> int:
    """Return the middle of the quietest fifth of a second."""
    total = np.concatenate([[0.0], np.cumsum(np.square(samples, dtype=np.float64))])
    return int(np.argmin(total[_QUIET:] - total[:-_QUIET])) + _QUIET // 2
