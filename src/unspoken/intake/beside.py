"""What came before a short message: our last line, and what the customer had said and was read of it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from unspoken.conversations.models import Author
from unspoken.readings.actions import Words
from unspoken.readings.lines import Line
from unspoken.readings.recalled import Thread, lines_of

BEFORE = 3  # of the customer's own earlier lines


@dataclass(frozen=True, slots=True)
class Asked:
    """A customer's message to read, where and when it was written, and the names of those who take part."""

    text: str
    thread: Thread
    line: Line
    names: tuple[str, ...] = ()


def beside(asked: Sequence[Asked], arriving: Iterable[tuple[Thread, Line]]) -> list[Words]:
    """Return each message with what came before it, where it is short; arriving: lines that may not be stored yet."""
    words = [Words(one.text, names=one.names) for one in asked]
    short = [place for place, one in enumerate(words) if one.is_short]
    threads = {asked[place].thread for place in short}
    if not threads:
        return words
    lines: defaultdict[Thread, dict[str, Line]] = defaultdict(dict)
    for thread, found in lines_of(threads).items():
        lines[thread] = {line.name: line for line in found}
    for thread, line in arriving:
        if thread in threads:
            lines[thread].setdefault(line.name, line)
    for place in short:
        one = asked[place]
        words[place] = _with_context(words[place], one.line, lines[one.thread].values())
    return words


def _with_context(words: Words, line: Line, lines: Iterable[Line]) -> Words:
    """Return `words` with the lines before them; of one moment, those that were stored first."""
    earlier = sorted((one for one in lines if one.at < line.at), key=lambda one: one.at)
    agent = next((one.text for one in reversed(earlier) if one.author == Author.AGENT), "")
    own = [one.text for one in earlier if one.author == Author.CUSTOMER]
    return Words(words.text, agent, tuple(own[-BEFORE:]), words.names)
