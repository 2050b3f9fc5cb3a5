"""The player speaks to a real server as a telephone system would, and hangs up when told."""

import base64
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve

from unspoken.demo.line import FRAME, LineError, play_call, say_turns
from unspoken.demo.recordings import Recording

LEFT = bytes(number % 251 for number in range(10 * FRAME + 40))
RIGHT = bytes(number * 7 % 256 for number in range(10 * FRAME + 40))
CALL = Recording(LEFT, RIGHT)
FAST = 1_000.0
GOES_ON = 3  # messages that a server takes before it hangs up


class Server:
    """Keeps what it is sent; `address` is where it listens."""

    def __init__(self) -> None:
        self.frames: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.address = ""
        self.heard = threading.Event()  # sound
        self.over = threading.Event()

    def take(self, line: ServerConnection) -> None:
        assert line.request
        self.paths.append(line.request.path)
        for frame in line:
            self.frames.append(json.loads(frame))
            if self.frames[-1]["event"] == "media":
                self.heard.set()
        self.over.set()

    def of(self, event: str) -> list[dict[str, Any]]:
        return [frame for frame in self.frames if frame["event"] == event]

    def sound(self, track: str) -> bytes:
        payloads = [frame["media"]["payload"] for frame in self.of("media") if frame["media"]["track"] == track]
        return b"".join(map(base64.b64decode, payloads))


@contextmanager
def listening(server: Server, take: Callable[[ServerConnection], None], **more: Any) -> Iterator[Server]:
    with serve(take, "127.0.0.1", 0, compression=None, **more) as running:
        server.address = f"ws://127.0.0.1:{running.socket.getsockname()[1]}"
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            running.shutdown()
            thread.join()


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    with listening(made, made.take):
        yield made


def never(seconds: float) -> bool:
    time.sleep(seconds)
    return False


def play(server: Server, **more: Any) -> float:
    told: dict[str, Any] = {
        "url": f"{server.address}/lines/twilio/ib_1?key=secret", "call_id": "CA1", "parameters": {"consent": "given"},
        "customer": "left", "stopped": never, "speed": FAST,
    }  # fmt: skip
    played = play_call(CALL, **told | more)
    assert server.over.wait(5)
    return played


def test_greets_tells_of_the_call_sends_it_and_hangs_up(server: Server) -> None:
    assert play(server) == CALL.seconds
    connected, start, *media, stop = server.frames
    stream = start["streamSid"]
    assert server.paths == ["/lines/twilio/ib_1?key=secret"]
    assert connected == {"event": "connected", "protocol": "Call", "version": "1.0.0"}
    assert stream.startswith("MZ") and len(stream) == 34
    assert start["start"] == {
        "accountSid": "AC" + 32 * "0", "streamSid": stream, "callSid": "CA1", "tracks": ["inbound", "outbound"],
        "customParameters": {"consent": "given"},
        "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
    }  # fmt: skip
    assert {frame["event"] for frame in media} == {"media"}
    assert stop["stop"] == {"accountSid": "AC" + 32 * "0", "callSid": "CA1"}
    assert {frame["streamSid"] for frame in server.frames[1:]} == {stream}


def test_numbers_everything_in_order_and_in_strings(server: Server) -> None:
    play(server)
    assert [frame["sequenceNumber"] for frame in server.frames[1:]] == [str(number) for number in range(1, 25)]
    for track in ("inbound", "outbound"):
        told = [frame["media"] for frame in server.of("media") if frame["media"]["track"] == track]
        assert [one["chunk"] for one in told] == [str(number) for number in range(1, 12)]
        assert [one["timestamp"] for one in told] == [str(20 * number) for number in range(11)]


def test_both_sides_arrive_byte_for_byte_filled_up_with_silence(server: Server) -> None:
    play(server)
    assert server.sound("inbound") == LEFT + 120 * b"\xff"
    assert server.sound("outbound") == RIGHT + 120 * b"\xff"
    assert {len(base64.b64decode(frame["media"]["payload"])) for frame in server.of("media")} == {FRAME}


def test_the_customer_may_be_on_the_right(server: Server) -> None:
    play(server, customer="right")
    assert server.sound("inbound").startswith(RIGHT)
    assert server.sound("outbound").startswith(LEFT)


def test_no_sound_is_sent_before_it_has_sounded(server: Server) -> None:
    begun = time.monotonic()
    arrived: list[tuple[float, float]] = []
    play(server, speed=1.0, tell=lambda played: arrived.append((played, time.monotonic() - begun)))
    assert [played for played, _ in arrived] == pytest.approx([0.02 * number for number in range(1, 11)] + [0.205])
    assert all(at >= played for played, at in arrived)


