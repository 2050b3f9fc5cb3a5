"""The training and development rows: GoEmotions, EmoBank and the human valence of movie and news snippets."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

LABEL_COUNT = 28
UNLABELLED = np.full(LABEL_COUNT, np.nan, np.float32)
UNRATED = np.full(3, np.nan, np.float32)
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


def goemotions(folder: Path, split: str) -> Rows:
    """Read one split (train, dev or test) of GoEmotions."""
    texts, labels = [], []
    with (folder / "goemotions/original" / f"{split}.tsv").open(encoding="utf-8") as lines:
        for line in lines:
            text, ids, _ = line.rstrip("\n").split("\t")
            texts.append(text)
            labels.append(np.bincount([int(i) for i in ids.split(",")], minlength=LABEL_COUNT))
    return Rows(texts, np.array(labels, np.float32), np.tile(UNRATED, (len(texts), 1)))


def emobank(folder: Path, split: str) -> Rows:
    """Read one split of EmoBank; ratings of 1…5 become valence −1…1 and arousal, dominance 0…1.

    Hardly any mean rating lies outside 1.5…4.5 (valence) or 2…4 (arousal, dominance): those are the ends of the scales.
    """
    with (folder / "emobank/corpus/emobank.csv").open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["split"] == split and row["text"].strip()]
    raw = np.array([[float(row[axis]) for axis in "VAD"] for row in rows], np.float32)
    ratings = (raw - (3, 2, 2)) / (1.5, 2, 2)
    bounded = np.clip(ratings, (-1, 0, 0), 1).astype(np.float32)
    return Rows([row["text"] for row in rows], np.tile(UNLABELLED, (len(rows), 1)), bounded)


def snippets(folder: Path, name: str) -> Rows:
    """Read a ground-truth file of VADER (movieReviewSnippets, …): mean human intensity −4…4 becomes valence −1…1."""
    texts, valences = [], []
    path = folder / "vader-gt" / f"{name}_GroundTruth.txt"
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        _, intensity, text = line.split("\t", 2)
        texts.append(text)
        valences.append(float(intensity) / 4)
    ratings = np.tile(UNRATED, (len(texts), 1))
    ratings[:, 0] = valences
    return Rows(texts, np.tile(UNLABELLED, (len(texts), 1)), ratings)


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
