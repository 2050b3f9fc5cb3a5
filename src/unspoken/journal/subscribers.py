"""Who hears of which kinds of entry. A subscriber is registered once, in its app's `AppConfig.ready`."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from .models import Entry

Handler = Callable[[Entry], None]


def is_wanted(kind: str, *, wanted: Iterable[str]) -> bool:
    """Tell whether `kind` is among the wanted kinds; one that ends in `.` stands for its family."""
    return any(kind == each or (each.endswith(".") and kind.startswith(each)) for each in wanted)


@dataclass(frozen=True, slots=True)
class Subscriber:
    """`handle` is idempotent: after a crash it may see an entry twice. A kind ending in `.` stands for its family."""

    name: str
    kinds: tuple[str, ...]
    handle: Handler

    def wants(self, kind: str) -> bool:
        """Tell whether entries of `kind` are for this subscriber."""
        return is_wanted(kind, wanted=self.kinds)


@dataclass(frozen=True, slots=True)
class Group:
    """Subscribers that come and go at run time, named `group:key`, such as one for each webhook endpoint."""

    keys: Callable[[str], Iterable[str]]
    handle: Callable[[str, Entry], None]


_registered: dict[str, Subscriber] = {}
_groups: dict[str, Group] = {}


def subscribe(name: str, *, kinds: Iterable[str], handle: Handler) -> None:
    """Register a subscriber; the same name again replaces it."""
    _registered[name] = Subscriber(name, tuple(kinds), handle)


def subscribe_group(name: str, *, keys: Callable[[str], Iterable[str]], handle: Callable[[str, Entry], None]) -> None:
    """Register a group: `keys(kind)` says who wants entries of a kind, `handle(key, entry)` delivers one."""
    _groups[name] = Group(keys, handle)


def subscribers_of(kind: str) -> list[Subscriber]:
    """Return the subscribers that want entries of `kind`."""
    single = [subscriber for subscriber in _registered.values() if subscriber.wants(kind)]
    return single + [
        Subscriber(f"{name}:{key}", (kind,), partial(group.handle, key))
        for name, group in _groups.items()
        for key in group.keys(kind)
    ]


def subscriber(name: str) -> Subscriber | None:
    """Return the subscriber registered as `name` (or `group:key`), if any."""
    group_name, _, key = name.partition(":")
    if key and group_name in _groups:
        return Subscriber(name, (), partial(_groups[group_name].handle, key))
    return _registered.get(name)
