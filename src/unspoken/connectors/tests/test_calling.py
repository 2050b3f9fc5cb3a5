"""What holds for every connector through which calls come in, whoever wrote it: run over each folder."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unspoken.calls.happenings import Began, Encoding, Ended, Happening, Noted, Paused, Pressed, Resumed, Sounded
from unspoken.connectors.base import Delivery, PayloadError, SendError, SignatureError
from unspoken.connectors.calling import Frame, Talk
from unspoken.connectors.calls_in import LARGEST_FRAME, LONGEST_STREAM
from unspoken.connectors.registry import connectors
from unspoken.conversations.models import Inbox, Message

from .doors import FOLDER, conformance
from .streams import AT, CALLING, admitted, inbox_of, opened, recorded

RECORDED = [(name, frame) for name in CALLING for frame in recorded(name)]


def test_there_are_connectors_of_calls() -> None:
    assert {"audiohook", "pcm", "twilio"} <= set(CALLING)


# Who is let in


@pytest.mark.parametrize("name", CALLING)
def test_a_connection_of_the_system_itself_is_admitted(name: str) -> None:
    assert admitted(name).answers() in ((), [])


@pytest.mark.parametrize(("name", "proof"), [(name, each) for name in CALLING for each in conformance(name).PROOF])
def test_a_connection_without_its_proof_or_with_another_is_refused(name: str, proof: str) -> None:
    upgrade = conformance(name).upgrade(at=AT)
    headers = dict(upgrade.headers)
    changed = headers[proof][:-2] + ("x" if headers[proof][-2] != "x" else "y") + headers[proof][-1]
    others = {key: value for key, value in headers.items() if key != proof}
    for given_headers in (
        others,
        {**headers, proof: ""},
        {**headers, proof: changed},
        {**headers, proof: "größer\udcff"},
    ):
        with pytest.raises(SignatureError):
            admitted(name, replace(upgrade, headers=given_headers))


@pytest.mark.parametrize("name", CALLING)
def test_an_inbox_without_settings_admits_nobody(name: str) -> None:
    bare = Inbox(pk="inb_test", name="Calls", connector=name, settings={})
    for upgrade in (conformance(name).upgrade(at=AT), Delivery(body=b"", headers={}, query={}, at=AT)):
        with pytest.raises(SignatureError):
            admitted(name, upgrade, bare)


@pytest.mark.parametrize("name", CALLING)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_no_header_however_written_breaks_the_check(name: str, data: st.DataObject) -> None:
    upgrade = conformance(name).upgrade(at=AT)
    header = data.draw(st.sampled_from(sorted(conformance(name).PROOF)))
    value = data.draw(st.text(max_size=60) | st.text(alphabet='sig1=:();"@ x,', max_size=200))
    with pytest.raises(SignatureError):
        admitted(name, replace(upgrade, headers={**upgrade.headers, header: value}))


# What frames tell


@pytest.mark.parametrize(("name", "frame"), RECORDED)
def test_a_recorded_frame_tells_what_its_name_says(name: str, frame: str) -> None:
    talk = admitted(name) if frame in conformance(name).OPENING else opened(name)[0]
    told = [type(happening).__name__.lower() for happening in talk.take(recorded(name)[frame], now=AT)]
    expected = frame.partition("-")[0]
    assert told == ([] if expected == "nothing" else expected.split("+"))


@pytest.mark.parametrize("name", CALLING)
def test_late_and_repeated_sound_keeps_its_place(name: str) -> None:
    talk, _ = opened(name)
    for frame, places in conformance(name).LATE:
        told = talk.take(frame, now=AT)
        assert [each.at for each in told if isinstance(each, Sounded | Paused | Resumed)] == pytest.approx(places)


@pytest.mark.parametrize("name", CALLING)
def test_sound_of_another_day_is_refused(name: str) -> None:
    texts = [frame for frame, places in conformance(name).LATE if isinstance(frame, str)]
    numbers = ("90000000", "1e300", "9" * 400)
    for number in numbers:
        talk, _ = opened(name)
        far = [text for text in (_with_time(text, number) for text in texts) if text]
        with pytest.raises(PayloadError):
            talk.take(far[0], now=AT)


def _with_time(frame: str, number: str) -> str:
    """Return a frame that says another time, in the way that it says one."""
    said = json.loads(frame)
    if "media" in said:
        said["media"]["timestamp"] = number
    elif "parameters" in said:
        said["parameters"]["discarded"] = f"PT{number}S"
    else:
        return frame.replace(str(said["seconds"]), number)
    return json.dumps(said)


@pytest.mark.parametrize("name", CALLING)
def test_after_its_end_a_stream_tells_nothing_more(name: str) -> None:
    frames = recorded(name)
    for end in (each for each in frames if each.startswith("ended")):
        talk, _ = opened(name)
        [ended] = talk.take(frames[end], now=AT)
        assert isinstance(ended, Ended)
        talk.answers()
        for frame in (*frames.values(), bytes(160), "rubbish"):
            assert list(talk.take(frame, now=AT)) == []


# Rubbish


@pytest.mark.parametrize("name", CALLING)
@pytest.mark.parametrize(
    "rubbish",
    ["", "{", "[1, 2]", "null", '"start"', "1", "[" * 60_000, '{"a":' * 10_000, '{"type": NaN}', "\x00", "\ud800",
     "{}}", '{"event": ' + "9" * 5000 + "}", " " * (LARGEST_FRAME + 1), '{"a": "' + "ö" * (LARGEST_FRAME // 2) + '"}'],
    ids=range(15),
)  # fmt: skip
def test_rubbish_is_told_what_it_is(name: str, rubbish: str) -> None:
    for talk in (admitted(name), opened(name)[0]):
        with pytest.raises(PayloadError, match=r"^A text frame is .+\.$"):
            talk.take(rubbish, now=AT)


@pytest.mark.parametrize("name", CALLING)
def test_binary_frames_are_taken_only_where_sound_is_due(name: str) -> None:
    for frame in (b"\x00", bytes(LARGEST_FRAME + 2), bytes(LARGEST_FRAME * 2)):
        with pytest.raises(PayloadError):
            opened(name)[0].take(frame, now=AT)
        with pytest.raises(PayloadError):
            admitted(name).take(frame, now=AT)
    sound = conformance(name).SOUND
    if sound is not None:
        assert {type(each) for each in opened(name)[0].take(sound, now=AT)} == {Sounded}


SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    | st.sampled_from(["\ud800\x00", "9" * 30, "PT1.5S", "-1", "inbound", "²", "٣", "L16", 10**400, 1e400, "x" * 500])
)  # fmt: skip
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)


def places(of: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path to everything in a JSON document."""
    yield path
    inside = of.items() if isinstance(of, dict) else enumerate(of) if isinstance(of, list) else ()
    for key, value in inside:
        yield from places(value, (*path, key))


