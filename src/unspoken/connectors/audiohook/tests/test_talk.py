"""A session of AudioHook: what is answered, what is told, and where in the stream it lies."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from unspoken.calls.happenings import Began, Encoding, Ended, Happening, Noted, Paused, Resumed, Sounded, Track
from unspoken.connectors.audiohook.messages import chosen, telephone_number
from unspoken.connectors.audiohook.talk import Session
from unspoken.connectors.base import PayloadError

from .conformance import ORGANISATION, SESSION

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
OPEN: dict[str, Any] = json.loads((Path(__file__).parent / "frames" / "began-open.json").read_text())["parameters"]
NOBODY = "00000000-0000-0000-0000-000000000000"


class Genesys:
    """The other side: counts its messages as the protocol asks, and looks that ours are counted too."""

    def __init__(self) -> None:
        self.session = Session({}, session=SESSION, organisation=ORGANISATION)
        self.seq = self.serverseq = 0

    def says(self, kind: str, *, position: str = "PT0S", envelope: Any = None, **parameters: Any) -> list[Happening]:
        self.seq += 1
        said = {"version": "2", "id": SESSION, "type": kind, "seq": self.seq, "serverseq": self.serverseq}
        said |= {"position": position, "parameters": parameters} | (envelope or {})
        return list(self.session.take(json.dumps(said), now=AT))

    def sounds(self, samples: int = 800) -> list[float]:
        """Send sound of both sides; return where each was put."""
        return [each.at for each in self.session.take(bytes(2 * samples), now=AT) if isinstance(each, Sounded)]

    def hears(self) -> list[tuple[str, dict[str, Any]]]:
        """Return the messages that come, checked: their type and parameters."""
        heard = []
        for answer in self.session.answers():
            said = json.loads(str(answer))
            self.serverseq += 1
            assert (said["version"], said["id"], said["seq"]) == ("2", SESSION, self.serverseq)
            assert said["clientseq"] == self.seq
            heard.append((said["type"], said["parameters"]))
        return heard


def opened(**changes: Any) -> tuple[Genesys, Began]:
    """Return a session under way."""
    genesys = Genesys()
    [began] = genesys.says("open", **{**OPEN, **changes})
    assert isinstance(began, Began)
    return genesys, began


def media(*channels: str, form: str = "PCMU", rate: int = 8000) -> dict[str, Any]:
    return {"type": "audio", "format": form, "channels": [*channels], "rate": rate}


def test_a_session_is_opened_with_both_sides_apart() -> None:
    genesys, began = opened()
    assert genesys.hears() == [("opened", {"media": [media("external", "internal")]})]
    assert (began.call_id, began.tracks) == ("090eaa2f-72fa-480a-83e0-8667ff89c0ec", {Track.CUSTOMER, Track.AGENT})
    assert (began.encoding, began.rate, began.position) == (Encoding.MULAW, 8000, None)
    assert began.person is not None
    assert [(handle.kind, handle.value) for handle in began.person.handles] == [("phone", "+447700900101")]
    assert (began.person.name, began.language, began.member_email) == ("Mina Okafor", "en-GB", "ben@example.org")


@pytest.mark.parametrize(
    ("offered", "expected"),
    [
        ([media("external"), media("external", "internal")], media("external", "internal")),
        ([media("external", "internal", form="L16"), media("external")], media("external", "internal", form="L16")),
        ([media("external", form="L16"), media("external")], media("external")),
        ([media("internal", "external"), media("external")], media("internal", "external")),
        ([media("internal"), media("external")], media("external")),
        ([media("internal")], None),
        ([media("external", rate=16000)], None),
        ([media("external", form="OPUS")], None),
        ([media("external", "external")], None),
        ([], None),
        (["external", None, {}], None),
        (None, None),
    ],
)
def test_the_customer_is_taken_on_a_channel_of_their_own_or_not_at_all(offered: Any, expected: Any) -> None:
    found = chosen(offered)
    assert (found.as_json() if found else None) == expected


def test_a_session_without_sound_of_use_is_refused_and_said_to_be() -> None:
    genesys = Genesys()
    [noted] = genesys.says("open", **{**OPEN, "media": [media("internal")]})
    assert isinstance(noted, Noted)
    [(kind, parameters)] = genesys.hears()
    assert (kind, parameters["reason"]) == ("disconnect", "error")
    assert "external" in parameters["info"]
    assert genesys.sounds() == []
    assert genesys.says("close", reason="disconnect") == [Ended(over=False, why="disconnect")]
    assert genesys.hears() == [("closed", {})]
    genesys.session.leave("closing time")
    assert genesys.hears() == []


@pytest.mark.parametrize(("channels", "payloads"), [
    (("external", "internal"), {Track.CUSTOMER: b"\x01\x02\x05\x06", Track.AGENT: b"\x03\x04\x07\x08"}),
    (("internal", "external"), {Track.AGENT: b"\x01\x02\x05\x06", Track.CUSTOMER: b"\x03\x04\x07\x08"}),
    (("external",), {Track.CUSTOMER: b"\x01\x02\x03\x04\x05\x06\x07\x08"}),
])  # fmt: skip
def test_channels_are_taken_apart_in_the_order_that_was_agreed(channels: Any, payloads: dict[Track, bytes]) -> None:
    genesys, began = opened(media=[media(*channels, form="L16")])
    assert began.encoding == Encoding.PCM
    sounded = genesys.session.take(bytes(range(1, 9)), now=AT)
    assert {each.track: each.payload for each in sounded if isinstance(each, Sounded)} == payloads
    assert began.tracks == set(payloads)
    with pytest.raises(PayloadError, match="no multiple"):
        genesys.session.take(bytes(2 * len(channels) + 1), now=AT)


def test_a_connection_that_is_tried_out_is_answered_and_makes_no_call() -> None:
    genesys = Genesys()
    [noted] = genesys.says("open", **{**OPEN, "conversationId": NOBODY, "organizationId": NOBODY})
    assert isinstance(noted, Noted)
    assert genesys.hears() == [("opened", {"media": [media("external", "internal")]})]
    assert genesys.says("close", reason="end") == [Ended(over=True)]
    assert genesys.hears() == [("closed", {})]


def test_messages_are_counted_on_both_sides() -> None:
    genesys, _ = opened()
    genesys.hears()
    for _ in range(3):
        genesys.says("ping", rtt="PT0.02S")
        assert genesys.hears() == [("pong", {})]
    genesys.says("update", language="de-DE")
    assert genesys.hears() == [("updated", {})]
    genesys.says("close", reason="end")
    assert genesys.hears() == [("closed", {})]


@pytest.mark.parametrize(
    ("envelope", "said"),
    [
        ({"seq": 1}, "Message 2 is due"), ({"seq": 3}, "Message 2 is due"), ({"seq": True}, "no whole number"),
        ({"seq": -2}, "no whole number"), ({"seq": 2.0}, "no whole number"), ({"serverseq": 2}, "never sent"),
        ({"serverseq": None}, "no whole number"), ({"id": ORGANISATION}, "another session"),
        ({"id": 7}, "another session"), ({"version": "1"}, "version 2"),
        ({"version": 2}, "version 2"), ({"position": "1.5"}, "no duration"),
        ({"position": "PT90000S"}, "24 hours"), ({"parameters": []}, "no parameters"), ({"type": None}, "no type"),
    ],
)  # fmt: skip
def test_a_message_out_of_turn_ends_the_session_with_an_error(envelope: dict[str, Any], said: str) -> None:
    genesys, _ = opened()
    genesys.hears()
    with pytest.raises(PayloadError, match=said):
        genesys.says("ping", envelope=envelope)
    genesys.session.leave("Message 2 is due, and another came.")
    last = json.loads(str(genesys.session.answers()[-1]))
    assert (last["type"], last["seq"], last["clientseq"]) == ("disconnect", 2, 1)
    assert last["parameters"] == {"reason": "error", "info": "Message 2 is due, and another came."}


def test_a_call_of_another_organisation_is_refused() -> None:
    with pytest.raises(PayloadError, match="another organisation"):
        Genesys().says("open", **{**OPEN, "organizationId": SESSION})


def test_a_pause_takes_its_time_in_the_stream() -> None:
    genesys, _ = opened()
    assert genesys.sounds() == [0.0, 0.0]
    assert genesys.says("paused", position="PT0.1S") == [Paused(0.1, "by the telephone system")]
    assert genesys.says("paused", position="PT0.1S") == []
    assert genesys.says("resumed", position="PT10.1S", start="PT0.1S", discarded="PT10S") == [Resumed(10.1)]
    assert genesys.sounds() == [10.1, 10.1]
    assert genesys.says("resumed", position="PT10.2S", start="PT10.2S", discarded="PT0S") == []
    assert genesys.sounds() == [10.2, 10.2]


def test_sound_in_a_pause_or_before_the_call_is_refused() -> None:
    genesys, _ = opened()
    genesys.says("paused")
    with pytest.raises(PayloadError, match="in a pause"):
        genesys.sounds()
    with pytest.raises(PayloadError, match="before a call"):
        Genesys().sounds()


def test_sound_that_was_left_out_leaves_its_place_free() -> None:
    genesys, _ = opened()
    genesys.sounds()
    assert genesys.says("discarded", start="PT0.1S", discarded="PT2.5S") == [
        Paused(0.1, "the telephone system left sound out"), Resumed(2.6),
    ]  # fmt: skip
    assert genesys.sounds() == [2.6, 2.6]
    assert genesys.says("discarded", start="PT0S", discarded="PT.5S") == []  # long past
    assert genesys.sounds() == [2.7, 2.7]
    for strange in ({}, {"start": "PT1S"}, {"start": "PT1S", "discarded": 2}, {"start": "PT-1S", "discarded": "PT2S"}):
        with pytest.raises(PayloadError, match="no duration"):
            genesys.says("discarded", **strange)


def test_a_session_that_continues_another_says_where_in_the_call() -> None:
    genesys = Genesys()
    again = [{"id": NOBODY, "serverseq": 3, "clientseq": 9}]
    [began] = genesys.says("open", position="PT60S", **OPEN, continuedSessions=again)
    assert isinstance(began, Began)
    assert began.position == 60.0
    assert genesys.sounds() == [0.0, 0.0]
    genesys.says("paused", position="PT60.1S")
    assert genesys.says("resumed", position="PT65S", start="PT60.1S", discarded="PT4.9S") == [Resumed(pytest.approx(5))]


@pytest.mark.parametrize("reason", ["disconnect", "error", "reconnect", "", None])
def test_only_the_end_of_the_conversation_is_the_end_of_the_call(reason: Any) -> None:
    assert opened()[0].says("close", reason="end") == [Ended(over=True)]
    assert opened()[0].says("close", reason=reason) == [Ended(over=False, why=reason or "")]


def test_genesys_is_asked_to_pause_where_nothing_is_listened_to() -> None:
    genesys, _ = opened()
    genesys.hears()
    genesys.session.quiet("the customer said no")
    assert genesys.hears() == [("pause", {})]
    assert genesys.says("paused") == [Paused(0.0, "as we asked")]


def test_a_session_that_nobody_may_listen_to_starts_paused() -> None:
    genesys = Genesys()
    genesys.session.quiet("the customer said no")
    genesys.says("open", **OPEN)
    assert genesys.hears() == [("opened", {"media": [media("external", "internal")], "startPaused": True})]


def test_leaving_is_said_once() -> None:
    genesys, _ = opened()
    genesys.hears()
    genesys.session.leave("closing time")
    genesys.session.leave("closing time")
    assert genesys.hears() == [("disconnect", {"reason": "completed", "info": "closing time"})]
    genesys.session.quiet("the customer said no")
    assert genesys.hears() == []


def test_an_error_of_genesys_is_noted() -> None:
    assert opened()[0].says("error", code=429, message="Too many\x00messages") == [
        Noted("Genesys reports the error 429: Too many\ufffdmessages")
    ]


@pytest.mark.parametrize(
    ("ani", "number"),
    [("tel:+447700900101", "+447700900101"), ("+447700900101", "+447700900101"), ("07700900101", "07700900101"),
     ("sip:+447700900101@gw.example.org;user=phone", "+447700900101"), ("sip:anonymous@x", ""), ("anonymous", ""),
     ("", ""), ("tel:12", "")],
)  # fmt: skip
def test_a_number_is_found_in_every_way_that_it_is_written(ani: str, number: str) -> None:
    assert telephone_number(ani) == number
