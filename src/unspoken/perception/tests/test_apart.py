"""Reading in a process of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from unspoken.affect.reading import Abstention, Reading
from unspoken.perception.apart import Apart
from unspoken.perception.artifacts import ModelUnavailable
from unspoken.perception.text import TextSignal, shipped
from unspoken.perception.text.context import Context

TEXTS = ["This is so annoying, I am still waiting.", "Thank you so much!", "12345", "half an emoji \ud83d", ""]
SIGNALS = [TextSignal(text, context=Context("We did, Ada.", ("no",)), names=("Zorblax",)) for text in TEXTS]
THANKS = [TextSignal("Thank you.")]


@pytest.fixture
def apart() -> Iterator[Apart]:
    made = Apart()
    yield made
    made.close()


def pid(apart: Apart) -> int:
    assert apart._child is not None
    return apart._child.pid


def is_there(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_reads_as_the_perceiver_does_here(apart: Apart) -> None:
    there, here = apart.read(SIGNALS), shipped().read(SIGNALS)
    assert there == here
    assert [type(outcome) for outcome in there] == [Reading, Reading, Abstention, Reading, Abstention]
    for one, other in zip(there, here, strict=True):
        if isinstance(one, Reading) and isinstance(other, Reading):
            assert one.embedding is not None and (one.embedding == other.embedding).all()


def test_reads_for_several_threads_each_its_own(apart: Apart) -> None:
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda number: apart.read([TextSignal(f"Thank you {number}")] * number), range(12)))
    assert [len(outcomes) for outcomes in found] == list(range(12))


def test_says_that_it_ended_and_goes_on_with_the_next_batch(apart: Apart) -> None:
    apart.read(THANKS)
    os.kill(pid(apart), signal.SIGKILL)
    time.sleep(0.2)
    assert isinstance(apart.read(THANKS)[0], Reading)  # it was seen to be gone
    os.kill(pid(apart), signal.SIGSTOP)  # ends in the midst of a batch
    with ThreadPoolExecutor(1) as thread:
        asked = thread.submit(apart.read, THANKS)
        time.sleep(0.2)
        os.kill(pid(apart), signal.SIGKILL)
        with pytest.raises(ModelUnavailable, match="kept and read later"):
            asked.result(10)
    assert isinstance(apart.read(THANKS)[0], Reading)


def test_says_what_is_wrong_with_the_model(tmp_path: Path) -> None:
    broken = Apart(tmp_path / "nothing")
    with pytest.raises(ModelUnavailable, match="nothing"):
        broken.read(THANKS)
    broken.close()


def test_leaves_an_interrupt_to_its_parent(apart: Apart) -> None:
    apart.read(THANKS)
    os.kill(pid(apart), signal.SIGINT)
    first = pid(apart)
    apart.read(THANKS)
    assert pid(apart) == first


def test_ends_with_its_parent_even_when_that_is_killed() -> None:
    code = (
        "import os, signal\nfrom unspoken.perception.apart import Apart\n"
        "from unspoken.perception.text import TextSignal\napart = Apart()\n"
        "apart.read([TextSignal('Thank you.')])\nprint(apart._child.pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    ended = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, check=False)
    child = int(ended.stdout)
    until = time.monotonic() + 10
    while is_there(child) and time.monotonic() < until:
        time.sleep(0.05)
    assert not is_there(child)
