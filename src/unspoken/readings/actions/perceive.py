"""The only way to a model: whoever wants words read asks here, after the consent gate."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from django.conf import settings

from unspoken.affect.reading import Outcome
from unspoken.perception.apart import Apart


class PerceptionUnavailableError(RuntimeError):
    """The model could not be loaded or broke down; what it should have read is kept and can be read later."""


def analysis_is_on() -> bool:
    """Return whether this installation reads messages at all (`UNSPOKEN_ANALYSIS`)."""
    return bool(settings.UNSPOKEN.analysis)


def perceive(texts: Sequence[str]) -> list[Outcome]:
    """Return a reading or an abstention for each of a customer's own texts; blocks for as long as the model takes.

    Raises PerceptionUnavailableError when there is no usable model or it fails. Never call this inside a transaction.
    """
    try:
        outcomes = text_perceiver().read(texts)
    except Exception as error:
        raise PerceptionUnavailableError(f"The text model could not read: {error}") from error
    if len(outcomes) != len(texts):
        raise PerceptionUnavailableError(f"The text model gave {len(outcomes)} outcomes for {len(texts)} texts.")
    return outcomes


@cache
def text_perceiver() -> Apart:
    """Return what reads texts for this process, in a process of its own."""
    chosen = settings.UNSPOKEN.text_model
    return Apart(None if chosen == "standard" else Path(chosen))
