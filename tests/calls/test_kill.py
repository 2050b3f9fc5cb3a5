"""`kill -9` of the server, or of the process that listens for it, in the midst of calls."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from tests.calls.installation import Served
from tests.calls.telephones import AudioHook, Plain, Telephone, Twilio, spoken
from tests.calls.test_streams import is_over, windows
from tests.postgres import temporary_server

pytestmark = [pytest.mark.crash, pytest.mark.slow]
BEFORE, AFTER = 7, 5  # seconds that are spoken before and after the kill


@pytest.fixture(params=["sqlite", "postgresql"])
def installation(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Served]:
    if request.param == "sqlite":
        yield from _running(Served(tmp_path, like=request.getfixturevalue("prepared")))
        return
    with temporary_server() as url:
        if not url:
            pytest.skip("no PostgreSQL server is installed here")
        yield from _running(Served(tmp_path, url))


def _running(made: Served) -> Iterator[Served]:
    try:
        made.start()
        yield made
    finally:
        made.close()


def at_once(*speaking: Callable[[], None]) -> None:
    """Let several speak at the same time."""
    threads = [threading.Thread(target=one) for one in speaking]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def speaks(telephone: Telephone, sound: bytes) -> Callable[[], None]:
    """Return what sends sound as it is spoken, until the connection is gone."""

    def send() -> None:
        try:
            telephone.says(sound, pace=1.0)
        except ConnectionClosed:
            return

    return send


def connected(served: Served, *, position: float) -> list[Telephone]:
    """Return a telephone of each system, in calls that are always the same; one caller makes them all."""
    return [
        Twilio(served, "CA-twilio", 0), AudioHook(served, "CA-genesys", 0, position=position),
        Plain(served, "CA-plain", 0),
    ]  # fmt: skip


CALLS = ("CA-twilio", "CA-genesys", "CA-plain")


def test_calls_go_on_after_the_server_was_killed(installation: Served) -> None:
    began = time.monotonic()
    sound = spoken(float(BEFORE + 3))
    speaking = threading.Thread(
        target=at_once, args=[speaks(one, sound) for one in connected(installation, position=0.0)]
    )  # fmt: skip
    speaking.start()
    for call in CALLS:
        installation.until("tones", lambda rows: len(rows) >= BEFORE - 4, call=call)
    installation.kill()
    speaking.join()
    kept = {call: windows(installation, call) for call in CALLS}
    noted = {call: installation.ask("call", call=call)["heard_until"] for call in CALLS}  # may be newer than a window
    assert installation.ask("flags", call=CALLS[-1]) == ["repeated-call"]
    installation.start()
    again = connected(installation, position=time.monotonic() - began)
    at_once(*(speaks(one, spoken(float(AFTER), seed=2)) for one in again))
    for one in again:
        one.ends()  # type: ignore[attr-defined]
    for call in CALLS:
        _went_on(installation, call, kept[call], noted[call])
    assert [installation.ask("flags", call=call) for call in CALLS] == [[], [], ["repeated-call"]]
    assert installation.ask("journal") is None
    assert "Traceback" not in installation.log()


def _went_on(served: Served, call: str, kept: list[list[float]], noted: float) -> None:
    stands, rows = is_over(served, call), served.ask("tones", call=call)
    begins = [begin for begin, _, _ in rows]
    assert len(begins) == len(set(begins)), "a window is there twice"
    assert windows(served, call)[: len(kept)] == kept
    [gap] = [(begin, end) for begin, end, reason in rows if reason == "interrupted"]
    assert gap[0] == max(kept[-1][1], noted)
    later = windows(served, call)[len(kept) :]
    assert AFTER - 3 <= len(later) <= AFTER - 1
    assert gap[1] <= later[0][0] < gap[1] + 1.0 + 1e-6
    assert stands["heard_until"] == pytest.approx(gap[1] + AFTER, abs=0.1)
    assert (stands["began"], stands["ended"], stands["has_usual"]) == (2, 1, False)
    told = served.ask("timeline", call=call)
    assert len([one for one in told if "nothing was heard: the line was interrupted" in one]) == 1
    assert len([one for one in told if one.startswith("The call began")]) == 1
    assert len([one for one in told if "is read from here on" in one]) == 1


def test_calls_go_on_when_only_the_process_that_listens_is_killed(served: Served, call: str) -> None:
    calls = [f"{call}-{number}" for number in range(3)]
    telephones = [Plain(served, one, number) for number, one in enumerate(calls)]
    at_once(*(speaks(one, spoken(5.0)) for one in telephones))
    for one in calls:
        served.until("tones", lambda rows: len(rows) >= 2, call=one)
    killed = served.ears()
    os.kill(killed, signal.SIGKILL)
    at_once(*(speaks(one, spoken(7.0, seed=2)) for one in telephones))
    for telephone in telephones:
        telephone.ends()
    for one in calls:
        stands, rows = is_over(served, one), served.ask("tones", call=one)
        begins = [begin for begin, _, _ in rows]
        assert len(begins) == len(set(begins))
        assert (stands["tone"], stands["heard_until"], rows[-1][1]) == ("read", 12.0, 12.0)
        lost = [end - begin for begin, end, reason in rows if reason == "interrupted"]
        assert len(lost) <= 1
        assert sum(lost) < 2.0
        assert len(windows(served, one)) >= 6
    assert served.ears() != killed
    assert "Traceback" not in served.log()
