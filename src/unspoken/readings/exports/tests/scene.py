"""A call of Mina's with known numbers: her words and her voice read, one reading corrected by Ben, one private note."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from unspoken.conversations.actions import add_private_note
from unspoken.conversations.models import Author, Conversation, Kind, Message
from unspoken.intake.pipeline import Pipeline
from unspoken.intake.tests.fake import START, read, said
from unspoken.people.models import Channel, Contact
from unspoken.readings.actions import correct_reading
from unspoken.readings.models import StoredReading, ToneReading
from unspoken.staff.tests.cast import members

NOW = START + timedelta(days=1)
TURNS: tuple[tuple[Author, str, float, float], ...] = (
    (Author.AGENT, "Good morning, Hazel and Rook.", 0.0, 2.0),
    (Author.CUSTOMER, "This is terrible, it came two weeks late.", 2.5, 6.5),
    (Author.AGENT, "I will send a new one today.", 10.0, 13.0),
    (Author.CUSTOMER, "Many thanks, thanks!", 13.0, 15.0),
    (Author.CUSTOMER, "It is Wednesday then.", 18.0, 20.0),
)


@dataclass(frozen=True)
class Scene:
    """The call, and Mina's messages in their order."""

    call: Conversation
    customers: list[Message]


def call_of(mina: Contact, **metadata: Any) -> Scene:
    """Make the call; metadata: added to each message."""
    events = [
        said(
            text, number, minutes=begins / 60, author=author, channel=Channel.CALL, kind=Kind.SEGMENT,
            conversation_id="call", language="en", metadata={"begins": begins, "ends": ends, **metadata},
        )
        for number, (author, text, begins, ends) in enumerate(TURNS)
    ]  # fmt: skip
    Pipeline(read).receive(events, now=NOW)
    call = Conversation.objects.get(external_id="call")
    ben = members().ben
    add_private_note(call, text="He was in a hurry.", by=ben, now=NOW)
    for begins, stress, reason in ((3.0, 0.8, ""), (4.0, 0.0, "overlap")):
        ToneReading.objects.create(
            conversation=call, contact=mina, consent_id=1, model="unspoken-voice", model_version="1",
            model_sha256="ab", begins=begins, ends=begins + 3.0, reason=reason, created_at=NOW,
            scales={} if reason else {"arousal": 0.7, "stress": stress, "anger": 0.2, "sadness": 0.1, "pleasure": 0.3},
            changes=[] if reason else ["louder by 5 dB"],
        )  # fmt: skip
    last = StoredReading.objects.get(message__text=TURNS[-1][1])
    correct_reading(last, cx="worry", by=ben, now=NOW)
    customers = list(Message.objects.filter(conversation=call, author_kind=Author.CUSTOMER).order_by("occurred_at"))
    return Scene(call, customers)
