"""What is handed to a text model. Without the model's libraries, so that whoever asks another process loads none."""

from dataclasses import dataclass

from unspoken.perception.text.context import NOTHING_BEFORE, Context


@dataclass(frozen=True, slots=True)
class TextSignal:
    """The customer's own words, without quoted history; `automatic` for auto-replies and delivery reports.

    context: what came before, looked at where the text is short; names: of those who are known to take part.
    """

    text: str
    automatic: bool = False
    context: Context = NOTHING_BEFORE
    names: tuple[str, ...] = ()
