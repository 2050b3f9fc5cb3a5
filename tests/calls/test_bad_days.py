"""A disk that is full, a model that is damaged, and clients that never say anything: the server lives and says why."""

import contextlib
import re
import resource
import socket
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

import unspoken
from tests.calls.installation import Served
from tests.calls.ledger import KEY
from tests.calls.telephones import AudioHook, Plain, Twilio, spoken
from tests.calls.test_streams import is_over, whole, windows

pytestmark = pytest.mark.slow
MODEL = Path("perception/voice/model")
IMPATIENT = """
import uvicorn

class Config(uvicorn.Config):
    def __init__(self, *given, **named):
        from unspoken.connectors import lines

        lines.UNBEGUN, lines.SILENT = 3.0, 6.0
        super().__init__(*given, ws_ping_interval=1.0, ws_ping_timeout=1.0, **named)

uvicorn.Config = Config
"""
"""Run by Python as it starts, under the name that it looks for: shorter waits than any real server has."""


@contextlib.contextmanager
def full_disk(served: Served) -> Iterator[None]:
    """Let no file of the server grow beyond 64 KiB: to the database, that is as if the disk were full."""
    before = resource.prlimit(served.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(served.pid, resource.RLIMIT_FSIZE, (65_536, before[1]))
    try:
        yield
    finally:
        resource.prlimit(served.pid, resource.RLIMIT_FSIZE, before)


def test_what_is_heard_while_the_disk_is_full_is_kept_and_stored_later(served: Served, call: str) -> None:
    telephone = Plain(served, call, 9)
    telephone.says(spoken(5.0))
    served.until("tones", lambda rows: len(rows) == 2, call=call)
    with full_disk(served):
        telephone.says(spoken(6.0, seed=2), pace=4.0)
        deadline = time.monotonic() + 20
        while "What was heard of calls waits, the database cannot be used: " not in served.log():
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert len(served.ask("tones", call=call)) < 9
        with pytest.raises(ConnectionClosed) as closed:
            Plain(served, f"{call}-other", 9).says(spoken(20.0), pace=1.0)
        assert closed.value.rcvd
        assert (closed.value.rcvd.code, closed.value.rcvd.reason[:31]) == (1013, "Nothing can be stored just now ")
    telephone.says(spoken(4.0, seed=3))
    telephone.ends()
    stands = is_over(served, call)
    assert (stands["heard_until"], stands["ended"], windows(served, call)) == (15.0, 1, whole(15))
    told = served.ask("timeline", call=call)
    assert len(told) == len(set(told)) == 3
    assert served.ask("journal") is None
    other = Plain(served, f"{call}-other", 9)
    other.says(spoken(4.0))
    other.ends()
    assert is_over(served, f"{call}-other")["heard_until"] >= 4.0


def test_a_call_that_ends_while_the_database_is_locked_ends_once(served: Served, call: str) -> None:
    telephone = Plain(served, call, 9)
    telephone.says(spoken(5.0))
    served.until("tones", lambda rows: len(rows) == 2, call=call)
    with contextlib.closing(sqlite3.connect(served.folder / "data" / "unspoken.sqlite3")) as other:
        other.execute("BEGIN IMMEDIATE")
        telephone.says(spoken(4.0, seed=2))
        telephone.ends()
        time.sleep(2.0)
        assert served.ask("call", call=call)["is_over"] is False
        other.rollback()
    stands = is_over(served, call)
    assert (stands["heard_until"], stands["ended"], windows(served, call)) == (9.0, 1, whole(9))
    assert len(served.ask("timeline", call=call)) == 3


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory, prepared: Served) -> Iterator[Served]:
    """An installation of a copy of our code whose voice model is damaged, with little patience."""
    code = tmp_path_factory.mktemp("code")
    _link(Path(unspoken.__file__).parent, code / "unspoken", apart=MODEL)
    (code / "sitecustomize.py").write_text(IMPATIENT)
    made = Served(tmp_path_factory.mktemp("damaged"), like=prepared)
    made.code = code / "unspoken"
    made.environment["PYTHONPATH"] = str(code)
    try:
        _damage(made.code / MODEL / "encoder.onnx")
        made.start()
        yield made
    finally:
        made.close()


