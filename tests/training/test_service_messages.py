"""Our own service messages keep to their guide."""

import collections
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from training.text.contrast import NOT_BAD, NOT_GOOD, sentences
from training.text.noise import misspelt
from unspoken.affect.vocabulary import LABELS, MARKS, MOVES
from unspoken.perception.text.corpora import SERVICE_DEV, SERVICE_TEST, SERVICE_TRAIN, json_lines, service

FOLDER = Path(__file__).parents[2] / "training" / "text" / "service"
NAMES = (*SERVICE_TRAIN, *SERVICE_DEV, SERVICE_TEST)
CHANNELS = {"chat", "email", "review", "survey", "call", "mention"}
JUDGED = {"id", "labels", "valence", "arousal", "marks", "moves"}
WRITTEN = JUDGED | {"channel", "trade", "scenario", "voice", "agent", "before", "text", "pair"}


def judged_rightly(row: dict[str, Any]) -> bool:
    labels = row["labels"]
    return (
        1 <= len(labels) <= 3
        and set(labels) <= set(LABELS)
        and ("neutral" not in labels or len(labels) == 1)
        and set(row["marks"]) <= set(MARKS)
        and set(row["marks"].values()) <= {0.5, 1}
        and set(row["moves"]) <= set(MOVES)
        and -1 <= row["valence"] <= 1
        and 0 <= row["arousal"] <= 1
        and row["valence"] * 4 % 1 == row["arousal"] * 4 % 1 == 0
    )


@pytest.mark.parametrize("name", NAMES)
def test_every_message_is_whole_and_was_read_twice(name: str) -> None:
    first, second = json_lines(FOLDER / f"{name}.jsonl"), json_lines(FOLDER / "second" / f"{name}.jsonl")
    assert [row["id"] for row in first if set(row) != WRITTEN or row["channel"] not in CHANNELS] == []
    assert [row["id"] for row in first if not row["text"].strip() or not isinstance(row["before"], list)] == []
    assert [row["id"] for row in second if set(row) != JUDGED] == []
    assert [row["id"] for row in (*first, *second) if not judged_rightly(row)] == []
    assert sorted(row["id"] for row in first) == sorted(row["id"] for row in second)


def test_no_message_stands_twice_and_pairs_name_each_other() -> None:
    every = {row["id"]: row for name in NAMES for row in json_lines(FOLDER / f"{name}.jsonl")}
    texts = collections.Counter(
        row["text"].strip().lower() for row in every.values() if len(row["text"]) > 40
    )  # short ones ("No.", "👍") are read by what came before
    assert [text for text, count in texts.items() if count > 1] == []
    assert len(every) >= 3_000
    paired = [row for row in every.values() if row["pair"]]
    assert [row["id"] for row in paired if every[row["pair"]]["pair"] != row["id"]] == []
    assert len(paired) >= 400


def test_test_voices_write_nowhere_else() -> None:
    def trades(*names: str) -> set[str]:
        return {row["trade"] for name in names for row in json_lines(FOLDER / f"{name}.jsonl")}

    assert not trades(*SERVICE_TRAIN) & trades(SERVICE_TEST)


def test_contrasts_come_to_the_valence_of_what_is_said_in_the_end() -> None:
    said = {one.text: one.valence for one in sentences(6_000)}
    assert said == {one.text: one.valence for one in sentences(6_000)}
    assert all("but it wasn't" not in text or valence in {NOT_GOOD, NOT_BAD, 0.0} for text, valence in said.items())
    good = next(valence for text, valence in said.items() if text.startswith("Was it") and "great" in text)
    assert good == NOT_GOOD


def test_slips_are_few_and_the_same_every_time() -> None:
    texts = ["I have been waiting for my parcel since Monday and nobody answers"] * 400
    first, second = ([misspelt(text, np.random.default_rng(3)) for text in texts[:1]] for _ in range(2))
    assert first == second
    random = np.random.default_rng(5)
    changed = [text for text in (misspelt(text, random) for text in texts) if text != texts[0]]
    assert 0.2 < len(changed) / len(texts) < 0.5
    assert all(abs(len(text) - len(texts[0])) <= 6 for text in changed)
    assert misspelt("ok", random) == "ok"


def test_both_readers_count() -> None:
    found = service(FOLDER, SERVICE_TEST)
    assert len(found.texts) == len(found.marks) == len(found.labels)
    assert set(found.marks[:, list(MARKS).index("sarcasm")].tolist()) <= {0.0, 0.25, 0.5, 0.75, 1.0}
    assert 0 < found.needs_context.mean() < 0.3
