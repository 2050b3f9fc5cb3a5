"""JSON from outside is taken up to a depth that nobody reaches by writing."""

import base64

import pytest

from unspoken.kit.keyset import BadCursor, decode
from unspoken.kit.outside_json import DEEPEST, is_too_deep, parsed


def nested(levels: int) -> str:
    return "[" * levels + "]" * levels


def test_takes_what_somebody_would_write() -> None:
    assert parsed('{"a": [1, {"b": null}]}') == {"a": [1, {"b": None}]}
    assert parsed(nested(DEEPEST)) and not is_too_deep("[[")


@pytest.mark.parametrize("levels", [DEEPEST + 1, 5_000, 500_000])
def test_says_that_it_is_nested_too_deeply(levels: int) -> None:
    for written in (nested(levels), '{"a":' * levels + "1" + "}" * levels):
        with pytest.raises(ValueError, match="it is nested more than 64 levels deep"):
            parsed(written)


def test_a_cursor_nested_too_deeply_is_none_of_ours() -> None:
    cursor = base64.urlsafe_b64encode(nested(500_000).encode()).decode()
    with pytest.raises(BadCursor):
        decode(cursor, length=2)
