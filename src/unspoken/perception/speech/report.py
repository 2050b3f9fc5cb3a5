"""How well speech is written down: word errors on TESS, clean and through a telephone, and what it costs."""

import csv
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from unspoken.perception.figures import Array, Figure, Line, with_interval
from unspoken.perception.speech.recording import transcribed
from unspoken.perception.speech.transcriber import RATE, Samples, Transcriber

CLIPS = 200
RECORDING = 600.0  # seconds of the recording that is made of clips
_TIMED = 40  # clips by which the cost of a short one is told
_SHORT = 3.0  # seconds of such a clip
_BLOCK = 10 * RATE
Load = Callable[[Path], Samples]
Carried = Callable[[Samples], Samples]


class NothingToMeasure(LookupError):  # noqa: N818  reads as the sentence it is
    """The recordings are not there; the message says where they were looked for."""


@dataclass(frozen=True)
class _Said:
    """Recordings, and the words that are said in each."""

    clips: list[Samples]
    words: list[list[str]]


def speech_lines(transcriber: Transcriber, data: Path, *, load: Load, carried: Carried) -> Iterator[Line]:
    """Yield every figure of a speech model that can be measured with the corpora in `data`.

    load: opens a recording at 16 kHz; carried: makes it sound as through a telephone. Raises NothingToMeasure where
    TESS is not in `data`, and ModelUnavailable.
    """
    said = _tess(data / "tess", load)
    corpus = f"TESS, {len(said.clips)} of its recordings of “say the word …”, 2 speakers, never trained on"
    for words, clips in (("clean", said.clips), ("telephone", [carried(clip) for clip in said.clips])):
        heard = [words_of(transcriber.transcribe(clip, language="en").text) for clip in clips]
        yield Line(corpus, f"word error rate, {words}", word_errors(said.words, heard))
    yield from _cost(transcriber, said)


def words_of(text: str) -> list[str]:
    """Return the words of a text in small letters, without punctuation."""
    plain = "".join(one if one.isalnum() or one == "'" else " " for one in text.lower())
    return plain.replace("'", "").split()


def edits(said: Sequence[str], heard: Sequence[str]) -> int:
    """Return how many words must be changed, left out or put in to make one of the other (Levenshtein 1966)."""
    above = list(range(len(heard) + 1))
    for row, word in enumerate(said, 1):
        here = [row]
        for column, other in enumerate(heard, 1):
            here.append(min(above[column] + 1, here[-1] + 1, above[column - 1] + (word != other)))
        above = here
    return above[-1]


def word_errors(said: Sequence[Sequence[str]], heard: Sequence[Sequence[str]]) -> Figure:
    """Return the word error rate: of all words that are said, the share that must be changed, left out or put in."""
    wrong = np.array([float(edits(one, other)) for one, other in zip(said, heard, strict=True)])
    return with_interval(_share, wrong, np.array([float(len(one)) for one in said]))


def _share(part: Array, whole: Array) -> float:
    return float(part.sum() / whole.sum())


def _tess(folder: Path, load: Load) -> _Said:
    """Return a sample of TESS (Pichora-Fuller & Dupuis 2020), the same each time, without words by which anything was
    chosen."""
    if not (folder / "labels.csv").is_file():
        raise NothingToMeasure(f"{folder} lacks the corpus TESS. How well speech is written down was not measured.")
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if not _chosen_by(row["extra"])]
    rows.sort(key=lambda row: row["file"])
    drawn = np.random.default_rng(0).permutation(len(rows))[:CLIPS]
    chosen = [rows[place] for place in drawn]
    clips = [load(folder / "audio" / row["file"]) for row in chosen]
    return _Said(clips, [["say", "the", "word", *words_of(row["extra"])] for row in chosen])


def _chosen_by(word: str) -> bool:
    """Tell whether a word is of the half by which windows and the silence around speech were chosen."""
    return sum(map(ord, word)) % 2 == 1


def _cost(transcriber: Transcriber, said: _Said) -> Iterator[Line]:
    shares = []
    for clip in said.clips[:_TIMED]:
        sound = np.resize(np.concatenate([clip, np.zeros(round(_SHORT * RATE), np.float32)]), round(_SHORT * RATE))
        begun = time.perf_counter()
        transcriber.transcribe(sound, language="en")
        shares.append((time.perf_counter() - begun) / _SHORT)
    low, middle, high = np.percentile(shares, [2.5, 50, 97.5])
    figure = Figure(float(middle), float(low), float(high))
    yield Line("Cost, one core", "share of real time by the clock, a recording of three seconds", figure)
    call, words = _call(said)
    begun = time.perf_counter()
    found = list(transcribed((call[begin : begin + _BLOCK] for begin in range(0, len(call), _BLOCK)), transcriber))
    seconds = time.perf_counter() - begun
    corpus = f"A recording of {len(call) / RATE:.0f} seconds, made of TESS with pauses"
    heard = words_of(" ".join(one.text for one in found))
    yield Line(corpus, "word error rate", Figure(*[edits(words, heard) / len(words)] * 3))
    yield Line("Cost, one core", "seconds by the clock, a recording of ten minutes", Figure(*[seconds] * 3))


def _call(said: _Said) -> tuple[Samples, list[str]]:
    """Return one recording of ten minutes, phrases and pauses as in a call, and its words."""
    random = np.random.default_rng(1)
    pieces: list[Samples] = []
    words: list[str] = []
    length = 0
    while length < RECORDING * RATE:
        place = int(random.integers(len(said.clips)))
        pause = (
            random.uniform(0.3, 2.0) if random.random() < 0.8 else random.uniform(4.0, 12.0)
        )  # the other side speaks
        pieces += [said.clips[place], np.zeros(round(pause * RATE), np.float32)]
        words += said.words[place]
        length += len(pieces[-2]) + len(pieces[-1])
    return np.concatenate(pieces), words
