"""Readers of the public corpora and of our own, on which the text model is trained (training splits) and measured."""

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspoken.affect.vocabulary import LABELS, MARKS, MOVES
from unspoken.perception.text.context import Context

Array = NDArray[np.float32]
SERVICE_TRAIN = (
    "home", "lines", "money", "travel", "apps", "daily",
    "stay", "haul", "play", "firm", "looks", "learn", "green", "shop",
    "feast", "tools", "join", "sound", "cover", "build", "stage", "cloud",
    "farm", "watch", "lodge", "court", "wheel", "nest", "kiosk", "bytes",
    "claim", "tweet", "stars", "desk", "dialog", "phone", "forms",
    "happy", "lapse", "heat", "crisis", "trade",
    "chats", "sting", "ironic", "shorts", "tasks", "press", "adieu", "letdown",
    "verdict", "replies", "posts", "plain", "voices", "months", "glad",
)  # fmt: skip
SERVICE_DEV = "care", "letter", "forum", "letters"  # other writers than those of the training
SERVICE_TEST = "craft"  # another writer still, and other trades
RATINGS = ("valence", "arousal", "dominance", "intensity")
HELD = 0.5  # mean of two readers' marks (0, 0.5 or 1 each) from which a message has it
SATISFACTION_SETS = ("MWOZ", "SGD", "ReDial", "CCPE")


@dataclass(frozen=True)
class Labelled:
    """Texts with 28 labels each, 0 or 1 (N, 28)."""

    texts: list[str]
    labels: Array


@dataclass(frozen=True)
class Rated:
    """Texts with the mean of people's ratings: valence −1…1; arousal, dominance, intensity 0…1; NaN: not asked."""

    texts: list[str]
    ratings: Array


def goemotions(folder: Path, split: str) -> Labelled:
    """Read the split train, dev or test of GoEmotions (Demszky et al., ACL 2020) below `folder`."""
    texts, labels = [], []
    with (folder / "goemotions/original" / f"{split}.tsv").open(encoding="utf-8") as lines:
        for line in lines:
            text, ids, _ = line.rstrip("\n").split("\t")
            texts.append(text)
            labels.append(np.bincount([int(label) for label in ids.split(",")], minlength=len(LABELS)))
    return Labelled(texts, np.array(labels, np.float32))


def emobank(folder: Path, split: str) -> Rated:
    """Read the split train, dev or test of EmoBank (Buechel & Hahn, EACL 2017) below `folder`.

    Its means of 1…5 lie within 1.5…4.5 (valence) and 2…4 (arousal, dominance), which are taken as the scales' ends.
    """
    with (folder / "emobank/corpus/emobank.csv").open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["split"] == split and row["text"].strip()]
    raw = np.array([[float(row[axis]) for axis in "VAD"] for row in rows])
    ratings = np.clip((raw - (3, 2, 2)) / (1.5, 2, 2), (-1, 0, 0), 1)
    return _rated([row["text"] for row in rows], ratings)


def snippets(folder: Path, name: str) -> Rated:
    """Read a ground truth of VADER (Hutto & Gilbert, ICWSM 2014), such as 'tweets': mean intensity −4…4 to −1…1."""
    path = folder / "vader-gt" / f"{name}_GroundTruth.txt"
    rows = [line.split("\t", 2) for line in path.read_text(encoding="utf-8", errors="replace").splitlines()]
    return _rated([text for _, _, text in rows], np.array([[float(intensity) / 4] for _, intensity, _ in rows]))


