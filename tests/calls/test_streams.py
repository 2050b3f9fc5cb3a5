"""Calls of each telephone system over real sockets, from the first frame to the last, and clients that are no good."""

import contextlib
import json
import socket
import struct
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.calls.installation import Served
from tests.calls.ledger import CALLERS
from tests.calls.telephones import AudioHook, Plain, Telephone, Twilio, dial, silent, spoken
from unspoken.perception.voice.tests.made import voice

pytestmark = pytest.mark.slow
SYSTEMS = (Twilio, AudioHook, Plain)
NOBODY = CALLERS - 1  # the caller who was asked nothing


def whole(seconds: int, *, begins: int = 0) -> list[list[float]]:
    """Return begin and end of the windows of so many seconds that were heard without a break."""
    return [[float(second), second + 3.0] for second in range(begins, begins + seconds - 2)]


def windows(served: Served, call: str) -> list[list[float]]:
    return [[begins, ends] for begins, ends, reason in served.ask("tones", call=call) if reason != "interrupted"]


def is_over(served: Served, call: str) -> dict[str, Any]:
    """Wait until a call is over and all its timeline is there; return how it stands."""
    served.until("timeline", lambda said: any("The call ended" in one for one in said), call=call)
    return served.until("call", lambda stands: stands["is_over"], call=call)  # type: ignore[no-any-return]


# Good days


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_call_is_read_second_by_second(served: Served, call: str, system: type[Telephone]) -> None:
    telephone = system(served, call, 0)  # type: ignore[call-arg]
    telephone.says(spoken(5.0) + silent(1.0) + spoken(4.0, seed=2), silent(5.0) + spoken(1.0, pitch=200) + silent(4.0))
    telephone.ends()  # type: ignore[attr-defined]
    stands = is_over(served, call)
    assert (stands["tone"], stands["heard_until"], stands["began"], stands["ended"]) == ("read", 10.0, 1, 1)
    assert windows(served, call) == whole(10)
    assert [reason for _, _, reason in served.ask("tones", call=call)].count("") >= 5
    said = served.ask("timeline", call=call)
    assert said[0].startswith("The call began. What those on the line were told")
    assert said[1] == "The tone of the customer's voice is read from here on, as they permit."
    assert said[2].startswith("The call ended after 0:10. Of 0:10 that were listened to, the customer spoke for")
    assert len(said) == 3
    assert served.ask("journal") is None


def test_nothing_is_listened_to_of_a_caller_who_was_not_asked(served: Served, call: str) -> None:
    telephone = Plain(served, call, NOBODY)
    telephone.says(spoken(5.0))
    telephone.ends()
    stands = is_over(served, call)
    assert (stands["tone"], stands["customer"], served.ask("tones", call=call)) == ("not_permitted", 0.0, [])


def test_genesys_is_asked_to_pause_when_the_customer_withdraws(served: Served, call: str) -> None:
    genesys = AudioHook(served, call, 1)
    assert genesys.opened["parameters"]["media"][0]["channels"] == ["external", "internal"]
    genesys.tells("ping", rtt="PT0.1S")
    assert genesys.hears("pong")["clientseq"] == 2
    genesys.says(spoken(6.0))
    served.until("tones", lambda rows: len(rows) >= 3, call=call)
    served.withdraws(1)
    genesys.hears("pause")
    before = windows(served, call)
    genesys.says(spoken(4.0, seed=2))  # on its way, as Genesys had not heard of it yet
    genesys.tells("paused")
    genesys.tells("ping", rtt="PT0.1S")
    genesys.hears("pong")
    genesys.ends()
    assert genesys.is_left()[0] == 1000
    stands = is_over(served, call)
    assert (stands["tone"], stands["has_usual"], windows(served, call)) == ("withdrawn", False, before)
    assert before[-1][1] <= 6.0
    assert any("withdrew their permission" in said for said in served.ask("timeline", call=call))


