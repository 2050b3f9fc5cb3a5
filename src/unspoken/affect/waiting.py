"""How long a customer waited and which promises passed: arithmetic on the times of turns, no reading of the agent."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from unspoken.affect.turns import Turn

PATIENCE = 300.0
"""Seconds that a chat may go unanswered before waiting counts; give `follow` 86 400 for e-mail."""

_SAME_EXCHANGE = 1800.0
"""Seconds (or a quarter of the time promised) in which "anything else?" does not keep a promise yet; what comes later
does, so that doubt speaks for us having kept it."""


class Wait(NamedTuple):
    """What a customer had behind them at one turn: seconds waited since they last wrote, and a promise that passed."""

    seconds: float = 0.0
    broken: Turn | None = None


NO_WAIT = Wait()


@dataclass(frozen=True, slots=True)
class Waits:
    """Waits per turn, the longest (seconds), and since when nobody has answered (epoch seconds)."""

    at: tuple[Wait, ...]
    longest: float
    unanswered_since: float | None


def waits(turns: Sequence[Turn]) -> Waits:
    """Return the waits and passed promises of a conversation given in order.

    Agents and bots answer; system lines (an automatic "we have received your message") do not.
    """
    found: list[Wait] = []
    open_since: float | None = None
    longest = answered_after = 0.0
    promises: list[Turn] = []
    for turn in turns:
        wait = NO_WAIT
        if turn.author == "customer":
            if open_since is None:
                open_since, seconds = turn.at, answered_after
            else:
                seconds = turn.at - open_since
            longest = max(longest, seconds)
            wait = Wait(seconds, _passed(promises, turn.at))
        elif turn.author != "system":
            answered_after = 0.0 if open_since is None else turn.at - open_since
            longest = max(longest, answered_after)
            open_since = None
            promises = [made for made in promises if not _keeps(turn, made)]
            if turn.promise_due is not None:
                promises.append(turn)
        found.append(wait)
    return Waits(tuple(found), longest, open_since)


def _keeps(turn: Turn, made: Turn) -> bool:
    due = made.promise_due
    return due is not None and made.at + min(_SAME_EXCHANGE, 0.25 * (due - made.at)) <= turn.at <= due


def _passed(promises: list[Turn], at: float) -> Turn | None:
    """Return the oldest promise whose time had passed, and forget it: it is broken once."""
    for made in promises:
        if made.promise_due is not None and made.promise_due < at:
            promises.remove(made)
            return made
    return None
