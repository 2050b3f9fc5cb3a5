"""Measure what must not change a reading, and plain language that must: who is spoken of, dialects, slips, negation.

CheckList (Ribeiro et al., ACL 2020) asks for a sentiment: here valence, called negative, neutral or positive as readers
call our own development messages (`Sentiment`). Counterfactual persons and dialect pairs (Multi-VALUE; Ziems, Held et
al., ACL 2023) compare the likeliest of the 28 labels. All of it is evaluation only.
"""

import gzip
import json
import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from unspoken.perception.figures import Figure, Line, with_interval
from unspoken.perception.text.corpora import SERVICE_TEST, service
from unspoken.perception.text.report import Reader

MOST_CASES = 300  # of each CheckList test, drawn evenly; enough for ±3 points, in seconds
_NEUTRAL = 0.25  # valence from which our readers call a message positive or negative
_STEEP = 8.0  # log-odds per unit of valence
_MOVED = 0.1  # change of confidence that counts
_ALLOWED = {"positive": {1}, "negative": {-1}, "neutral": {0}, "not_negative": {0, 1}}


def sentiment(valence: float) -> tuple[int, float]:
    """Return −1, 0 or 1 for a valence, and how sure that is (0…1)."""
    positive, negative = (1 / (1 + math.exp(-_STEEP * (sign * valence - _NEUTRAL))) for sign in (1, -1))
    shares = {-1: negative, 0: max(0.0, 1 - positive - negative), 1: positive}
    said = max(shares, key=lambda side: shares[side])
    return said, shares[said]


def fairness_lines(reader: Reader, unmasked: Reader, data: Path, own: Path) -> Iterator[Line]:
    """Yield the figures; `data` holds the fairness sets, `own` our own service messages; `unmasked` sees names."""
    yield from _checklist(reader, data / "checklist_sentiment/checklist_sentiment_template.jsonl.gz")
    persons = _rows(data / "own_counterfactual/counterfactual.jsonl")
    for words, used in (("", reader), (" without masking", unmasked)):
        yield _persons(used, persons, words)
    yield _dialects(reader, _rows(data / "dialect_pairs/dialect_pairs.jsonl"))
    if own.is_dir():
        yield from _robustness(reader, service(own, SERVICE_TEST).texts)


def _rows(path: Path) -> list[dict[str, Any]]:
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return [json.loads(line) for line in content.decode().splitlines()]


def _share(failed: Sequence[bool]) -> Figure:
    return with_interval(lambda values: float(values.mean()), np.array(failed, float), draws=200)


def _checklist(reader: Reader, path: Path) -> Iterator[Line]:
    tests: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in _rows(path):
        tests[row["test"]].append(row)
    drawn = {name: rows[:: max(1, len(rows) // MOST_CASES)][:MOST_CASES] for name, rows in tests.items()}
    texts = list(dict.fromkeys(text for rows in drawn.values() for row in rows for text in _texts(row)))
    valence = dict(zip(texts, reader.scales(texts)[:, 0].tolist(), strict=True))
    rates: dict[str, Figure] = {}
    for name, rows in drawn.items():
        failed = [fails for row in rows if (fails := _fails(row, [valence[text] for text in _texts(row)])) is not None]
        rates[name] = _share(failed)
    mean = float(np.mean([rate.value for rate in rates.values()]))
    yield Line("CheckList sentiment", f"mean failure over {len(rates)} tests", Figure(mean, *_spread(rates)))
    yield Line(
        "CheckList sentiment",
        "failure, at most, of a test on who is spoken of",
        max((rate for name, rate in rates.items() if name.startswith("protected")), key=lambda rate: rate.value),
    )
    for name, rate in rates.items():
        yield Line("CheckList sentiment", f"failure: {name}", rate)


def _spread(rates: dict[str, Figure]) -> tuple[float, float]:
    return float(np.mean([rate.low for rate in rates.values()])), float(np.mean([rate.high for rate in rates.values()]))


def _texts(row: dict[str, Any]) -> list[str]:
    return [row["data"]] if isinstance(row["data"], str) else list(row["data"])


def _fails(row: dict[str, Any], valences: Sequence[float]) -> bool | None:
    """Tell whether a case fails, by the rule of its kind of test; None where it does not apply."""
    said = [sentiment(valence) for valence in valences]
    (first, sure), expected = said[0], row["expect"]
    if row["kind"] == "MFT":
        allowed = {0, 1} if expected == "neutral" and row["test"] == "Q & A: no" else _ALLOWED[expected]
        return first not in allowed
    if row["kind"] == "INV":
        return any(other != first and abs(_sure_of(first, value) - sure) >= _MOVED
                   for (other, _), value in zip(said[1:], valences[1:], strict=True))  # fmt: skip
    if first == 0:
        return None
    sign = -1 if "not_down" in expected else 1
    return any(sign * (_sure_of(first, value) - sure) > _MOVED for value in valences[1:])


def _sure_of(side: int, valence: float) -> float:
    """Return the confidence that a valence is on a side."""
    sides = [1 / (1 + math.exp(-_STEEP * (sign * valence - _NEUTRAL))) for sign in (1, -1)]
    return {1: sides[0], -1: sides[1], 0: max(0.0, 1 - sum(sides))}[side]


def _persons(reader: Reader, rows: Sequence[dict[str, Any]], words: str) -> Line:
    top = reader.labels([row["text"] for row in rows]).argmax(axis=1)
    cells: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
    for row, label in zip(rows, top.tolist(), strict=True):
        cells[row["template"], row["word"]].add(label)
    corpus = f"Counterfactual persons, {len(cells)} sentences × {len(rows) // len(cells)} persons"
    changed = [len(labels) > 1 for labels in cells.values()]
    return Line(corpus, f"sentences whose likeliest label depends on the person{words}", _share(changed))


def _dialects(reader: Reader, rows: Sequence[dict[str, Any]]) -> Line:
    pairs = [(row["gloss"], form) for row in rows for form in row["dialect"]]
    plain, spoken = (reader.labels([pair[place] for pair in pairs]).argmax(axis=1) for place in (0, 1))
    return Line(f"Dialect pairs, {len(pairs)}", "likeliest label differs", _share((plain != spoken).tolist()))


def _robustness(reader: Reader, texts: Sequence[str]) -> Iterator[Line]:
    random = np.random.default_rng(0)
    plain = reader.labels(texts).argmax(axis=1)
    changes: dict[str, Callable[[str], str]] = {
        "one typing error": lambda text: _typo(text, random),
        "capital letters only": str.upper,
        "no capital letters": str.lower,
        "no full stop or comma": lambda text: text.replace(",", "").rstrip("."),
        "double spaces": lambda text: text.replace(" ", "  "),
    }
    for name, change in changes.items():
        other = reader.labels([change(text) for text in texts]).argmax(axis=1)
        yield Line(f"Robustness, {len(texts)} own service messages", f"likeliest label differs with {name}",
                   _share((plain != other).tolist()))  # fmt: skip


def _typo(text: str, random: np.random.Generator) -> str:
    """Swap two neighbouring letters of one word of four letters or more."""
    words = text.split(" ")
    long = [place for place, word in enumerate(words) if len(word) >= 4 and word.isalpha()]
    if long:
        place = long[int(random.integers(len(long)))]
        word = words[place]
        at = int(random.integers(1, len(word) - 2))
        words[place] = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return " ".join(words)
