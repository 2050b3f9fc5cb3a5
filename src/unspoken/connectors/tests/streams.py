"""Streams of connectors through which calls come in, for tests. Nothing here needs a database."""

from datetime import UTC, datetime
from typing import Any

from unspoken.calls.happenings import Began, Noted
from unspoken.connectors.base import Delivery
from unspoken.connectors.calling import Calling, Talk
from unspoken.connectors.registry import connectors
from unspoken.conversations.models import Inbox

from .doors import FOLDER, conformance

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CALLING = sorted(name for name, connector in connectors().items() if isinstance(connector, Calling))


def recorded(name: str) -> dict[str, str]:
    """Return the recorded text frames of a connector by file name."""
    return {file.stem: file.read_text() for file in sorted((FOLDER / name / "tests" / "frames").glob("*.json"))}


def inbox_of(name: str, **changes: Any) -> Inbox:
    """Return an inbox that is nowhere stored."""
    return Inbox(pk="inb_test", name="Calls", connector=name, settings={**conformance(name).SETTINGS, **changes})


def admitted(name: str, upgrade: Delivery | None = None, inbox: Inbox | None = None) -> Talk:
    connector = connectors()[name]
    assert isinstance(connector, Calling)
    return connector.admit(upgrade or conformance(name).upgrade(at=AT), inbox or inbox_of(name))


def opened(name: str, **changes: Any) -> tuple[Talk, Began]:
    """Return the talk of a stream that has begun."""
    talk = admitted(name, inbox=inbox_of(name, **changes))
    told = [happening for each in conformance(name).OPENING for happening in talk.take(recorded(name)[each], now=AT)]
    talk.answers()
    [began] = told
    assert isinstance(began, Began)
    return talk, began


def begun(name: str, parameters: dict[str, Any], **changes: Any) -> tuple[Began, list[str]]:
    """Return what a stream begins with that is told `parameters`, and what is noted of it."""
    talk = admitted(name, inbox=inbox_of(name, **changes))
    began, *others = talk.take(conformance(name).beginning(parameters), now=AT)
    assert isinstance(began, Began)
    return began, [other.what for other in others if isinstance(other, Noted)]
