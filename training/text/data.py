"""The rows to train on: GoEmotions, EmoBank, the human valence of movie and news snippets, our own service messages;
and their batches."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from unspoken.affect.vocabulary import LABELS, SERVICE
from unspoken.perception.text.corpora import SERVICE_TRAIN, Rated, emobank, goemotions, service, snippets

SNIPPETS_PER_EPOCH = 6_000  # of 15,795, so that valence does not crowd out the labels


@dataclass(frozen=True)
class Rows:
    """Texts with 28 labels 0…1 (NaN: unlabelled), valence, arousal, dominance (NaN: unrated) and 13 service marks and
    moves 0…1 (NaN: unmarked)."""

    texts: list[str]
    labels: NDArray[np.float32]
    ratings: NDArray[np.float32]
    marks: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.texts)

    def __add__(self, other: "Rows") -> "Rows":
        return Rows(
            self.texts + other.texts,
            np.concatenate([self.labels, other.labels]),
            np.concatenate([self.ratings, other.ratings]),
            np.concatenate([self.marks, other.marks]),
        )

    def head(self, count: int) -> "Rows":
        """Return the first `count` rows."""
        return Rows(self.texts[:count], self.labels[:count], self.ratings[:count], self.marks[:count])


def labelled(folder: Path, split: str) -> Rows:
    """Return one split of GoEmotions, unrated."""
    found = goemotions(folder, split)
    return Rows(found.texts, found.labels, _nothing(found.texts, 3), _nothing(found.texts, len(SERVICE)))


def rated(folder: Path) -> Rows:
    """Return EmoBank's training split, unlabelled."""
    return _unlabelled(emobank(folder, "train"))


def valued(folder: Path) -> Rows:
    """Return the movie and news snippets: valence only, unlabelled."""
    movies, news = (snippets(folder, name) for name in ("movieReviewSnippets", "nytEditorialSnippets"))
    return _unlabelled(movies) + _unlabelled(news)


def _unlabelled(found: Rated) -> Rows:
    nothing = _nothing(found.texts, len(LABELS))
    return Rows(found.texts, nothing, found.ratings, _nothing(found.texts, len(SERVICE)))


def served(folder: Path) -> Rows:
    """Return our own service messages for training, those left out that say little without what came before."""
    found = service(folder, *SERVICE_TRAIN)
    kept = np.flatnonzero(~found.needs_context)
    return Rows([found.texts[row] for row in kept], found.labels[kept], found.ratings[kept], found.marks[kept])


def _nothing(texts: Sequence[str], columns: int) -> NDArray[np.float32]:
    return np.full((len(texts), columns), np.nan, np.float32)


def encode(tokenizer: Tokenizer, texts: Sequence[str], *, cut: int) -> list[list[int]]:
    """Return the word-piece ids of each text, [CLS] and [SEP] included, at most `cut` of them."""
    tokenizer.enable_truncation(cut)
    tokenizer.no_padding()
    return [encoding.ids for encoding in tokenizer.encode_batch(list(texts))]


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
