"""`kill -9` of the server at random moments under load, on each database.

Every message is sent again under its name until it is acknowledged, as connectors do. In every third life the server
finds no model, so that messages are stored unread and have to be read in a later life.
"""

import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.installation import Client, Installation
from tests.crash.ledger import CLIENTS
from tests.postgres import temporary_server

KILLS = int(os.environ.get("UNSPOKEN_TEST_KILLS", "30"))
READ_WITHIN = 60.0  # seconds after the last start

pytestmark = [pytest.mark.crash, pytest.mark.slow]


@pytest.fixture(params=["sqlite", "postgresql"])
def installation(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    if request.param == "sqlite":
        made = Installation(tmp_path, "")
        yield made
        made.kill()
        return
    with temporary_server() as url:
        if not url:
            pytest.skip("no PostgreSQL server is installed here")
        made = Installation(tmp_path, url)
        yield made
        made.kill()


def test_what_was_acknowledged_is_there_exactly_once_after_any_kill(installation: Installation) -> None:
    chance = random.Random(20261123)
    token = installation.ledger("prepare")["token"]
    clients = [Client(installation, token, number) for number in range(CLIENTS)]
    for client in clients:
        client.start()
    empty = installation.folder / "empty-model"
    empty.mkdir(parents=True, exist_ok=True)
    for life in range(KILLS):
        no_model = {"UNSPOKEN_TEXT_MODEL": str(empty)} if life % 3 == 0 else None
        installation.start(no_model)
        _live(clients, messages=chance.randrange(60), seconds=chance.uniform(0.5, 2.0))
        installation.kill()
    installation.start()
    for client in clients:
        client.ended.set()
        client.join(60)
    until = time.monotonic() + READ_WITHIN
    while installation.ledger("pending")["pending"] and time.monotonic() < until:
        time.sleep(1.0)
    _check(installation.ledger("report"), clients)


def _live(clients: list[Client], *, messages: int, seconds: float) -> None:
    """Wait until so many messages more are acknowledged, or so long: the kill comes amid whatever happens then."""
    enough, until = sum(len(client.acknowledged) for client in clients) + messages, time.monotonic() + seconds
    while sum(len(client.acknowledged) for client in clients) < enough and time.monotonic() < until:
        time.sleep(0.001)


def _check(found: dict[str, object], clients: list[Client]) -> None:
    assert [client.strange for client in clients] == [[]] * CLIENTS
    acknowledged = {name: message for client in clients for name, message in client.acknowledged.items()}
    assert len(acknowledged) >= KILLS * 2, "hardly any load: the kills proved nothing"
    assert found["messages"] == acknowledged  # each there once, under the id that was acknowledged; and nothing else
    assert found["states"] == {"read": len(acknowledged)}
    assert found["pending_once"], "no message was ever stored unread: reading later was not tried"
    assert found["readings"] == found["in_contacts"] == found["in_channels"] == len(acknowledged)
    assert (found["recorded"], found["recorded_other_than_once"]) == (len(acknowledged), [])
    assert found["miscounted"] == []
    assert found["broken_entry"] is None