def put(document: Any, path: Sequence[Any], value: object) -> Any:
    """Return a JSON document with another value at a path."""
    if not path:
        return value
    copy = dict(document) if isinstance(document, dict) else list(document)
    copy[path[0]] = put(copy[path[0]], path[1:], value)
    return copy


def check(told: Sequence[Happening], began: Began | None) -> Began | None:
    """Assert that happenings are what a line can live with; return the beginning of the stream."""
    for happening in told:
        assert isinstance(happening, Began | Sounded | Paused | Resumed | Pressed | Noted | Ended)
        for field in fields(happening):
            value = getattr(happening, field.name)
            assert not isinstance(value, str) or ("\x00" not in value and value.encode() is not None)
        if isinstance(happening, Began):
            assert began is None
            began = happening
            assert 0 < len(began.call_id) <= 200
            assert len(began.tracks) in (1, 2)
        if isinstance(happening, Sounded):
            assert began is not None
            assert happening.track in began.tracks
            assert happening.payload
            assert began.encoding == Encoding.MULAW or len(happening.payload) % 2 == 0
        if isinstance(happening, Sounded | Paused | Resumed):
            assert 0 <= happening.at <= LONGEST_STREAM
    return began


@pytest.mark.parametrize("name", CALLING)
@settings(max_examples=120, deadline=None)
@given(data=st.data())
def test_whatever_comes_nothing_but_a_payload_error_is_raised(name: str, data: st.DataObject) -> None:
    frames, began = recorded(name), None
    talk = admitted(name)
    opening = [frames[each] for each in conformance(name).OPENING] if data.draw(st.booleans()) else []
    for _ in range(4):
        document = json.loads(data.draw(st.sampled_from(sorted(frames.values()))))
        path = data.draw(st.sampled_from(list(places(document))))
        changed = json.dumps(put(document, path, data.draw(VALUES)))
        frame: Frame = data.draw(st.just(changed) | st.text(max_size=20) | st.binary(max_size=12))
        for each in (*opening, frame):
            try:
                began = check(talk.take(each, now=AT), began)
            except PayloadError as error:
                assert str(error).endswith(".")
                assert str(error).isprintable()
        opening = []
        if data.draw(st.booleans()):
            talk.quiet("the customer said no \ud800")
        check_answers(talk)
    talk.leave("closing time")
    check_answers(talk)


