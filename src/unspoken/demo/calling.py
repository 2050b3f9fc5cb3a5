"""The demo's calls: one that was recorded some days ago, and one that is played to the server as a telephone would."""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from unspoken.calls.keeping import keep_sound
from unspoken.calls.models import Call, Form
from unspoken.calls.recorded import NotHeard, hear_line
from unspoken.connectors.base import source_of
from unspoken.conversations.actions import assign, set_labels, set_status
from unspoken.conversations.models import Author, Conversation, Inbox, Kind, Status
from unspoken.intake.inbound import Handle, Inbound, Person
from unspoken.intake.pipeline import Pipeline
from unspoken.kit.ids import new_id
from unspoken.people.models import Channel
from unspoken.staff.models import Member

from . import history, written
from .line import play_call, say_turns
from .recordings import Recording, recording_in, replayable
from .shop import LINE, address, handles_of
from .spoken import calls, recording_of

ANNOUNCED = "Notice 2026-06 was played: with your permission we also read the tone of your voice"
SPOKEN = {"customer": Author.CUSTOMER, "agent": Author.AGENT}

logger = logging.getLogger(__name__)


def let_recorded_call_happen(*, now: datetime) -> None:
    """Put the recorded call in: what was said, how the voice sounded, and the recording, which its customer permits."""
    told = calls()["call-recorded"]
    started = now - timedelta(days=told["days_ago"])
    ended = started + timedelta(seconds=max(turn["ends"] for turn in told["messages"]))
    spoken = zip(history.inbounds_of(told, started=started), told["messages"], strict=True)
    Pipeline().receive([_timed(inbound, turn) for inbound, turn in spoken], now=ended)
    conversation = Conversation.objects.get(source=history.SOURCE, external_id=told["key"])
    recording = recording_in(recording_of(told))
    sides = (recording.left, recording.right)
    customer, agent = sides if told["customer"] == "left" else sides[::-1]
    try:
        hear_line(conversation, customer, agent, now=ended)
    except NotHeard as error:
        logger.warning("The demo's recorded call was not listened to: %s", error)
    keep_sound(conversation, [replayable(recording)], form=Form.WAV, now=ended)
    Call.objects.filter(conversation=conversation).update(announced=ANNOUNCED)
    dara = Member.objects.get(email=address(told["assignee"]))
    assign(conversation, assignee=dara, by=dara, now=ended)
    set_labels(conversation, labels=told["labels"], by=dara, now=ended)
    set_status(conversation, status=Status(told["status"]), by=dara, now=ended)


def _timed(inbound: Inbound, turn: Mapping[str, Any]) -> Inbound:
    return replace(inbound, metadata={"begins": turn["begins"], "ends": turn["ends"]})


def line_of_the_demo() -> Inbox | None:
    """Return the inbox that takes calls, or None in a demo made by an earlier version."""
    return Inbox.objects.filter(name=LINE, connector="twilio", is_active=True).first()


def play_live_call(
    inbox: Inbox, *, host: str, port: int, submit: Callable[[Inbound], Any], clock: Callable[[], datetime],
    stopped: Callable[[float], bool], recording: Recording | None = None, customer: str = "left",
) -> None:  # fmt: skip
    """Play the demo's live call, or `recording` by an unknown caller, through the telephone's door at real speed.

    Blocks until it is over or `stopped`. Raises LineError.
    """
    call_id = new_id("CA").replace("_", "")
    told = None if recording else calls()["call-live"]
    played = recording or recording_in(recording_of(told or {}))
    speaking = threading.Event()  # what is said is written down from the moment the line is open
    parameters = {"announced": ANNOUNCED, **(_caller(told) if told else {})}
    if told:
        talker = threading.Thread(
            target=_say, args=(told, inbox, call_id, submit, clock, stopped, speaking), name="demo call", daemon=True
        )
        talker.start()
    play_call(
        played, url=f"ws://{host}:{port}/lines/twilio/{inbox.pk}?key={inbox.settings['key']}", call_id=call_id,
        parameters=parameters, customer="left" if customer == "left" else "right", stopped=stopped,
        tell=lambda _: speaking.set(),
    )  # fmt: skip


def _caller(told: Mapping[str, Any]) -> dict[str, str]:
    contact = written.contacts()[told["contact"]]
    handles = {kind: handle for kind, handle in handles_of(contact) if kind in {"email", "phone"}}
    named = {"contact_name": contact["name"], "agent_email": address(told["assignee"])}
    return named | {f"contact_{kind}": handle for kind, handle in handles.items()}


def _say(
    told: Mapping[str, Any], inbox: Inbox, call_id: str, submit: Callable[[Inbound], Any],
    clock: Callable[[], datetime], stopped: Callable[[float], bool], speaking: threading.Event,
) -> None:  # fmt: skip
    if not speaking.wait(30):
        return
    numbers = {id(turn): number for number, turn in enumerate(told["messages"])}
    say_turns(
        told["messages"], stopped=stopped,
        submit=lambda turn: submit(_said(turn, numbers[id(turn)], inbox, call_id, _person(told), clock())),
    )  # fmt: skip


def _person(told: Mapping[str, Any]) -> Person:
    handles = handles_of(written.contacts()[told["contact"]])
    return Person(handles=tuple(Handle(kind=kind, value=value) for kind, value in handles if kind == "email"))


def _said(
    turn: Mapping[str, Any], number: int, inbox: Inbox, call_id: str, person: Person, at: datetime
) -> Inbound:  # fmt: skip
    by = turn.get("by")
    return Inbound(
        source=source_of(inbox), external_id=f"{call_id}/{number}", conversation_id=call_id,
        channel=Channel.CALL, kind=Kind.SEGMENT, author=SPOKEN[turn["from"]], occurred_at=at, text=turn["text"],
        person=person, member_email=address(by) if by else "", inbox=inbox.name,
        metadata={"begins": turn["begins"], "ends": turn["ends"]},
    )  # fmt: skip
