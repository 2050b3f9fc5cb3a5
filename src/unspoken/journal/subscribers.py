"""Who hears of which kinds of entry. A subscriber is registered once, in its app's `AppConfig.ready`."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .models import Entry

Handler = Callable[[Entry], None]


@dataclass(frozen=True, slots=True)
class Subscriber:
    """`handle` is idempotent: after a crash it may see an entry twice. A kind ending in `.` stands for its family."""

    name: str
    kinds: tuple[str, ...]
    handle: Handler

    def wants(self, kind: str) -> bool:
        """Tell whether entries of `kind` are for this subscriber."""
        return any(kind == wanted or (wanted.endswith(".") and kind.startswith(wanted)) for wanted in self.kinds)


_registered: dict[str, Subscriber] = {}


def subscribe(name: str, *, kinds: Iterable[str], handle: Handler) -> None:
    """Register a subscriber; the same name again replaces it."""
    _registered[name] = Subscriber(name, tuple(kinds), handle)


def subscribers_of(kind: str) -> list[Subscriber]:
    """Return the subscribers that want entries of `kind`."""
    return [subscriber for subscriber in _registered.values() if subscriber.wants(kind)]


def subscriber(name: str) -> Subscriber | None:
    """Return the subscriber registered as `name`, if any."""
    return _registered.get(name)
