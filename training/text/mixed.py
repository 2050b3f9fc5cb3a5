"""Make more texts out of the training texts, and have the shipped encoder say what they express.

python -m training.text.mixed --data DIR --out FILE. The light model learns from few texts which words matter, and from
many how words change one another; these need not be good English. Pieces of two or three texts are put together, and
words are dropped or replaced (Tang et al., 2019), all of it seeded. Texts with a seldom label are taken more often, by
the root of how seldom it is.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.text.data import Rows, parts
from unspoken.perception.text.choice import STANDARD
from unspoken.perception.text.network import Network

COUNT, SEED = 520_000, 77
SHARES = {
    "emotions": 0.55, "service": 0.20, "subtitles": 0.08, "emobank": 0.05, "movies": 0.04, "opinions": 0.03,
    "intensity": 0.03, "news": 0.02,
}  # fmt: skip
_JOINTS = (" ", ". ", ", ", " and ", " but ", "! ", " ")
_CHANGED = (0.1, 0.2, 0.35)  # of the words: half of them replaced, half dropped
_AT_ONCE = 4_096
Array = NDArray[np.float16]


@dataclass(frozen=True)
class Said:
    """Texts, and what the encoder says of each: label logits (N, 28), ratings (N, 4), embeddings (N, 384), service
    logits (N, 13)."""

    texts: list[str]
    labels: Array
    ratings: Array
    meaning: Array
    marks: Array


def mixed(everything: dict[str, Rows], *, count: int = COUNT, seed: int = SEED) -> list[str]:
    """Return texts made of the training texts, up to `count`, all different."""
    texts = {name: everything[name].texts for name in SHARES}
    seldom = np.cumsum(_seldom(everything["emotions"].labels > 0))
    return list(dict.fromkeys(" ".join(text.split()) for text in _mixed(texts, seldom / seldom[-1], count, seed)))


def _seldom(labels: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return how often each row (N, labels) is to be taken: by its most seldom label."""
    weights: NDArray[np.float64] = (labels / np.sqrt(labels.sum(axis=0))).max(axis=1)
    return weights


def _mixed(texts: dict[str, list[str]], seldom: NDArray[np.float64], count: int, seed: int) -> Iterator[str]:
    """Yield the texts; seldom: shares of the rows of GoEmotions, added up."""
    random = np.random.default_rng(seed)
    names, shares = list(SHARES), list(SHARES.values())
    words = [word for name in names for text in texts[name] for word in text.split()]

    def text() -> str:
        name = names[random.choice(len(names), p=shares)]
        place = np.searchsorted(seldom, random.random()) if name == "emotions" else random.integers(len(texts[name]))
        return texts[name][int(place)]

    def piece(most: int, least: int = 1) -> str:
        return _piece(text(), random, least=least, most=most)

    for kind in random.random(count):
        if kind < 0.4:
            yield piece(12, 2) + _JOINTS[int(random.integers(len(_JOINTS)))] + piece(12, 2)
        elif kind < 0.6:
            yield piece(8)
        elif kind < 0.85:
            yield _changed(text(), words, random)
        else:
            yield " ".join(piece(6) for _ in range(3))


def _piece(text: str, random: np.random.Generator, *, least: int, most: int) -> str:
    """Return some words of a text that follow one another, as often as not from its beginning or its end."""
    words = text.split()
    if len(words) <= least:
        return text
    count = min(len(words), int(random.integers(least, most + 1)))
    last = len(words) - count
    begin = int(random.integers(last + 1)) if random.random() < 0.5 else last * int(random.integers(2))
    return " ".join(words[begin : begin + count])


def _changed(text: str, words: list[str], random: np.random.Generator) -> str:
    """Return a text with some words dropped, and others replaced by any words of the training texts."""
    share = _CHANGED[int(random.integers(len(_CHANGED)))]
    kept = []
    for word, chance in zip(text.split(), random.random(len(text.split())), strict=True):
        if chance < share / 2:
            kept.append(words[int(random.integers(len(words)))])
        elif chance >= share:
            kept.append(word)
    return " ".join(kept) or text


def said(texts: list[str], model: Path) -> Said:
    """Return what the exported encoder says of texts, in half precision."""
    network = Network(model)
    columns: list[list[Array]] = [[], [], [], []]
    for start in range(0, len(texts), _AT_ONCE):
        scores = network.score(network.encode(texts[start : start + _AT_ONCE]))
        found = (scores.logits, scores.ratings, scores.embeddings, scores.service)
        for column, values in zip(columns, found, strict=True):
            column.append(values.astype(np.float16))
        print(f"{start + _AT_ONCE:,} of {len(texts):,} texts", flush=True)
    return Said(texts, *map(np.concatenate, columns))


def load(path: Path) -> Said:
    """Read what `main` wrote."""
    with np.load(path) as stored:
        texts = stored["texts"].tobytes().decode().split("\n")
        return Said(texts, *(stored[name] for name in ("labels", "ratings", "meaning", "marks")))


def main() -> None:
    """Make the texts, have them read, and write both."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", type=Path, required=True)
    arguments.add_argument("--service", type=Path, default=Path("training/text/service"))
    arguments.add_argument("--model", type=Path, default=STANDARD, help="folder of the encoder, calibrated")
    arguments.add_argument("--count", type=int, default=COUNT)
    arguments.add_argument("--out", type=Path, required=True)
    given = arguments.parse_args()
    found = said(mixed(parts(given.data, given.service), count=given.count), given.model)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    values = {name: getattr(found, name) for name in ("labels", "ratings", "meaning", "marks")}
    np.savez(given.out, texts=np.frombuffer("\n".join(found.texts).encode(), np.uint8), **values)


if __name__ == "__main__":
    main()
