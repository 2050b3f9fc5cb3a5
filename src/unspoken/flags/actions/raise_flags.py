"""Evaluate the enabled rules on what has just moved and raise flags; called inside the pipeline's transaction."""

from collections.abc import Sequence
from datetime import datetime

from unspoken.flags.context import Moved
from unspoken.flags.models import Flag


def evaluate(moved: Sequence[Moved], *, now: datetime) -> list[Flag]:
    """Raise the flags that the enabled rules find in `moved`, in the caller's transaction; return them."""
    return []