def test_a_key_pressed_on_the_telephone_withdraws(served: Served, call: str) -> None:
    twilio = Twilio(served, call, 2)
    twilio.says(spoken(5.0))
    served.until("tones", lambda rows: len(rows) >= 2, call=call)
    twilio.send(json.dumps({"event": "dtmf", "streamSid": "MZ1", "dtmf": {"track": "inbound_track", "digit": "9"}}))
    served.until("timeline", lambda said: any("withdrew" in one for one in said), call=call)
    before = windows(served, call)
    twilio.says(spoken(4.0, seed=2))
    twilio.ends()
    is_over(served, call)
    assert windows(served, call) == before


def test_what_is_said_in_a_pause_is_not_listened_to(served: Served, call: str) -> None:
    telephone = Plain(served, call, 3)
    telephone.says(spoken(4.0))
    telephone.tells(type="pause", why="card number")
    telephone.says(spoken(3.0, seed=2))
    telephone.tells(type="resume")
    telephone.says(spoken(4.0, seed=3))
    telephone.ends()
    is_over(served, call)
    assert windows(served, call) == [*whole(4), *whole(4, begins=7)]
    assert [4.0, 7.0, "interrupted"] in served.ask("tones", call=call)
    said = served.ask("timeline", call=call)
    assert "Listening was paused (card number)." in said
    assert not any("nothing was heard" in one for one in said)


# Who is let in


def test_whoever_cannot_prove_who_they_are_is_refused_and_leaves_nothing(served: Served, call: str) -> None:
    before = served.ask("stored")
    for connect in (
        lambda: Twilio(served, call, 0, token="another token"),
        lambda: AudioHook(served, call, 0, secret="YW5vdGhlciBzZWNyZXQgdGhhbiB0aGVpcnM="),
        lambda: Plain(served, call, 0, key="another key, and a long one too"),
        lambda: dial(served, "pcm"),
        lambda: dial(served, "pcm", query="?key=short"),
        lambda: dial(served, "twilio", **{"X-Twilio-Signature": ""}),
    ):
        with pytest.raises(InvalidStatus) as refused:
            connect()
        assert refused.value.response.status_code == 403
    assert (served.ask("stored"), served.ask("call", call=call)) == (before, {})


# Clients that are no good


LONG = json.dumps({"event": "media", "streamSid": "MZ1", "media": {"payload": "A" * 70_000}})
RUBBISH: list[tuple[type[Telephone], str | bytes, int]] = [
    (Twilio, "no JSON at all", 1007), (Twilio, b"\x00" * 160, 1007), (Twilio, LONG, 1007), (Twilio, "[" * 60_000, 1007),
    (Twilio, json.dumps({"event": "media", "media": {"track": "inbound", "timestamp": "9e9"}}), 1007),
    (Plain, b"\x00" * 321, 1007), (Plain, b"\x00" * 70_000, 1007), (Plain, b"\x00" * 200_000, 1009),
    (Plain, json.dumps({"type": "at", "seconds": 1e300}), 1007), (AudioHook, b"\x00" * 7, 1007),
    (AudioHook, "{}", 1007),
]  # fmt: skip


@pytest.mark.parametrize(("system", "rubbish", "code"), RUBBISH)
def test_rubbish_ends_the_connection_and_not_the_call(
    served: Served, call: str, system: type[Telephone], rubbish: str | bytes, code: int
) -> None:
    telephone = system(served, call, 4)  # type: ignore[call-arg]
    telephone.says(spoken(4.0))
    served.until("tones", lambda rows: len(rows) == 1, call=call)
    telephone.send(rubbish)
    assert telephone.is_left()[0] == code
    served.until("tones", lambda rows: len(rows) == 2, call=call)
    assert served.ask("call", call=call)["is_over"] is False
    assert "Traceback" not in served.log()


