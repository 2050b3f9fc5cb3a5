"""The plain protocol, frame by frame."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from unspoken.calls.happenings import Began, Encoding, Ended, Happening, Paused, Pressed, Resumed, Sounded, Track
from unspoken.connectors.base import Delivery, PayloadError, SignatureError
from unspoken.connectors.calling import Frame
from unspoken.connectors.pcm.connector import connector
from unspoken.connectors.pcm.settings_form import PcmSettingsForm
from unspoken.connectors.pcm.talk import PlainStream
from unspoken.conversations.models import Inbox

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
START: dict[str, Any] = {"type": "start", "call": "K-1", "rate": 8000, "encoding": "pcm", "channels": ["customer"]}


def begun(**changes: Any) -> tuple[PlainStream, Began]:
    """Return a stream that has begun."""
    stream = PlainStream({})
    [began] = stream.take(json.dumps(START | changes), now=AT)
    assert isinstance(began, Began)
    return stream, began


def tell(stream: PlainStream, said: Frame | dict[str, Any]) -> list[Happening]:
    return list(stream.take(json.dumps(said) if isinstance(said, dict) else said, now=AT))


def answers(stream: PlainStream) -> list[dict[str, str]]:
    return [json.loads(answer) for answer in stream.answers()]


def test_a_start_is_answered() -> None:
    stream, began = begun(position=12.5)
    assert (began.call_id, began.rate, began.encoding) == ("K-1", 8000, Encoding.PCM)
    assert (began.tracks, began.position) == ({Track.CUSTOMER}, 12.5)
    assert answers(stream) == [{"type": "started"}]
    assert answers(stream) == []


def test_two_channels_are_taken_apart_sample_by_sample() -> None:
    stream, began = begun(channels=["customer", "agent"])
    assert began.tracks == {Track.CUSTOMER, Track.AGENT}
    assert tell(stream, b"\x01\x02\x03\x04\x05\x06\x07\x08") == [
        Sounded(track=Track.CUSTOMER, at=0.0, payload=b"\x01\x02\x05\x06"),
        Sounded(track=Track.AGENT, at=0.0, payload=b"\x03\x04\x07\x08"),
    ]
    stream, _ = begun(channels=["customer", "agent"], encoding="mulaw")
    assert [each.payload for each in tell(stream, b"abcd") if isinstance(each, Sounded)] == [b"ac", b"bd"]


def test_frames_follow_one_another_unless_another_place_is_named() -> None:
    stream, _ = begun(rate=16000)
    said = [bytes(3200), bytes(320), {"type": "at", "seconds": 12.5}, bytes(320), bytes(320), b""]
    at = [each.at for frame in said for each in tell(stream, frame) if isinstance(each, Sounded)]
    assert at == [0.0, 0.1, 12.5, 12.51]


def test_mixed_sound_is_told_as_such() -> None:
    stream, began = begun(channels=["mixed"])
    assert began.tracks == {Track.MIXED}
    assert tell(stream, bytes(2)) == [Sounded(track=Track.MIXED, at=0.0, payload=bytes(2))]


def test_sound_in_a_pause_is_not_heard_though_its_time_passes() -> None:
    stream, _ = begun()
    tell(stream, bytes(16000))
    assert tell(stream, {"type": "pause", "why": "card number"}) == [Paused(1.0, "card number")]
    assert tell(stream, {"type": "pause"}) == []
    assert tell(stream, bytes(8000)) == []
    assert tell(stream, {"type": "resume"}) == [Resumed(1.5)]
    assert tell(stream, {"type": "resume"}) == []
    assert tell(stream, bytes(2)) == [Sounded(track=Track.CUSTOMER, at=1.5, payload=bytes(2))]


def test_keys_are_told_with_whoever_pressed_them() -> None:
    stream, _ = begun()
    assert tell(stream, {"type": "key", "key": "#"}) == [Pressed("#")]
    assert tell(stream, {"type": "key", "key": 9, "channel": "customer"}) == [Pressed("9", Track.CUSTOMER)]
    assert tell(stream, {"type": "key", "key": "9", "channel": "mixed"}) == [Pressed("9")]


@pytest.mark.parametrize(
    ("said", "over"),
    [({}, True), ({"over": True}, True), ({"over": False}, False), ({"over": None}, True), ({"over": 0}, True)],
)
def test_a_call_is_over_unless_it_is_said_to_come_back(said: dict[str, Any], over: bool) -> None:
    assert tell(begun()[0], {"type": "end", **said}) == [Ended(over=over)]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"rate": 44100}, "8000 or 16000"), ({"rate": "8000"}, "8000 or 16000"), ({"rate": True}, "8000 or 16000"),
        ({"encoding": "opus"}, "mulaw or pcm"), ({"encoding": None}, "mulaw or pcm"),
        ({"channels": ["agent"]}, "channels have to be"), ({"channels": "customer"}, "channels have to be"),
        ({"channels": [["customer"]]}, "channels have to be"), ({"call": None}, "no name"), ({"call": " "}, "no name"),
        ({"position": -1}, "24 hours"), ({"position": "1"}, "no number of seconds"), ({"position": 1e9}, "24 hours"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_start_is_answered_too(changes: dict[str, Any], said: str) -> None:
    stream = PlainStream({})
    with pytest.raises(PayloadError, match=said) as refused:
        tell(stream, START | changes)
    stream.leave(str(refused.value))
    assert answers(stream) == [
        {"type": "error", "message": str(refused.value)}, {"type": "bye", "why": str(refused.value)},
    ]  # fmt: skip


@pytest.mark.parametrize(
    "frame", [bytes(2), {"type": "at", "seconds": 1}, {"type": "pause"}], ids=["sound", "at", "pause"]
)
def test_a_start_comes_first_and_once(frame: Frame | dict[str, Any]) -> None:
    with pytest.raises(PayloadError, match="has to be its start"):
        tell(PlainStream({}), frame)
    with pytest.raises(PayloadError, match="cannot begin again"):
        tell(begun()[0], START)


def test_a_place_before_the_beginning_of_memory_is_refused() -> None:
    stream, _ = begun()
    tell(stream, {"type": "at", "seconds": 100})
    tell(stream, {"type": "at", "seconds": 40})
    tell(stream, {"type": "at", "seconds": 200})
    with pytest.raises(PayloadError, match="60 seconds before"):
        tell(stream, {"type": "at", "seconds": 139.9})
    for strange in (None, "1", True, -0.1, 86401):
        with pytest.raises(PayloadError):
            tell(stream, {"type": "at", "seconds": strange})


def test_sound_that_is_cut_within_a_sample_is_refused() -> None:
    with pytest.raises(PayloadError, match="3 bytes, which is no multiple of 2"):
        tell(begun()[0], bytes(3))
    with pytest.raises(PayloadError, match="6 bytes, which is no multiple of 4"):
        tell(begun(channels=["customer", "agent"])[0], bytes(6))


def test_no_stream_is_longer_than_a_day() -> None:
    stream, _ = begun()
    tell(stream, {"type": "at", "seconds": 86400})
    with pytest.raises(PayloadError, match="24 hours"):
        tell(stream, bytes(2))


def test_the_other_side_is_told_of_quiet_and_of_goodbye_once() -> None:
    stream, _ = begun()
    stream.quiet("the customer said no")
    stream.leave("closing time")
    stream.leave("closing time")
    assert answers(stream) == [
        {"type": "started"}, {"type": "quiet", "why": "the customer said no"}, {"type": "bye", "why": "closing time"},
    ]  # fmt: skip


def test_the_key_may_be_in_a_header_or_in_the_address() -> None:
    inbox = Inbox(pk="inb_test", settings={"key": "k" * 24})
    for headers, query in (({"authorization": "Bearer " + "k" * 24}, {}), ({}, {"key": "k" * 24})):
        connector.admit(Delivery(body=b"", headers=headers, query=query, at=AT), inbox)
    for headers, query in (
        ({"authorization": "Basic " + "k" * 24}, {}), ({"authorization": "k" * 24}, {}), ({}, {"key": "K" * 24}),
        ({"authorization": "Bearer no"}, {"key": "k" * 24}), ({}, {}),
    ):  # fmt: skip
        with pytest.raises(SignatureError, match="not the inbox's"):
            connector.admit(Delivery(body=b"", headers=headers, query=query, at=AT), inbox)


def test_a_key_that_could_be_guessed_is_not_kept() -> None:
    form = PcmSettingsForm({"key": "k" * 23})
    assert not form.is_valid()
    assert "too short" in str(form.errors["key"])
