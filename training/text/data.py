"""The rows to train on, with persons hidden as the product hides them, and their batches."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from training.text.contrast import sentences
from training.text.noise import misspelt
from unspoken.affect.vocabulary import LABELS, SERVICE
from unspoken.perception.text import corpora
from unspoken.perception.text.context import NOTHING_BEFORE, Context, joined, needs_context
from unspoken.perception.text.persons import mask, mask_context

Array = NDArray[np.float32]
RATINGS = len(corpora.RATINGS)


@dataclass(frozen=True)
class Rows:
    """Texts, what came before them, 28 labels 0…1, valence, arousal, dominance, intensity, and 13 service marks and
    moves 0…1; NaN where nobody said."""

    texts: list[str]
    contexts: list[Context]
    labels: Array
    ratings: Array
    marks: Array

    def __len__(self) -> int:
        return len(self.texts)

    def __add__(self, other: "Rows") -> "Rows":
        return Rows(
            self.texts + other.texts,
            self.contexts + other.contexts,
            *(np.concatenate([getattr(self, part), getattr(other, part)]) for part in ("labels", "ratings", "marks")),
        )

    def head(self, count: int | None) -> "Rows":
        """Return the first `count` rows."""
        return Rows(*(getattr(self, field.name)[:count] for field in fields(self)))


def _rows(
    texts: Sequence[str],
    *,
    contexts: Sequence[Context] = (),
    labels: Array | None = None,
    ratings: Array | None = None,
    marks: Array | None = None,
) -> Rows:
    def given(values: Array | None, columns: int) -> Array:
        return np.full((len(texts), columns), np.nan, np.float32) if values is None else values

    hidden = [mask_context(one) for one in contexts]
    return Rows(
        [mask(text).text for text in texts],
        hidden or [Context()] * len(texts),
        given(labels, len(LABELS)),
        given(ratings, RATINGS),
        given(marks, len(SERVICE)),
    )


def emotions(data: Path, split: str) -> Rows:
    """Return one split of GoEmotions: labels only."""
    found = corpora.goemotions(data, split)
    return _rows(found.texts, labels=found.labels)


def service(folder: Path, *names: str) -> Rows:
    """Return our own service messages with all that their readers said."""
    found = corpora.service(folder, *names)
    return _rows(found.texts, contexts=found.contexts, labels=found.labels, ratings=found.ratings, marks=found.marks)


def parts(data: Path, service_folder: Path) -> dict[str, Rows]:
    """Return everything to train on by its name; a name's share of an epoch is in `train.SHARES`."""
    movies, news = (corpora.snippets(data, name) for name in ("movieReviewSnippets", "nytEditorialSnippets"))
    rated = {
        "emobank": corpora.emobank(data, "train"),
        "movies": movies,
        "news": news,
        "opinions": corpora.opinions(data),
        "intensity": corpora.semeval(data, "train"),
    }
    return {
        "emotions": emotions(data, "train"),
        **{name: _rows(found.texts, ratings=found.ratings) for name, found in rated.items()},
        "contrast": _contrasts(),
        "subtitles": _rows(corpora.subtitles(data)),
        "service": service(service_folder, *corpora.SERVICE_TRAIN),
    }


def _contrasts() -> Rows:
    said = sentences()
    ratings = np.full((len(said), RATINGS), np.nan, np.float32)
    ratings[:, 0] = [one.valence for one in said]
    return _rows([one.text for one in said], ratings=ratings)


def together(everything: dict[str, Rows]) -> Rows:
    """Return the rows of all parts, one after the other."""
    first, *others = everything.values()
    return sum(others, start=first)


def development(data: Path, service_folder: Path) -> dict[str, Rows]:
    """Return the development splits by what they tell: emotions, service marks, ratings."""
    rated = corpora.emobank(data, "dev")
    return {
        "emotions": emotions(data, "dev"),
        "service": service(service_folder, *corpora.SERVICE_DEV),
        "rated": _rows(rated.texts, ratings=rated.ratings),
    }


def encode(
    tokenizer: Tokenizer, rows: Rows, *, cut: int = 96, noise: np.random.Generator | None = None
) -> list[list[int]]:
    """Return the word-piece ids of each row; with noise, some messages misspelt.

    Context stands behind messages that are short, as it does when they are read, and behind all of these: "Brilliant."
    after bad news must not teach what "Brilliant." alone expresses.
    """
    texts = rows.texts
    contexts = [one if needs_context(text) else NOTHING_BEFORE for text, one in zip(texts, rows.contexts, strict=True)]
    if noise is not None:
        texts = [misspelt(text, noise) for text in texts]
    tokenizer.enable_truncation(cut)
    tokenizer.no_padding()
    messages = [found.ids for found in tokenizer.encode_batch(texts)]
    tokenizer.no_truncation()
    with_context = [row for row, one in enumerate(contexts) if one]
    agent, before = (
        [found.ids for found in tokenizer.encode_batch(said, add_special_tokens=False)]
        for said in (
            [contexts[row].agent for row in with_context],
            [" ".join(contexts[row].before) for row in with_context],
        )
    )
    sep = tokenizer.token_to_id("[SEP]")
    for place, row in enumerate(with_context):
        messages[row] = joined(messages[row], agent[place], before[place], sep=sep)
    return messages


def batches(
    lengths: NDArray[np.int64], rows: NDArray[np.int64], *, size: int, seed: int
) -> Iterator[NDArray[np.int64]]:
    """Yield shuffled batches of `rows` whose lengths are nearly alike."""
    random = np.random.default_rng(seed)
    noisy = lengths[rows] + random.uniform(-1.5, 1.5, len(rows))
    ordered = rows[np.argsort(noisy)]
    chunks = [ordered[start : start + size] for start in range(0, len(ordered), size)]
    for index in random.permutation(len(chunks)):
        yield chunks[index]
