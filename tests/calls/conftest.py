"""One server for all tests of a process that leave it as it was, and a prepared installation for those that do not."""

from collections.abc import Iterator
from itertools import count

import pytest

from tests.calls.installation import Served


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Served:
    """An installation that is never started."""
    made = Served(tmp_path_factory.mktemp("prepared"))
    made.rest()
    return made


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory, prepared: Served) -> Iterator[Served]:
    """An installation whose server runs; every test uses calls of its own."""
    made = Served(tmp_path_factory.mktemp("calls"), like=prepared)
    try:
        made.start()
        yield made
    finally:
        made.close()


_names = count(1)


@pytest.fixture
def call() -> str:
    """The other system's name of a call that nobody else uses."""
    return f"CA{next(_names):04d}"
