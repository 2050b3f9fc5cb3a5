"""What a call's timeline says in words: system lines of its conversation, never read, that everybody concerned sees."""

from datetime import datetime, timedelta

from unspoken.conversations.models import Author, Conversation, Kind
from unspoken.intake.inbound import Inbound, Person
from unspoken.people.models import Channel

from .models import Call, ToneState
from .talk import Talk

_TONES = {
    ToneState.READ: "The tone of the customer's voice is read from here on, as they permit",
    ToneState.NOT_PERMITTED: "The tone of the customer's voice is not read: they have not permitted it, or it is not"
    " known who they are",
    ToneState.WITHDRAWN: "The customer withdrew their permission: the tone of their voice is not read from here on",
    ToneState.PAUSED: "Listening is paused",
    ToneState.NOT_SEPARABLE: "The tone of nobody's voice is read: both sides are on one channel",
    ToneState.UNAVAILABLE: "The tone of the customer's voice is not read: the voice model cannot be used",
    ToneState.OFF: "The tone of the customer's voice is not read: reading is switched off here",
}


def told_of(state: ToneState) -> str:
    """Return what the timeline says of the reading of the tone, without a full stop."""
    return _TONES[state]


def at(seconds: float) -> str:
    """Return seconds of a call as on a clock: 1:05."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def of_beginning(announced: str) -> str:
    """Return how the timeline begins."""
    told = (
        f"What those on the line were told: {announced.rstrip('.')}."
        if announced
        else "What those on the line were told about it was not reported."
    )
    return f"The call began. {told}"


def of_end(talk: Talk, length: float, why: str) -> str:
    """Return how the timeline ends."""
    said = [f"The call ended after {at(length)}{f' ({why})' if why else ''}."]
    if talk.seconds and talk.agent is not None:
        parts = (("the customer spoke for", talk.customer), ("we for", talk.agent), ("both at once for", talk.both))
        shares = ", ".join(f"{who} {value / talk.seconds:.0%}" for who, value in parts)
        said.append(
            f"Of {at(talk.seconds)} that were listened to, {shares}; {talk.silence / talk.seconds:.0%} silence."
        )
    return " ".join(said)


def saying(call: Call, second: float, key: str, words: str) -> Inbound:
    """Return a line of the timeline at a second of a call; the same key has one effect."""
    conversation = call.conversation
    return system_line(
        conversation.source, conversation.external_id, key, words if words.endswith(".") else f"{words}.",
        moment=call.began_at + timedelta(seconds=second), inbox=_inbox(conversation), second=second,
    )  # fmt: skip


def _inbox(conversation: Conversation) -> str:
    return conversation.inbox.name


def system_line(
    source: str, call_id: str, key: str, words: str, *, moment: datetime, inbox: str, second: float = 0.0,
    person: Person | None = None,
) -> Inbound:  # fmt: skip
    """Return a line that nobody said, for the timeline of a call."""
    return Inbound(
        source=source, external_id=f"{call_id}#{key}", conversation_id=call_id, channel=Channel.CALL,
        kind=Kind.SEGMENT, author=Author.SYSTEM, occurred_at=moment, text=words, inbox=inbox, person=person,
        metadata={"at": round(second, 2)},
    )  # fmt: skip
