"""A Whisper model in the form of CTranslate2, as faster-whisper runs it. Needs the extra unspoken[speech].

Imported only when a model is loaded. Silero's small model, which comes with faster-whisper, says where speech is.
"""

import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import faster_whisper
import numpy as np
from faster_whisper import BatchedInferencePipeline, WhisperModel
from faster_whisper.vad import VadOptions, get_speech_timestamps

from unspoken.perception.speech.guards import Heard
from unspoken.perception.speech.packing import Span
from unspoken.perception.speech.transcriber import RATE, Samples, Word

LONG, SHORT = 30.0, 15.0  # seconds that the model takes in at once; the shorter ones cost a third
_BEFORE, _AFTER = 0.5, 0.3  # seconds of silence without which it mistakes the first and last words
LONGEST, LONGEST_IN_SHORT = (round((window - _BEFORE - _AFTER) * RATE) for window in (LONG, SHORT))  # samples
_FRAMES = 100  # a second
_PIECES, _LEAST_PIECES, _MOST_PIECES = 10, 16, 400  # word pieces that a person says: a second; and in all
_LANGUAGE_OF_ENGLISH_ONLY = "en"
logging.getLogger("faster_whisper").setLevel(logging.WARNING)  # it tells of each sound


class _Whisper(WhisperModel):  # type: ignore[misc]  # it has no types
    """Hears in a window that is as long as is needed, where Whisper always hears thirty seconds."""

    window = LONG

    def encode(self, features: Any) -> Any:
        return super().encode(features[..., : round(self.window * _FRAMES)])


class Network:
    """The loaded model. For one thread at a time."""

    version = str(faster_whisper.__version__)
    together = 14 * RATE  # samples of speech that are best heard at once: in more, it passes over phrases

    def __init__(self, folder: Path, *, threads: int = 1) -> None:
        """Load the model in `folder`, in int8; raises whatever the library does when it is broken."""
        self._whisper = _Whisper(str(folder), device="cpu", compute_type="int8", cpu_threads=threads)
        self._pipeline = BatchedInferencePipeline(self._whisper)

    @property
    def is_multilingual(self) -> bool:
        """Whether it knows other languages than English."""
        return bool(self._whisper.model.is_multilingual)

    @property
    def languages(self) -> frozenset[str]:
        """The languages that it knows, mostly ISO 639-1."""
        return frozenset(self._whisper.supported_languages)

    def spans(self, samples: Samples) -> list[Span]:
        """Return where speech is in sound (n,), with a little around it; none is longer than `LONGEST`."""
        options = VadOptions(
            min_speech_duration_ms=100, min_silence_duration_ms=500, max_speech_duration_s=self.together / RATE,
            speech_pad_ms=600,  # it tells of a word that begins with a hiss only when it is half over
        )  # fmt: skip
        found = get_speech_timestamps(samples, options)
        return [(one["start"], min(one["end"], one["start"] + LONGEST)) for one in found]

    def language(self, samples: Samples) -> tuple[str, float]:
        """Return the language that is likeliest spoken in sound, and its chance 0…1."""
        if not self.is_multilingual:
            return _LANGUAGE_OF_ENGLISH_ONLY, 1.0
        self._whisper.window = LONG
        language, chance, _ = self._whisper.detect_language(samples)
        return str(language), float(chance)

    def hear(self, samples: Samples, *, language: str, window: float) -> Heard:
        """Return what is said in samples, times from their beginning, the likeliest word each time.

        window: seconds that the model takes in: `LONG` for at most `LONGEST` samples, or `SHORT` for at most
        `LONGEST_IN_SHORT`.
        """
        self._whisper.window = window
        quiet = np.zeros(round(window * RATE), np.float32)
        begin = round(_BEFORE * RATE)
        quiet[begin : begin + len(samples)] = samples
        found, _ = self._pipeline.transcribe(
            quiet, language=language, beam_size=1, temperature=0.0, condition_on_previous_text=False,
            vad_filter=False, clip_timestamps=[{"start": 0.0, "end": window}], batch_size=1, word_timestamps=True,
            max_new_tokens=min(_LEAST_PIECES + round(_PIECES * len(samples) / RATE), _MOST_PIECES),
        )  # fmt: skip
        return _heard(found, len(samples) / RATE)


def _heard(found: Iterable[Any], seconds: float) -> Heard:
    segments = list(found)
    words = [
        Word(
            str(one.word), _within(one.start - _BEFORE, seconds), _within(one.end - _BEFORE, seconds),
            _within(one.probability, 1.0),
        )
        for segment in segments
        for one in segment.words or ()
        if one.start - _BEFORE < seconds  # a word that begins after the sound was made up
    ]  # fmt: skip
    least = min((float(segment.avg_logprob) for segment in segments), default=0.0)
    return Heard(tuple(words), least, max((float(segment.no_speech_prob) for segment in segments), default=1.0))


def _within(value: float, most: float) -> float:
    return float(np.clip(value, 0.0, most))
