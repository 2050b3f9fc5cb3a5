"""What the tests of every connector share."""

from collections.abc import Iterator

import pytest

from unspoken.intake import batcher


@pytest.fixture(autouse=True)
def nothing_is_left_under_way() -> Iterator[None]:
    """End this process's batcher after each test."""
    yield
    batcher.close()
