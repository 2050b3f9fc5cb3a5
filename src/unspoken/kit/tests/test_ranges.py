"""Parts of a file are sent as asked for, no further than the file goes, and no longer than they may be."""

from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core.handlers.asgi import ASGIRequest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from unspoken.kit.ranges import PIECE, Part, Unsatisfiable, part_of, send_file

CONTENT = bytes(range(256)) * 1_000


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "sound"
    path.write_bytes(CONTENT)
    return path


def sent(file: Path, asked: str = "", *, may_go_on: Any = lambda: True, **headers: str) -> Any:
    request = RequestFactory().get("/", headers={"Range": asked, **headers} if asked else headers)
    return send_file(request, file, content_type="audio/wav", name="call.wav", may_go_on=may_go_on)


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("bytes=0-", Part(0, 10)),
        ("bytes=2-5", Part(2, 6)),
        ("bytes=0-0", Part(0, 1)),
        ("bytes=9-99", Part(9, 10)),
        ("bytes=-3", Part(7, 10)),
        ("bytes=-30", Part(0, 10)),
        ("", None),
        ("bytes=-", None),
        ("bytes=5-2", None),
        ("bytes=0-1,4-5", None),
        ("seconds=0-1", None),
        ("bytes=١-٢", None),
    ],
)
def test_a_range_is_one_part_or_all_of_it(asked: str, part: Part | None) -> None:
    assert part_of(asked, size=10) == part


@pytest.mark.parametrize("asked", ["bytes=10-", "bytes=99-100", "bytes=-0"])
def test_what_is_not_in_the_file_cannot_be_sent(asked: str) -> None:
    with pytest.raises(Unsatisfiable):
        part_of(asked, size=10)


@given(st.integers(0, 300), st.integers(0, 300), st.integers(1, 256))
def test_a_part_lies_within_the_file(first: int, last: int, size: int) -> None:
    try:
        part = part_of(f"bytes={first}-{last}", size=size)
    except Unsatisfiable:
        assert first >= size
    else:
        assert part is None or (first == part.start < part.end == min(last + 1, size))


def test_all_of_it_and_a_part_of_it_are_sent_and_never_stored(file: Path) -> None:
    whole = sent(file)
    assert (whole.status_code, b"".join(whole.streaming_content)) == (200, CONTENT)
    part = sent(file, "bytes=100-200099")
    assert (part.status_code, b"".join(part.streaming_content)) == (206, CONTENT[100:200_100])
    assert (part["Content-Range"], part["Content-Length"]) == (f"bytes 100-200099/{len(CONTENT)}", "200000")
    for answer in (whole, part):
        assert answer["Cache-Control"] == "private, no-store"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Accept-Ranges"] == "bytes"
    beyond = sent(file, "bytes=256000-")
    assert (beyond.status_code, beyond["Content-Range"], beyond.content) == (416, "bytes */256000", b"")


def test_a_part_of_another_file_is_answered_with_all_of_this_one(file: Path) -> None:
    assert sent(file, "bytes=5-", **{"If-Range": '"sound"'}).status_code == 206
    assert sent(file, "bytes=5-", **{"If-Range": '"another"'}).status_code == 200


def test_nothing_more_is_sent_once_it_may_not_be(file: Path) -> None:
    looks = iter([True, True, False])
    assert b"".join(sent(file, may_go_on=lambda: next(looks)).streaming_content) == CONTENT[: 2 * PIECE]
    answer = iter(sent(file).streaming_content)
    assert len(next(answer)) == PIECE
    file.unlink()
    assert list(answer) == []
    with pytest.raises(FileNotFoundError):
        sent(file)


def test_the_server_is_handed_pieces_without_waiting_for_the_disk(file: Path) -> None:
    scope = {"type": "http", "method": "GET", "path": "/", "headers": [(b"range", b"bytes=1-")]}
    request = ASGIRequest(scope, file.open("rb"))
    answer: Any = send_file(request, file, content_type="audio/wav", name="call.wav", may_go_on=lambda: True)
    assert answer.is_async

    async def collected() -> list[bytes]:
        return [piece async for piece in answer]

    pieces = async_to_sync(collected)()
    assert [len(piece) for piece in pieces] == [PIECE, PIECE, PIECE, len(CONTENT) - 3 * PIECE - 1]
    assert b"".join(pieces) == CONTENT[1:]
