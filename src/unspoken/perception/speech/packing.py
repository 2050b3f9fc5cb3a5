"""Putting pieces of speech together for one look of the model, and its times back to where they were. Pure.

A model that hears half a minute at a time costs the same whether that is full or not, and silence makes it say things.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from unspoken.perception.speech.transcriber import RATE, Samples, Word

Span = tuple[int, int]
"""Where speech begins and ends, in samples."""


@dataclass(frozen=True, slots=True)
class Pack:
    """Pieces of a sound, one behind the other: spans say where each lies in the whole."""

    samples: Samples
    spans: tuple[Span, ...]

    def placed(self, word: Word) -> Word:
        """Return a word, heard in `samples`, with the times that it has in the whole."""
        middle, begin = (word.begin + word.end) / 2 * RATE, 0
        for first, last in self.spans:
            if middle < begin + last - first or (first, last) == self.spans[-1]:
                return replace(
                    word,
                    begin=(first + min(max(word.begin * RATE - begin, 0), last - first)) / RATE,
                    end=(first + min(max(word.end * RATE - begin, 0), last - first)) / RATE,
                )
            begin += last - first
        raise ValueError("a pack without pieces")

    def halves(self, whole: Samples) -> "tuple[Pack, Pack] | None":
        """Return the first and the last pieces each for themselves; None where there is only one."""
        if len(self.spans) < 2:
            return None
        middle = len(self.spans) // 2
        return pack(whole, self.spans[:middle]), pack(whole, self.spans[middle:])


def pack(whole: Samples, spans: Sequence[Span]) -> Pack:
    """Return these spans of a sound as one."""
    return Pack(np.concatenate([whole[first:last] for first, last in spans]), tuple(spans))


def packs(whole: Samples, spans: Sequence[Span], *, longest: int) -> Iterator[Pack]:
    """Yield the spans of a sound in packs of at most so many samples, in order; no span may be longer."""
    together: list[Span] = []
    for first, last in spans:
        if together and sum(end - begin for begin, end in together) + last - first > longest:
            yield pack(whole, together)
            together = []
        together.append((first, last))
    if together:
        yield pack(whole, together)
