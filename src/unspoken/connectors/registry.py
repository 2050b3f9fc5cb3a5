"""Which connectors there are: every folder here with a `connector.py`, and entry points of other packages."""

import pkgutil
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from importlib.util import find_spec

from .base import Connector

ENTRY_POINTS = "unspoken.connectors"
"""The group under which another package offers a connector: `name = "its.module:connector"`."""


class UnknownConnectorError(LookupError):
    """An inbox names a connector that is not installed."""


@cache
def connectors() -> dict[str, Connector]:
    """Return every connector by name; one of ours is never replaced by another package's."""
    package = import_module(__package__)
    folders = [found.name for found in pkgutil.iter_modules(package.__path__) if found.ispkg]
    names = [name for name in folders if find_spec(f"{__package__}.{name}.connector")]
    ours = {name: import_module(f"{__package__}.{name}.connector").connector for name in sorted(names)}
    others = {entry.name: entry.load() for entry in entry_points(group=ENTRY_POINTS)}
    return others | ours


def connector_named(name: str) -> Connector:
    """Return a connector; raises UnknownConnectorError."""
    try:
        return connectors()[name]
    except KeyError:
        raise UnknownConnectorError(
            f"There is no connector named {name!r}; there are {', '.join(connectors())}."
        ) from None
