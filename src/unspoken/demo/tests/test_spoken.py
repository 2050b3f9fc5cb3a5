"""The demo's own calls are whole: words, times and sound fit each other, and the voices do what the story says."""

from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from unspoken.affect.reading import Reason
from unspoken.demo import written
from unspoken.demo.recordings import RATE, Recording, decoded, recording_in
from unspoken.demo.shop import MEMBERS
from unspoken.demo.spoken import CALLS, calls, recording_of
from unspoken.importing.formats.webvtt import segments_of
from unspoken.perception.voice.listener import Listener
from unspoken.perception.voice.network import Network

KEYS = ("call-live", "call-recorded")
LARGEST = 1_600_000  # bytes of all files
QUIET = 0.006  # root mean square of a line on which nobody speaks
HOLD = (25.0, 33.0)  # seconds of the live call in which nobody speaks


@cache
def recording(key: str) -> Recording:
    return recording_in(recording_of(calls()[key]))


@cache
def stress(key: str) -> list[tuple[float, float]]:
    """Return the end of each window that is read, and its chance of stress."""
    left, right = (_doubled(decoded(side)) for side in (recording(key).left, recording(key).right))
    listener = Listener(Network())
    heard = [*listener.feed(left, other=right), *listener.finish()]
    return [(one.end, one.scales["stress"]) for one in heard if one.reason is None]


def _doubled(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    return (np.fft.irfft(np.fft.rfft(samples), 2 * len(samples)) * 2).astype(np.float32)


def loudness(side: bytes, begins: float, ends: float) -> float:
    samples = decoded(side)[round(begins * RATE) : round(ends * RATE)]
    return float(np.sqrt(np.mean(samples**2)))


def during(key: str, begins: float, ends: float) -> list[float]:
    return [chance for end, chance in stress(key) if begins < end <= ends]


def said_by(key: str, who: str) -> list[dict[str, Any]]:
    return [message for message in calls()[key]["messages"] if message["from"] == who]


def test_there_are_two_calls_and_they_are_small() -> None:
    assert tuple(calls()) == KEYS
    assert sum(file.stat().st_size for file in CALLS.iterdir()) < LARGEST


@pytest.mark.parametrize("key", KEYS)
def test_a_call_belongs_to_a_contact_who_permits_that_the_voice_is_read(key: str) -> None:
    call = calls()[key]
    decisions = written.contacts()[call["contact"]]["consents"]
    consents = {(one["modality"], one["purpose"]): one["decision"] for one in decisions}
    assert consents["voice", "service"] == consents["text", "service"] == "given"
    assert call["assignee"] in {member[0] for member in MEMBERS}
    assert (call["customer"], call["channel"], call["inbox"]) == ("left", "call", "Phone")


@pytest.mark.parametrize("key", KEYS)
def test_nobody_of_the_corpus_has_said_it_before(key: str) -> None:
    known = {message["text"] for call in written.conversations() for message in call["messages"]}
    assert [message["text"] for message in said_by(key, "customer") if message["text"] in known] == []


@pytest.mark.parametrize("key", KEYS)
def test_the_written_form_says_the_same_at_the_same_time(key: str) -> None:
    lines = recording_of(calls()[key]).with_suffix(".vtt").read_text(encoding="utf-8").splitlines()
    told = [(one.speaker.lower(), one.text, one.begins, one.ends) for one in segments_of(lines)]
    assert told == [(one["from"], one["text"], one["begins"], one["ends"]) for one in calls()[key]["messages"]]


@pytest.mark.parametrize("key", KEYS)
def test_turns_follow_each_other_within_the_recording(key: str) -> None:
    messages = calls()[key]["messages"]
    begins = [message["begins"] for message in messages]
    assert begins == sorted(begins)
    assert begins == pytest.approx(list(np.cumsum([message["after"] for message in messages])))
    assert all(message["begins"] < message["ends"] < recording(key).seconds for message in messages)


@pytest.mark.parametrize("key", KEYS)
def test_each_speaks_on_a_side_of_their_own_and_only_then(key: str) -> None:
    sides = {"customer": recording(key).left, "agent": recording(key).right}
    for who, side in sides.items():
        turns = [(one["begins"], one["ends"]) for one in said_by(key, who)]
        assert min(loudness(side, *turn) for turn in turns) > 4 * QUIET
        ended, begun = [0.0, *(ends for _, ends in turns)], [*(begins for begins, _ in turns), recording(key).seconds]
        gaps = zip(ended, begun, strict=True)
        assert max(loudness(side, begins + 0.02, ends - 0.02) for begins, ends in gaps) < QUIET


def test_the_agent_speaks_into_the_customers_words_once() -> None:
    messages = calls()["call-live"]["messages"]
    into = [two["text"] for one, two in pairwise(messages) if two["begins"] < one["ends"]]
    assert into == ["One moment, please."]


def test_the_live_caller_waits_in_silence_for_eight_seconds() -> None:
    live = recording("call-live")
    assert max(loudness(side, *HOLD) for side in (live.left, live.right)) < QUIET


@pytest.mark.parametrize("key", KEYS)
def test_hardly_any_window_of_one_caller_is_taken_for_two(key: str) -> None:
    sides = (_doubled(decoded(side)) for side in (recording(key).left, recording(key).right))
    heard = [one.reason for side in sides for one in Listener(Network()).feed(side)]
    assert heard.count(Reason.OVERLAP) <= 0.03 * heard.count(None)


def test_the_live_caller_is_calm_then_tense_while_her_words_are_kind_and_stays_so() -> None:
    kind, kinder, sharp, _ = said_by("call-live", "customer")[2:]
    assert max(during("call-live", 0, HOLD[1])) < 0.3
    assert np.mean(during("call-live", kind["begins"] + 1, kind["ends"] + 1)) >= 0.6
    assert min(during("call-live", kinder["begins"] + 1, kinder["ends"] + 1)) >= 0.6
    assert min(during("call-live", sharp["begins"], 77)) >= 0.6


def test_the_recorded_caller_is_calm_then_tense_then_relieved() -> None:
    _, _, first, again, relieved = said_by("call-recorded", "customer")
    assert max(during("call-recorded", 0, first["begins"])) < 0.4
    assert min(during("call-recorded", first["begins"] + 3, again["ends"] + 1)) >= 0.6
    assert max(during("call-recorded", relieved["begins"] + 3, 65)) < 0.2