def _link(there: Path, here: Path, *, apart: Path) -> None:
    """Make a folder like another of links into it, but with files of its own where `apart` leads."""
    here.mkdir()
    for one in there.iterdir():
        if one.name != apart.parts[0]:
            (here / one.name).symlink_to(one)
        elif len(apart.parts) > 1:
            _link(one, here / one.name, apart=Path(*apart.parts[1:]))
        else:
            (here / one.name).mkdir()
            for file in one.iterdir():
                (here / one.name / file.name).write_bytes(file.read_bytes())


def _damage(file: Path) -> None:
    whole = bytearray(file.read_bytes())
    whole[len(whole) // 2] ^= 0xFF
    file.write_bytes(whole)


def test_with_a_damaged_model_calls_go_on_unread_and_it_is_said_why(damaged: Served) -> None:
    plain, genesys = Plain(damaged, "K1", 0), AudioHook(damaged, "G1", 1)
    plain.says(spoken(4.0))
    genesys.says(spoken(4.0))
    assert plain.hears("quiet")["why"] == (
        "The tone of the customer's voice is not read: the voice model cannot be used"
    )  # fmt: skip
    genesys.hears("pause")
    for telephone in (plain, genesys):
        telephone.ends()
    for call in ("K1", "G1"):
        stands = is_over(damaged, call)
        assert (stands["tone"], stands["heard_until"], damaged.ask("tones", call=call)) == ("unavailable", 4.0, [])
        [said] = [one for one in damaged.ask("timeline", call=call) if "voice model" in one]
        assert "encoder.onnx is damaged: its sha256 is" in said
    assert "Traceback" not in damaged.log()


def test_a_connection_on_which_no_call_begins_is_closed(damaged: Served) -> None:
    before = damaged.ask("stored")
    twilio, plain = Twilio(damaged, "K2", 0, begins=False), Plain(damaged, "K2", 0, begins=False)
    assert twilio.is_left() == plain.is_left() == (1001, "nothing was heard for 3 seconds")
    assert damaged.ask("stored") == before


def test_a_client_that_says_nothing_more_is_left_and_its_call_can_go_on(damaged: Served) -> None:
    plain = Plain(damaged, "K3", 0)
    assert plain.is_left() == (1001, "nothing was heard for 6 seconds")
    _wait_for_no_lines(damaged)
    assert damaged.ask("call", call="K3")["is_over"] is False


def test_a_client_that_does_not_even_answer_is_left(damaged: Served) -> None:
    """As when a cable is pulled: the connection stands, and nothing comes any more."""
    with socket.create_connection(("127.0.0.1", damaged.port), timeout=10) as mute:
        mute.sendall(
            f"GET /lines/pcm/{damaged.inboxes['pcm']}?key={KEY} HTTP/1.1\r\nHost: localhost\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        told = mute.recv(4096)
        start = b'{"type":"start","call":"K4","rate":8000,"encoding":"mulaw","channels":["customer"]}'
        mute.sendall(bytes([0x81, 0x80 | len(start)]) + bytes(4) + start)
        while b'{"type": "started"}' not in told:  # however long that takes, it is alive until then
            part = mute.recv(4096)
            assert part, told
            told += part
            for ping in re.findall(rb"\x89\x04(.{4})", part, re.DOTALL):
                mute.sendall(b"\x8a\x84" + bytes(4) + ping)
        while part := mute.recv(4096):
            told += part
        assert b" 101 " in told
        assert b'{"type": "started"}' in told
        assert b"\x03\xf3keepalive ping timeout" in told  # 1011
    _wait_for_no_lines(damaged)
    assert damaged.ask("call", call="K4")["is_over"] is False


def _wait_for_no_lines(served: Served) -> None:
    deadline = time.monotonic() + 10
    while served.lines():
        assert time.monotonic() < deadline, "a line is still listened to"
        time.sleep(0.1)


def test_once_the_model_is_mended_and_the_server_started_anew_calls_are_read(damaged: Served) -> None:
    damaged.kill()
    _damage(damaged.code / MODEL / "encoder.onnx")
    damaged.start()
    plain = Plain(damaged, "K5", 0)
    plain.says(spoken(4.0))
    plain.ends()
    assert is_over(damaged, "K5")["tone"] == "read"
    assert windows(damaged, "K5") == whole(4)