def test_why_a_connection_is_closed_is_said_in_whatever_letters(served: Served, call: str) -> None:
    twilio = Twilio(served, call, 4, begins=False)
    media = {"encoding": "ж" * 40, "sampleRate": 8000, "channels": 1}
    twilio.send(json.dumps({"event": "start", "start": {"callSid": call, "mediaFormat": media}}))
    code, why = twilio.is_left()
    assert (code, why[:20]) == (1007, "The stream is жжжжжж")
    assert "Traceback" not in served.log()


def test_half_a_frame_and_no_goodbye_leave_a_call_that_can_go_on(served: Served, call: str) -> None:
    telephone = Plain(served, call, 5)
    telephone.says(spoken(4.0))
    served.until("tones", lambda rows: len(rows) >= 1, call=call)
    telephone.connection.socket.sendall(struct.pack("!BBH", 0x82, 0x80 | 126, 640) + b"\0\0\0\0" + b"\xff" * 100)
    telephone.connection.socket.shutdown(socket.SHUT_RDWR)
    served.until("tones", lambda rows: len(rows) == 2, call=call)
    again = Plain(served, call, 5, position=6.0)
    again.says(spoken(4.0, seed=2))
    again.ends()
    stands = is_over(served, call)
    assert (stands["began"], stands["ended"], stands["heard_until"]) == (2, 1, 10.0)
    assert served.ask("tones", call=call)[2] == [4.0, 6.0, "interrupted"]
    assert windows(served, call) == [*whole(4), *whole(4, begins=6)]
    assert "From 0:04 to 0:06 nothing was heard: the line was interrupted." in served.ask("timeline", call=call)


def test_another_connection_of_the_same_call_takes_it_over(served: Served, call: str) -> None:
    first = Plain(served, call, 6)
    first.says(spoken(4.0))
    second = Plain(served, call, 6, position=4.0)
    with contextlib.suppress(ConnectionClosed):  # it may be closed already
        first.frame(silent(0.02), silent(0.02))
    assert first.is_left() == (
        1008, "this call is no longer listened to on this connection; another one took it over"
    )  # fmt: skip
    second.says(spoken(4.0, seed=2))
    second.ends()
    is_over(served, call)
    rows = windows(served, call)
    assert len({begins for begins, _ in rows}) == len(rows)
    assert rows[-1] == [5.0, 8.0]


def test_many_connections_that_open_one_call_at_once_leave_one_that_is_read(served: Served, call: str) -> None:
    def opens(_: int) -> Plain:
        telephone = Plain(served, call, 6, begins=False)
        telephone.tells(**telephone.start)
        next(telephone.heard(), None)  # that it started, or that it is refused since others did
        return telephone

    with ThreadPoolExecutor(6) as several:
        telephones = list(several.map(opens, range(6)))
    left = Plain(served, call, 6)
    left.says(spoken(6.0))  # windows begin at whole seconds of the call, and this begins within one
    left.ends()
    is_over(served, call)
    rows = windows(served, call)
    assert len({begins for begins, _ in rows}) == len(rows) >= 3
    for telephone in telephones:
        telephone.drops()
    assert "Traceback" not in served.log()


def test_more_than_can_be_listened_to_at_once_waits_and_is_all_read(served: Served, call: str) -> None:
    """Four minutes as fast as they can be sent: the sender has to wait, memory stays, and nothing is lost."""
    minute = (voice(60.0) * 32767).astype("<i2")
    sound = np.stack([minute, np.zeros_like(minute)], axis=1).tobytes()
    memory = []
    for name, seconds in ((f"{call}-first", 30), (call, 240)):  # after the first, whatever is needed is loaded
        memory.append(served.memory)
        telephone = Plain(served, name, 7, encoding="pcm", rate=16_000)
        for second in range(seconds):
            for place in range(0, 64_000, 3_200):
                telephone.send(sound[second % 60 * 64_000 + place :][:3_200])
            memory[-1] = max(memory[-1], served.memory)
        telephone.ends()
        is_over(served, name)
        assert windows(served, name) == whole(seconds)
    assert memory[1] - memory[0] < 10, memory
