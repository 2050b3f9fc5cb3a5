"""What came before a message, and the word pieces that message and context are read as. Pure.

    [CLS] the message [SEP] our last line [SEP] the customer's own lines before [SEP]

Only the message is pooled and pointed at; the rest is looked at by the encoder's attention. A message that says enough
for itself is read without (`needs_context`), so that most messages cost no more than their own words.
"""

from collections.abc import Sequence
from dataclasses import dataclass

MOST_WORDS = 7  # a message of more words is read for itself
AGENT_PIECES, BEFORE_PIECES = 20, 12  # the last ones of each; more helped little, and every piece costs


@dataclass(frozen=True, slots=True)
class Context:
    """Our last line, and the customer's own earlier lines of the conversation, oldest first; either may be empty."""

    agent: str = ""
    before: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.agent or self.before)


NOTHING_BEFORE = Context()
_SPARE = 4  # words kept beside, so that a name at the cut is still seen whole


def needs_context(text: str) -> bool:
    """Tell whether a message is so short that what came before it may decide how it reads."""
    return len(text.split(None, MOST_WORDS)) <= MOST_WORDS


def nearest(context: Context) -> Context:
    """Return the end of a context, all of it that can be among the last pieces: a word is at least one piece."""
    before: list[str] = []
    left = BEFORE_PIECES + _SPARE
    for line in reversed(context.before):
        if left <= 0:
            break
        before.append(_last(line, left))
        left -= len(before[-1].split())
    return Context(_last(context.agent, AGENT_PIECES + _SPARE), tuple(reversed(before)))


def _last(text: str, words: int) -> str:
    head, *tail = text.rsplit(None, words) or [""]
    return text[len(head) :] if len(tail) == words else text


def joined(text: Sequence[int], agent: Sequence[int], before: Sequence[int], *, sep: int) -> list[int]:
    """Return the ids of a message ([CLS] and [SEP] included) with the ids of its context (bare) behind them."""
    if not agent and not before:
        return list(text)
    return [*text, *agent[-AGENT_PIECES:], sep, *before[-BEFORE_PIECES:], sep]
