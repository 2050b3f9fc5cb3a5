"""A small shop for the pages' tests: Mina's chat that worsens, with its readings, curve and flag; a calm e-mail.

Readings are made by hand, so that every number on a page is known; all else goes through the product's own actions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from unspoken.affect.vocabulary import CX, LABELS
from unspoken.conversations.models import Author, Conversation, Inbox, Kind, Message, ReadingState
from unspoken.flags.actions import enable_rule, save_rule
from unspoken.flags.actions.raise_flags import evaluate
from unspoken.flags.context import Moved
from unspoken.flags.models import Flag
from unspoken.people.models import Channel, Contact
from unspoken.privacy.actions import record_consent
from unspoken.readings.actions.move import move
from unspoken.readings.models import StoredReading
from unspoken.staff.models import Team
from unspoken.staff.tests.cast import Members, members

SAYS: tuple[tuple[str, str, str, float, float], ...] = (
    ("customer", "Hello, my Wren 2 arrived without the drip tray. Could you send one, please?", "neutral", 0.7, 0.05),
    ("agent", "Hello Mina, sorry about that. I will send one within 2 hours.", "", 0, 0),
    ("customer", "Lovely, thank you!", "gratitude", 0.9, 0.8),
    ("customer", "Five hours, and nothing came. Could you send the drip tray, please?", "frustration", 0.62, -0.45),
    ("agent", "I am afraid there is none in stock.", "", 0, 0),
    ("customer", "Then why promise it? I am really annoyed, it is the third time I ask.", "frustration", 0.88, -0.8),
)  # fmt: skip


@dataclass(frozen=True)
class Scene:
    """What the tests look at."""

    who: Members
    mina: Contact
    chat: Conversation
    calm: Conversation
    readings: list[StoredReading]
    flag: Flag


def scene(now: datetime) -> Scene:
    """Make the scene: everything happened in the six hours before `now`."""
    who = members()
    mina = Contact.objects.create(
        name="Mina Okafor", title="Owner", city="Bristol", created_at=now - timedelta(days=60)
    )
    for purpose in ("service", "insights"):
        record_consent(mina, modality="text", purpose=purpose, decision="given", source="web form", now=now)
    chat = converse(mina, who.care, SAYS, now=now, subject="Missing drip tray")
    noor = Contact.objects.create(name="Noor Haddad", created_at=now)
    calm = converse(noor, who.care, SAYS[:1], now=now, subject="A question", channel=Channel.EMAIL)
    readings = list(StoredReading.objects.filter(conversation=chat).order_by("occurred_at"))
    return Scene(who, mina, chat, calm, readings, Flag.objects.get(conversation=chat))


def converse(
    contact: Contact,
    team: Team | None,
    says: Sequence[tuple[str, str, str, float, float]],
    *,
    now: datetime,
    subject: str = "",
    channel: Channel = Channel.CHAT,
) -> Conversation:
    """Make a conversation of (author, text, category, share, valence) turns, one an hour up to `now`, and follow it."""
    rule()
    inbox, _ = Inbox.objects.get_or_create(
        name=f"Support {channel.label}", defaults={"channel": channel, "created_at": now}
    )
    begun = now - timedelta(hours=len(says))
    conversation = Conversation.objects.create(
        inbox=inbox, channel=channel, contact=contact, team=team, subject=subject, source="test",
        external_id=f"{contact.pk}-{subject}", opened_at=begun, last_message_at=now, message_count=len(says),
    )  # fmt: skip
    messages, made = [], []
    for place, (author, text, category, share, valence) in enumerate(says):
        message = say(conversation, author, text, at=begun + timedelta(hours=place), name=contact.name)
        messages.append(message)
        if category:
            made.append(read(message, category, share, valence))
    moved = move([conversation], made=made, messages=messages, now=now)
    by_message = {reading.message_id: reading for reading in made}
    evaluate(
        [
            Moved(conversation=conversation, message=message, contact=contact, reading=by_message[message.pk],
                  trajectory=moved[message.pk].trajectory)
            for message in messages if message.author_kind == Author.CUSTOMER
        ],
        now=now,
    )  # fmt: skip
    return conversation


def say(conversation: Conversation, author: str, text: str, *, at: datetime, name: str) -> Message:
    """Store one message."""
    customers = author == Author.CUSTOMER
    message = Message(
        conversation=conversation, source="test", author_kind=author, author_name=name if customers else "Ben",
        kind=Kind.EMAIL if conversation.channel == Channel.EMAIL else Kind.CHAT, text=text, occurred_at=at,
        received_at=at, reading_state=ReadingState.READ if customers else ReadingState.SKIPPED,
    )  # fmt: skip
    message.external_id = message.pk
    message.save(force_insert=True)
    return message


def read(message: Message, category: str, share: float, valence: float) -> StoredReading:
    """Store a reading that says `category` with probability `share`; its last words carried it."""
    start = max(0, len(message.text) - 30)
    return StoredReading.objects.create(
        message=message, conversation=message.conversation, contact=message.conversation.contact, consent_id=None,
        model="by-hand", model_version="1", labels=dict.fromkeys(LABELS, 0.0),
        cx={name: share if name == category else 0.02 for name in CX}, valence=valence, arousal=0.4, confidence=0.8,
        spans=[[start, len(message.text), category, 0.6]], area="service", occurred_at=message.occurred_at,
        created_at=message.received_at,
    )  # fmt: skip


def rule() -> None:
    """Switch on the one rule of the scene."""
    made = save_rule(
        "rising-frustration", title="Rising frustration", purpose="service",
        now=datetime.fromisoformat("2026-01-01T00:00Z"),
        condition={"all": [{"field": "trajectory.direction", "op": "==", "value": "worsening"},
                           {"field": "reading.frustration", "op": ">=", "value": 0.5}]},
    )  # fmt: skip
    enable_rule(made, now=made.created_at)
