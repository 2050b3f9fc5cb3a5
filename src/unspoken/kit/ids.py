"""Prefixed, time-ordered, unguessable keys: `ct_01k9q8…` names what it is and sorts by when it was made."""

import secrets
import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    TextField = models.CharField[str, str]
else:
    TextField = models.CharField

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford base 32


_lock = threading.Lock()
_newest = 0


def new_id(prefix: str) -> str:
    """Return `prefix_` and 26 characters: 48 bits of milliseconds and 80 random bits (the ULID layout).

    Ids of one process sort in the order in which they were made, also within a millisecond: what arrived together keeps
    its order.
    """
    global _newest
    with _lock:
        number = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
        if number <= _newest:
            number = _newest + 1 + secrets.randbits(60)
        _newest = number
    return f"{prefix}_" + "".join(_ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))


class IdField(TextField):
    """A text primary key made by `new_id(prefix)`."""

    def __init__(self, prefix: str = "", **options: Any) -> None:
        self.prefix = prefix
        options.update(primary_key=True, max_length=40, editable=False, default=partial(new_id, prefix))
        super().__init__(**options)

    def get_prep_value(self, value: Any) -> Any:
        """Return an id as it is asked for. With a NUL it is nobody's, and PostgreSQL would not even be asked."""
        found = super().get_prep_value(value)
        return found.replace("\x00", "\ufffd") if isinstance(found, str) else found

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, path, args, options = super().deconstruct()
        for key in ("primary_key", "max_length", "editable", "default"):
            options.pop(key, None)
        return name, path, args, {**options, "prefix": self.prefix}
