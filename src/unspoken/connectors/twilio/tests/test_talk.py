"""What the frames of Twilio, and of its near-copies, tell."""

import json
from pathlib import Path
from typing import Any

import pytest

from unspoken.calls.happenings import Began, Encoding, Ended, Happening, Noted, Pressed, Sounded, Track
from unspoken.connectors.base import PayloadError
from unspoken.connectors.tests.streams import AT
from unspoken.connectors.twilio.talk import MediaStream

TESTS = Path(__file__).parent
TELNYX = {"dialect": "telnyx", "customer_number": "from"}


def frame(name: str, folder: str = "frames", **changes: Any) -> str:
    """Return a recorded frame. changes: to the object of its own that it holds, such as `media`."""
    said = json.loads((TESTS / folder / f"{name}.json").read_text())
    if changes:
        said[said["event"]] = {**said[said["event"]], **changes}
    return json.dumps(said)


def told(*frames: str, **settings: str) -> list[Happening]:
    """Return what a whole stream tells."""
    stream = MediaStream(settings)
    return [happening for each in frames for happening in stream.take(each, now=AT)]


def test_a_stream_of_twilio_begins_sounds_and_ends() -> None:
    names = (
        "nothing-connected",
        "began-both-tracks",
        "sounded-customer",
        "sounded-agent",
        "pressed-nine",
        "ended-stop",
    )
    began, customer, agent, pressed, ended = told(*map(frame, names))
    assert isinstance(began, Began)
    assert (began.call_id, began.encoding, began.rate, began.position) == ("CA0c11", Encoding.MULAW, 8000, None)
    assert began.tracks == {Track.CUSTOMER, Track.AGENT}
    assert customer == Sounded(track=Track.CUSTOMER, at=0.02, payload=b"\xff\x00" * 4)
    assert agent == Sounded(track=Track.AGENT, at=0.02, payload=b"\x7e" * 4)
    assert (pressed, ended) == (Pressed("9", Track.CUSTOMER), Ended(over=True))


def test_the_customer_may_be_on_the_other_track() -> None:
    names = ("began-both-tracks", "sounded-customer", "sounded-agent")
    _, first, second = told(*map(frame, names), customer_track="outbound")
    assert isinstance(first, Sounded)
    assert isinstance(second, Sounded)
    assert (first.track, second.track) == (Track.AGENT, Track.CUSTOMER)


@pytest.mark.parametrize(
    ("tracks", "customer_track", "expected"),
    [(["inbound"], "inbound", {Track.CUSTOMER}), (["inbound"], "outbound", {Track.AGENT}),
     (["inbound_track"], "inbound", {Track.CUSTOMER}), ([], "inbound", {Track.CUSTOMER, Track.AGENT}),
     (None, "inbound", {Track.CUSTOMER, Track.AGENT})],
)  # fmt: skip
def test_one_track_is_its_sides_alone_and_both_may_come_where_none_is_named(
    tracks: object, customer_track: str, expected: set[Track]
) -> None:
    [began] = told(frame("began-both-tracks", tracks=tracks), customer_track=customer_track)
    assert isinstance(began, Began)
    assert began.tracks == expected


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"mediaFormat": {"encoding": "audio/l16", "sampleRate": 16000}}, "audio/l16 at 16000; mu-law"),
        ({"mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 16000}}, "PCMU"),
        ({"mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 2}}, "one channel"),
        ({"mediaFormat": None}, "of unknown encoding at an unknown rate"),
        ({"tracks": ["inbound", "sideways"]}, "no others"),
        ({"tracks": [["inbound"]]}, "no others"),
        ({"callSid": ""}, "no name"),
        ({"callSid": "C" * 201}, "longer than 200"),
    ],
)
def test_a_stream_that_cannot_be_heard_says_why(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(PayloadError, match=said):
        told(frame("began-both-tracks", **changes))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"track": "sideways"}, "not announced"),
        ({"timestamp": "-20"}, "no whole number"),
        ({"timestamp": "²"}, "no whole number"),
        ({"timestamp": None}, "no whole number"),
        ({"timestamp": "86400001"}, "24 hours"),
        ({"payload": "no base64!"}, "no base64"),
        ({"payload": "größer"}, "no base64"),
        ({"payload": None}, "no payload"),
    ],
)
def test_a_frame_of_sound_that_is_none_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(PayloadError, match=said):
        told(frame("began-both-tracks"), frame("sounded-customer", **changes))


def test_sound_may_come_a_minute_late_and_no_later() -> None:
    stream = MediaStream({})
    stream.take(frame("began-both-tracks"), now=AT)
    for timestamp in ("100000", "40000", 99980):
        [sounded] = stream.take(frame("sounded-customer", timestamp=timestamp), now=AT)
        assert isinstance(sounded, Sounded)
        assert sounded.at == int(timestamp) / 1000
    with pytest.raises(PayloadError, match="60 seconds before"):
        stream.take(frame("sounded-customer", timestamp="39999"), now=AT)


def test_an_empty_frame_of_sound_tells_nothing() -> None:
    assert len(told(frame("began-both-tracks"), frame("sounded-customer", payload=""))) == 1


def test_sound_before_the_beginning_or_of_another_track_than_announced_is_refused() -> None:
    with pytest.raises(PayloadError, match="before the stream began"):
        told(frame("sounded-customer"))
    with pytest.raises(PayloadError, match="not announced"):
        told(frame("began-both-tracks", tracks=["inbound"]), frame("sounded-agent"))


def test_a_stream_begins_once_and_hears_no_other_stream() -> None:
    with pytest.raises(PayloadError, match="cannot begin again"):
        told(frame("began-both-tracks"), frame("began-both-tracks"))
    other = json.dumps({**json.loads(frame("sounded-customer")), "streamSid": "MZother"})
    with pytest.raises(PayloadError, match="another stream"):
        told(frame("began-both-tracks"), other)


def test_telnyx_says_the_same_in_other_words() -> None:
    names = ("nothing-connected", "began-start", "sounded-inbound", "pressed-one", "noted-error", "ended-stop")
    began, sounded, pressed, noted, ended = told(*(frame(name, "telnyx") for name in names), **TELNYX)
    assert isinstance(began, Began)
    assert (began.call_id, began.tracks) == ("v2:T02l", {Track.CUSTOMER, Track.AGENT})
    assert began.person is not None
    assert [handle.value for handle in began.person.handles] == ["K-17", "+442079460101"]
    assert sounded == Sounded(track=Track.CUSTOMER, at=0.005, payload=bytes.fromhex("9e8f8986"))
    assert pressed == Pressed("1", None)
    assert noted == Noted("Telnyx reports the error 100003: Received frame was not formed correctly")
    assert ended == Ended(over=True)


@pytest.mark.parametrize(("which", "number"), [("from", "+442079460101"), ("to", "+442079460999"), ("", None)])
def test_whose_number_is_the_customers_is_told_by_the_operator_only(which: str, number: str | None) -> None:
    start = frame("began-start", "telnyx", custom_parameters=None)
    [began] = told(start, dialect="telnyx", customer_number=which)
    assert isinstance(began, Began)
    assert (began.person.handles[0].value if began.person else None) == number


def test_the_words_of_another_dialect_are_not_understood() -> None:
    with pytest.raises(PayloadError, match="of unknown encoding"):
        told(frame("began-start", "telnyx"))


def test_nothing_is_ever_answered() -> None:
    stream = MediaStream({})
    stream.take(frame("began-both-tracks"), now=AT)
    stream.quiet("the customer said no")
    stream.leave("closing time")
    assert stream.answers() == ()
