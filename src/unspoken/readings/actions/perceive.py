"""The only way to a model: whoever wants words read asks here, after the consent gate."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from django.conf import settings

from unspoken.affect.reading import Outcome
from unspoken.perception.apart import Apart
from unspoken.perception.text.context import Context, needs_context
from unspoken.perception.text.signal import TextSignal


@dataclass(frozen=True, slots=True)
class Words:
    """A customer's own text, and what may be looked at beside it.

    agent: our last line before it; before: the customer's own earlier lines that were read, oldest first; both count
    only where the text is short. names: of those who take part; they are hidden from the model.
    """

    text: str
    agent: str = ""
    before: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    @property
    def is_short(self) -> bool:
        """Whether what came before may decide how the text reads."""
        return needs_context(self.text)


class PerceptionUnavailableError(RuntimeError):
    """The model could not be loaded or broke down; what it should have read is kept and can be read later."""


def analysis_is_on() -> bool:
    """Return whether this installation reads messages at all (`UNSPOKEN_ANALYSIS`)."""
    return bool(settings.UNSPOKEN.analysis)


def perceive(words: Sequence[Words]) -> list[Outcome]:
    """Return a reading or an abstention for each of a customer's own texts; blocks for as long as the model takes.

    Raises PerceptionUnavailableError when there is no usable model or it fails. Never call this inside a transaction.
    """
    try:
        outcomes = text_perceiver().read(
            [TextSignal(one.text, context=Context(one.agent, one.before), names=one.names) for one in words]
        )
    except Exception as error:
        raise PerceptionUnavailableError(f"The text model could not read: {error}") from error
    if len(outcomes) != len(words):
        raise PerceptionUnavailableError(f"The text model gave {len(outcomes)} outcomes for {len(words)} texts.")
    return outcomes


@cache
def text_perceiver() -> Apart:
    """Return what reads texts for this process, in a process of its own."""
    return Apart(settings.UNSPOKEN.text_model)
