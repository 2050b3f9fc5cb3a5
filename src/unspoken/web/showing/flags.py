"""Flags and rules in words."""

from unspoken.flags.queries import Precision


def precision_words(precision: Precision | None) -> str:
    """Return how often people found a rule right, with the range that this many decisions leave open."""
    if precision is None or precision.value is None:
        return "Nobody has said yet whether this rule is right."
    right = precision.decided - precision.refused
    return (
        f"Right in {right} of {precision.decided} decided {'flag' if precision.decided == 1 else 'flags'} "
        f"(somewhere between {precision.low:.0%} and {precision.high:.0%} in the long run)."
    )
