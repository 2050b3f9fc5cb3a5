"""The rows to train on: GoEmotions, EmoBank and the human valence of movie and news snippets; and their batches."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from unspoken.affect.vocabulary import LABELS
from unspoken.perception.text.corpora import Rated, emobank, goemotions, snippets

SNIPPETS_PER_EPOCH = 6_000  # of 15,795, so that valence does not crowd out the labels


@dataclass(frozen=True)
class Rows:
    """Texts with 28 labels of 0 or 1 (NaN: unlabelled) and valence, arousal, dominance (NaN: unrated)."""

    texts: list[str]
    labels: NDArray[np.float32]
    ratings: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.texts)

    def __add__(self, other: "Rows") -> "Rows":
        return Rows(
            self.texts + other.texts,
            np.concatenate([self.labels, other.labels]),
            np.concatenate([self.ratings, other.ratings]),
        )

    def head(self, count: int) -> "Rows":
        """Return the first `count` rows."""
        return Rows(self.texts[:count], self.labels[:count], self.ratings[:count])


def labelled(folder: Path, split: str) -> Rows:
    """Return one split of GoEmotions, unrated."""
    found = goemotions(folder, split)
    return Rows(found.texts, found.labels, np.full((len(found.texts), 3), np.nan, np.float32))


def rated(folder: Path) -> Rows:
    """Return EmoBank's training split, unlabelled."""
    return _unlabelled(emobank(folder, "train"))


def valued(folder: Path) -> Rows:
    """Return the movie and news snippets: valence only, unlabelled."""
    movies, news = (snippets(folder, name) for name in ("movieReviewSnippets", "nytEditorialSnippets"))
    return _unlabelled(movies) + _unlabelled(news)


def _unlabelled(found: Rated) -> Rows:
    return Rows(found.texts, np.full((len(found.texts), len(LABELS)), np.nan, np.float32), found.ratings)


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
