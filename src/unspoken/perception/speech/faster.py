"""Speech to text by faster-whisper: any Whisper model in a folder, on one core, offline, without PyTorch."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from unspoken.affect.reading import Producer
from unspoken.perception.speech.guards import Heard, segments_of, without_rounds
from unspoken.perception.speech.models import expected_sha256, folder_of, name_of, unavailable, without_extra
from unspoken.perception.speech.packing import Pack, packs
from unspoken.perception.speech.transcriber import Samples, Transcript, Word

if TYPE_CHECKING:
    from unspoken.perception.speech.network import Network


@dataclass(frozen=True, slots=True)
class _Loaded:
    network: "Network"
    producer: Producer


class FasterWhisper:
    """A speech model. Loaded when first needed; safe to use from several threads, one at a time."""

    def __init__(self, model: str | Path = "tiny", *, threads: int = 1) -> None:
        """Use the model `tiny`, or that in a folder."""
        self._chosen, self._threads = model, threads
        self._busy = Lock()
        self._loaded: _Loaded | None = None

    @property
    def producer(self) -> Producer:
        """Who writes these transcripts; raises ModelUnavailable when the model, or the extra, is missing or broken."""
        with self._busy:
            return self._ready().producer

    def transcribe(self, samples: Samples, *, language: str | None = None) -> Transcript:
        """Return what is said in sound (n,) at 16 kHz, −1…1; language: ISO 639-1, None to recognise it.

        A language that the model does not know is recognised too; one that knows only English says "en" of whatever
        it is given. Raises ModelUnavailable when the model, or the extra, is missing or broken.
        """
        with self._busy:
            ready = self._ready()
            return _transcript(ready.network, ready.producer, _sound(samples), language)

    def _ready(self) -> _Loaded:
        if self._loaded is None:
            folder = folder_of(self._chosen)
            digest = _digest(self._chosen, folder / "model.bin")
            network = _network(folder, self._threads)
            self._loaded = _Loaded(network, Producer(name_of(self._chosen, folder), network.version, digest))
        return self._loaded


def _network(folder: Path, threads: int) -> "Network":
    try:
        from unspoken.perception.speech.network import Network
    except ImportError as error:
        raise without_extra(error) from error
    try:
        return Network(folder, threads=threads)
    except Exception as error:  # the library raises whatever comes to it
        raise unavailable(
            f"The speech model in {folder} is broken, or is none for CTranslate2 ({error})",
            "To mend it, install unspoken[speech] again, or copy the whole folder of such a model there.",
        ) from error


def _digest(chosen: str | Path, weights: Path) -> str:
    with weights.open("rb") as opened:
        found = hashlib.file_digest(opened, "sha256").hexdigest()
    expected = expected_sha256(chosen)
    if expected not in (None, found):
        raise unavailable(
            f"{weights} is damaged: its sha256 is {found[:12]}…, {expected[:12] if expected else ''}… was expected",
            "To mend it, install unspoken[speech] again.",
        )
    return found


def _sound(samples: Samples) -> Samples:
    """Return samples as the model needs them: float32 without gaps, nothing beyond −1…1, no broken numbers."""
    return np.ascontiguousarray(np.clip(np.nan_to_num(np.asarray(samples, np.float32)), -1.0, 1.0))


def _transcript(network: "Network", producer: Producer, samples: Samples, asked: str | None) -> Transcript:
    asked = asked if asked in network.languages else None
    spans = network.spans(samples) if len(samples) else []
    if not spans:
        return Transcript((), asked if network.is_multilingual else "en", 0.0, producer)
    language, chance = asked, 1.0
    words: list[Word] = []
    for pack in packs(samples, spans, longest=network.together):
        if language is None or not network.is_multilingual:
            language, chance = network.language(pack.samples)
        words += _words(network, samples, pack, language)
    return Transcript(segments_of(words), language, chance, producer)


def _words(network: "Network", whole: Samples, pack: Pack, language: str) -> list[Word]:
    """Return the words of a pack, placed in the whole; where the model guesses, of what it is sure of, taken apart."""
    heard = _hear(network, pack.samples, language)
    if heard.is_silence:
        return []
    if heard.is_doubtful and (halves := pack.halves(whole)):
        return [word for half in halves for word in _words(network, whole, half, language)]
    if heard.is_guess:
        return []
    return [pack.placed(word) for word in without_rounds(heard.words)]


def _hear(network: "Network", samples: Samples, language: str) -> Heard:
    """Hear in a short window where that does; where it leads to doubts, in the long one that the model learnt with."""
    from unspoken.perception.speech.network import LONG, LONGEST_IN_SHORT, SHORT

    if len(samples) <= LONGEST_IN_SHORT:
        heard = network.hear(samples, language=language, window=SHORT)
        if not heard.is_doubtful:
            return heard
    return network.hear(samples, language=language, window=LONG)
