"""The only way to a model: whoever wants words read asks here, after the consent gate."""

import threading
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings

from unspoken.affect.reading import Outcome


class PerceptionUnavailableError(RuntimeError):
    """The model could not be loaded or broke down; what it should have read is kept and can be read later."""


class Perceiver(Protocol):
    """What reads a batch of signals: one outcome for each, in order. Safe to use from several threads."""

    def read(self, batch: Sequence[Any], /) -> Sequence[Outcome]: ...


_loading = threading.Lock()


def analysis_is_on() -> bool:
    """Return whether this installation reads messages at all (`UNSPOKEN_ANALYSIS`)."""
    return bool(settings.UNSPOKEN.analysis)


def perceive(texts: Sequence[str]) -> list[Outcome]:
    """Return a reading or an abstention for each of a customer's own texts; blocks for as long as the model takes.

    Raises PerceptionUnavailableError when there is no usable model or it fails. Never call this inside a transaction.
    """
    from unspoken.perception.text.perceiver import TextSignal

    try:
        with _loading:
            perceiver = _text_perceiver()
        outcomes = list(perceiver.read([TextSignal(text=text) for text in texts]))
    except Exception as error:
        raise PerceptionUnavailableError(f"The text model could not read: {error}") from error
    if len(outcomes) != len(texts):
        raise PerceptionUnavailableError(f"The text model gave {len(outcomes)} outcomes for {len(texts)} texts.")
    return outcomes


@cache
def _text_perceiver() -> Perceiver:
    from unspoken.perception.text.perceiver import TextPerceiver, shipped

    chosen = settings.UNSPOKEN.text_model
    return shipped() if chosen == "standard" else TextPerceiver(Path(chosen))
