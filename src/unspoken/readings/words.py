"""The only way from speech to text: whoever wants words on a call written down asks here, after the gate."""

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from django.conf import settings

from .actions.perceive import PerceptionUnavailableError, analysis_is_on

if TYPE_CHECKING:
    from unspoken.perception.speech.apart import SpeechApart
    from unspoken.perception.speech.transcriber import Samples, Transcript
    from unspoken.perception.speech.utterances import Utterance, Utterances
    from unspoken.perception.voice.ear import Portion

    __all__ = ["Samples", "Transcript", "Utterance", "Utterances"]


def speech_is_on() -> bool:
    """Return whether calls are written down here (`UNSPOKEN_SPEECH_MODEL`)."""
    return bool(settings.UNSPOKEN.speech_model) and analysis_is_on()


def utterances() -> "Utterances":
    """Return what cuts one side of a call into utterances."""
    from unspoken.perception.speech.utterances import Utterances

    return Utterances()


def said_in(portion: "Portion", utterances: "Utterances") -> "Iterator[Utterance]":
    """Yield the utterances that a portion of a call, heard with its sound, completes."""
    from unspoken.perception.voice.activity import FRAME_SAMPLES

    for piece, sound in zip(portion.activity, portion.sound, strict=True):
        frames = -(-len(sound) // FRAME_SAMPLES)
        yield from utterances.feed(piece.begins, sound, piece.own[:frames])


def written_down(samples: "Samples", *, language: str = "") -> "Transcript":
    """Return what is said in sound (n,) at 16 kHz; blocks for as long as the model takes.

    language: ISO 639-1, or empty to recognise it. Raises PerceptionUnavailableError.
    """
    from unspoken.perception.artifacts import ModelUnavailable

    try:
        return _scribe().transcribe(samples, language=language[:2].lower() or None)
    except ModelUnavailable as error:
        raise PerceptionUnavailableError(f"The speech could not be written down: {error}") from error


@cache
def _scribe() -> "SpeechApart":
    from unspoken.perception.speech.apart import SpeechApart

    return SpeechApart(settings.UNSPOKEN.speech_model)
