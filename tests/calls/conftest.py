"""One server for all tests of a process that leave it as it was, and a prepared installation for those that do not."""

from collections.abc import Iterator
from itertools import count

import pytest

from tests.calls.installation import Served
from unspoken.calls.tests.lines import intake_is_here
from unspoken.intake.tests.conftest import mina
from unspoken.intake.tests.fake import START
from unspoken.people.actions.resolve import Known, resolve_contacts
from unspoken.people.models import Contact

__all__ = ["mina"]


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


@pytest.fixture
def intake(db: None) -> Iterator[None]:
    """What is submitted is stored in the test's own thread."""
    with intake_is_here():
        yield


@pytest.fixture
def otto(db: None) -> Contact:
    """Otto, whom nobody has asked yet."""
    [contact_id] = resolve_contacts([Known((("email", "otto@example.org"),), "Otto")], now=START)
    return Contact.objects.get(id=contact_id)