def test_a_delay_is_made_up_for(server: Server) -> None:
    waits: list[float] = []

    def stopped(seconds: float) -> bool:
        waits.append(seconds)
        time.sleep(0.1 if len(waits) == 1 else 0)
        return False

    play(server, speed=1.0, stopped=stopped)
    assert waits[1:5] == [0, 0, 0, 0]  # 40, 60, 80 and 100 ms were over by then
    assert all(0 <= wait <= 0.22 for wait in waits)


def test_hangs_up_at_once_when_told(server: Server) -> None:
    stop = threading.Event()
    long = Recording(bytes(8_000 * 600), bytes(8_000 * 600))
    played: list[float] = []

    def call() -> None:
        played.append(
            play_call(
                long, url=server.address, call_id="CA1", parameters={}, customer="left", stopped=stop.wait, speed=1.0
            )
        )

    thread = threading.Thread(target=call)
    thread.start()
    assert server.heard.wait(5)
    stop.set()
    thread.join(5)
    assert not thread.is_alive() and server.over.wait(5)
    assert server.frames[-1]["event"] == "stop"
    assert 0 < played[0] < 5
    assert len(server.of("media")) == 2 * round(played[0] / 0.02)


def test_a_call_that_is_stopped_before_it_begins_sends_no_sound(server: Server) -> None:
    assert play(server, stopped=lambda _: True) == 0.0
    assert [frame["event"] for frame in server.frames] == ["connected", "start", "stop"]


def test_a_server_that_hangs_up_early_is_named_with_its_reason() -> None:
    server = Server()

    def refuse(line: ServerConnection) -> None:
        for _ in range(GOES_ON):
            line.recv()
        line.close(1008, "unknown inbox")
        server.over.set()

    with listening(server, refuse), pytest.raises(LineError) as raised:
        play_call(
            Recording(bytes(80_000), bytes(80_000)), url=server.address, call_id="CA1", parameters={}, customer="left",
            stopped=never,
        )  # fmt: skip
    said = str(raised.value)
    assert said.startswith("The server ended the call after 0.")
    assert said.endswith(" of 10.0 seconds (1008: unknown inbox). The rest was not played.")
    assert isinstance(raised.value.__cause__, ConnectionClosed)


def test_what_a_server_says_meanwhile_is_no_hindrance() -> None:
    server = Server()

    def chatter(line: ServerConnection) -> None:
        for _ in range(100):
            line.send("{}")
        server.take(line)

    with listening(server, chatter):
        assert play(server) == CALL.seconds
    assert server.sound("inbound").startswith(LEFT)


def test_a_refusal_is_named_without_the_key() -> None:
    server = Server()

    def forbid(line: ServerConnection, request: Request) -> Response:
        return line.respond(403, "no")

    with listening(server, server.take, process_request=forbid), pytest.raises(LineError) as raised:
        play(server)
    assert str(raised.value).startswith("The server refused the call (HTTP 403). Nothing was played.")
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("url", ["ws://127.0.0.1:1/lines?key=secret", "http://127.0.0.1:1/lines?key=secret"])
def test_a_server_that_is_not_there_is_named_without_the_key(url: str) -> None:
    with pytest.raises(LineError) as raised:
        play_call(CALL, url=url, call_id="CA1", parameters={}, customer="left", stopped=never)
    assert "Nothing was played. Look whether it runs at" in str(raised.value)
    assert url.partition("?")[0] in str(raised.value)
    assert "secret" not in str(raised.value)


def test_a_speed_of_nothing_is_refused(server: Server) -> None:
    with pytest.raises(ValueError, match="at 0 times its speed"):
        play_call(CALL, url=server.address, call_id="CA1", parameters={}, customer="left", stopped=never, speed=0)
    assert server.paths == []


TURNS = [{"text": "hello", "ends": 2.0}, {"text": "one moment", "ends": 1.5}, {"text": "goodbye", "ends": 3.0}]


def test_turns_are_submitted_as_they_end(monkeypatch: pytest.MonkeyPatch) -> None:
    passed = 0.0
    said: list[tuple[float, str]] = []

    def stopped(seconds: float) -> bool:
        nonlocal passed
        passed += seconds
        return False

    monkeypatch.setattr("unspoken.demo.line.time.monotonic", lambda: passed)
    say_turns(TURNS, submit=lambda turn: said.append((passed, turn["text"])), stopped=stopped, speed=2.0)
    assert said == [(0.75, "one moment"), (1.0, "hello"), (1.5, "goodbye")]


def test_no_more_turns_are_submitted_once_stopped() -> None:
    said: list[str] = []
    say_turns(TURNS, submit=lambda turn: said.append(turn["text"]), stopped=lambda _: bool(said), speed=FAST)
    assert said == ["one moment"]
