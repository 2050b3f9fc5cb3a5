"""Whether the same thing is asked again: inside a conversation (`askings`) and across conversations (`same_thing`)."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from unspoken.affect.reading import Reading
from unspoken.affect.turns import Turn

SAME_QUESTION = 0.8
"""Cosine from which two messages ask the same. On `examples/questions.tsv` it finds 16 of 30 repeated questions and
takes none of the 34 hard others (the same parcel, another question) for one: who is wrongly said to ask again is
wrongly said to be kept waiting."""

SAME_THING = 0.615
"""Cosine from which two conversations of one contact are about the same thing. Of the dialogues in
`examples/dialogues.tsv`, six of the seven pairs that begin with the same problem lie above it, and of the 428 others
four do; a third contact about the same thing takes two earlier ones above it."""


def askings(turns: Sequence[Turn], *, threshold: float = SAME_QUESTION) -> list[tuple[int, str | None]]:
    """Return for each turn how many times its question has now been asked (0 = asks nothing) and the id it repeats.

    Each turn looks only back, so the numbers of a beginning never change as the conversation goes on.
    """
    result: list[tuple[int, str | None]] = [(0, None)] * len(turns)
    asking = [index for index, turn in enumerate(turns) if turn.author == "customer" and _asks(turn)]
    for index in asking:
        result[index] = (1, None)
    for later, earlier in _alike([turns[index] for index in asking], threshold):
        times = max(result[asking[later]][0], result[asking[earlier]][0] + 1)
        result[asking[later]] = (times, turns[asking[earlier]].id)
    return result


def _asks(turn: Turn) -> bool:
    reading = turn.reading
    if reading is None:
        return bool(turn.text_key)
    if reading.embedding is None and not turn.text_key:
        return False
    return not reading.pleased


def _alike(turns: Sequence[Turn], threshold: float) -> list[tuple[int, int]]:
    """Return the pairs (later, earlier) of places that ask the same, in order of both."""
    pairs: set[tuple[int, int]] = set()
    by_key: dict[str, list[int]] = {}
    places, vectors = [], []
    for place, turn in enumerate(turns):
        if turn.text_key:
            same = by_key.setdefault(turn.text_key, [])
            pairs.update((place, earlier) for earlier in same)
            same.append(place)
        if turn.reading is not None and turn.reading.meaning is not None:
            places.append(place)
            vectors.append(turn.reading.meaning)
    if len(vectors) > 1:
        matrix = np.array(vectors)
        rows, columns = np.nonzero(matrix @ matrix.T >= threshold)
        pairs.update((places[i], places[j]) for i, j in zip(rows.tolist(), columns.tolist(), strict=True) if i > j)
    return sorted(pairs)


def mean_embedding(readings: Sequence[Reading | None]) -> NDArray[np.float32] | None:
    """Return the unit mean (float32) of the readings' embeddings, thanks and praise left out: what a conversation is
    about, or None."""
    vectors = [
        reading.embedding
        for reading in readings
        if reading is not None and reading.embedding is not None and not reading.pleased
    ]
    if not vectors:
        return None
    mean = np.mean(vectors, axis=0)
    length = float(np.linalg.norm(mean))
    return (mean / length).astype(np.float32) if length else None


def same_thing(
    current: NDArray[np.float32],
    earlier: Sequence[tuple[str, float, NDArray[np.float32]]],
    *,
    threshold: float = SAME_THING,
) -> tuple[str, ...]:
    """Return the ids of earlier conversations (id, epoch seconds, unit embedding) about the same thing, oldest first.

    current: one unit embedding (384,) or several (n, 384), of which the nearest counts. Two ids = "third contact".
    """
    if not earlier or not current.size:
        return ()
    ordered = sorted(earlier, key=lambda one: (one[1], one[0]))
    vectors = np.array([one[2] for one in ordered])
    nearest = (vectors @ np.atleast_2d(current).T).max(axis=1)
    return tuple(dict.fromkeys(one[0] for one, cosine in zip(ordered, nearest, strict=True) if cosine >= threshold))