def check_answers(talk: Talk) -> None:
    """Assert that answers are JSON objects that can be sent, once each."""
    for answer in talk.answers():
        assert isinstance(answer, str)
        answer.encode()
        assert isinstance(json.loads(answer), dict)
    assert list(talk.answers()) == []


# The rest of a connector


@pytest.mark.parametrize("name", CALLING)
def test_a_connector_of_calls_takes_no_deliveries_and_sends_nothing(name: str) -> None:
    connector, delivery = connectors()[name], Delivery(body=b"{}", headers={}, query={}, at=AT)
    assert connector.channel == "call"
    with pytest.raises(SignatureError, match="this inbox takes calls, not deliveries"):
        connector.verify(delivery, inbox_of(name))
    with pytest.raises(PayloadError, match="takes calls, not deliveries"):
        connector.parse(delivery, inbox_of(name))
    for refuse in (connector.send, connector.was_sent):
        with pytest.raises(SendError, match="nothing was sent") as refused:
            refuse(Message(), inbox_of(name))
        assert (refused.value.permanent, refused.value.uncertain) == (True, False)
    assert connector.probe(conformance(name).SETTINGS) == []


@pytest.mark.parametrize("name", CALLING)
def test_what_is_typed_becomes_the_settings_that_the_tests_use(name: str) -> None:
    form = connectors()[name].settings_form(conformance(name).SETTINGS)
    assert form.is_valid(), form.errors
    assert form.settings() == conformance(name).SETTINGS


@pytest.mark.parametrize("name", CALLING)
def test_no_secret_is_in_anything_that_is_said(name: str) -> None:
    said, upgrade = (
        [str(connectors()[name].settings_form(settings=conformance(name).SETTINGS))],
        conformance(name).upgrade(at=AT),
    )
    for proof in conformance(name).PROOF:
        with pytest.raises(SignatureError) as refused:
            admitted(name, replace(upgrade, headers={**upgrade.headers, proof: "another"}))
        said.append(str(refused.value))
    for frame in (*recorded(name).values(), "rubbish", b"\x00"):
        talk, _ = opened(name)
        try:
            said.extend(map(repr, talk.take(frame, now=AT)))
        except PayloadError as error:
            said.append(str(error))
        talk.leave("closing time")
        said.extend(map(str, talk.answers()))
    assert [secret for secret in conformance(name).SECRETS for each in said if secret in each] == []


@pytest.mark.parametrize("name", CALLING)
def test_the_operators_page_names_what_may_be_told_of_a_call(name: str) -> None:
    written = Path(FOLDER / name / "README.md").read_text()
    shown: Mapping[str, Any] = connectors()[name].settings_form().fields
    named = [f"/lines/{name}/", *(("withdraw",) if "withdraw_key" in shown else ()), "announced", "voice_consent"]
    assert [each for each in named if each not in written] == []