def semeval(folder: Path, split: str) -> Rated:
    """Read the English train or dev rows of SemEval-2025 task 11 track B (BRIGHTER; Muhammad et al., ACL 2025).

    Five emotions have an intensity of 0 to 3; the highest of them is taken as the text's intensity. No other rating.
    """
    with (folder / f"semeval2025-task11/track_b/{split}/eng.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    emotions = ("anger", "fear", "joy", "sadness", "surprise")
    intensity = [max(int(row[emotion]) for emotion in emotions) / 3 for row in rows]
    return _rated([row["text"] for row in rows], np.array(intensity)[:, None], first=RATINGS.index("intensity"))


def opinions(folder: Path) -> Rated:
    """Read sentences of reviews (Kotzias et al., KDD 2015): valence −0.6 or 0.6, as people call them bad or good."""
    texts, valences = [], []
    for path in sorted((folder / "uci-sentences").glob("*_labelled.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            text, _, good = line.rpartition("\t")
            if text.strip():
                texts.append(text.strip())
                valences.append([0.6 if good.strip() == "1" else -0.6])
    return _rated(texts, np.array(valences))


def subtitles(folder: Path) -> list[str]:
    """Read the English lines of XED (Öhman et al., COLING 2020), without their labels."""
    annotated = (folder / "xed/AnnotatedData/en-annotated.tsv").read_text(encoding="utf-8").splitlines()
    neutral = (folder / "xed/AnnotatedData/neu_en.txt").read_text(encoding="utf-8").splitlines()
    lines = [line.split("\t")[0] for line in annotated] + [line.split("\t", 1)[-1] for line in neutral]
    return [line.strip() for line in lines if len(line.split()) > 2]


def _rated(texts: list[str], known: NDArray[np.float64], *, first: int = 0) -> Rated:
    """Return texts with the columns of ratings that are known, from column `first` on."""
    ratings = np.full((len(texts), len(RATINGS)), np.nan, np.float32)
    ratings[:, first : first + known.shape[1]] = known
    return Rated(texts, ratings)


@dataclass(frozen=True)
class Service:
    """Our own service messages: texts, what came before each (our last line, the customer's own lines before), the
    means of both readers' labels (N, 28), ratings (N, 4; valence and arousal only) and service marks and moves (N, 13),
    all 0…1 but valence; what each reader said of these alone (N, 13); and whether a text says little without what came
    before."""

    texts: list[str]
    contexts: list[Context]
    labels: Array
    ratings: Array
    marks: Array
    readers: tuple[NDArray[np.bool_], NDArray[np.bool_]]
    needs_context: NDArray[np.bool_]


def service(folder: Path, *names: str) -> Service:
    """Read files of `training/text/service` (see its DATASHEET.md), such as 'craft', with both readers' labels."""
    both = both_readers(folder, *names)
    rows = [first for first, _ in both]

    def mean(values: Callable[[dict[str, Any]], list[float]]) -> Array:
        return np.array([np.mean([values(one) for one in pair], axis=0) for pair in both], np.float32)

    def marks(row: dict[str, Any]) -> list[float]:
        return [*(row["marks"].get(mark, 0.0) for mark in MARKS), *(float(move in row["moves"]) for move in MOVES)]

    return Service(
        [row["text"] for row in rows],
        [Context(row["agent"], tuple(row["before"])) for row in rows],
        mean(lambda row: [float(label in row["labels"]) for label in LABELS]),
        mean(lambda row: [row["valence"], row["arousal"], np.nan, np.nan]),
        mean(marks),
        (np.array([marks(one) for one, _ in both]) >= HELD, np.array([marks(other) for _, other in both]) >= HELD),
        np.array([len(row["text"].split()) <= 3 and bool(row["agent"] or row["before"]) for row in rows]),
    )


def both_readers(folder: Path, *names: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Return what the first reader (the writer) and the second said of each message in files of our own."""
    rows = [row for name in names for row in json_lines(folder / f"{name}.jsonl")]
    second = {row["id"]: row for name in names for row in json_lines(folder / "second" / f"{name}.jsonl")}
    return [(row, second[row["id"]]) for row in rows]


def json_lines(path: Path) -> list[dict[str, Any]]:
    """Return the JSON objects of a file, one a line."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def satisfaction_turns(folder: Path, name: str) -> Iterator[tuple[str, bool]]:
    """Yield the user turns of a USS set (Sun et al., SIGIR 2021), and whether half their ratings or more are below 3.

    Evaluation only: no licence is stated for these ratings.
    """
    with (folder / "uss/dataset" / f"{name}.txt").open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            fields = line.rstrip("\n").split("\t")
            if len(fields) < 4 or fields[0] != "USER" or fields[1] == "OVERALL" or not fields[3]:
                continue
            ratings = [int(rating) for rating in fields[3].split(",")]
            yield fields[1], 2 * sum(rating < 3 for rating in ratings) >= len(ratings)
