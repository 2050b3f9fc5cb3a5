"""Messages that come in, are read as the test says, and are judged: what intake does, without its doors."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from unspoken.affect.reading import Reading
from unspoken.affect.tests.readings import reading
from unspoken.conversations.models import Author, Conversation, Kind, Message, ReadingState
from unspoken.conversations.tests.talk import conversation
from unspoken.flags.actions import enable_rule, evaluate, save_rule
from unspoken.flags.context import Moved
from unspoken.flags.models import Flag, Rule
from unspoken.people.models import Channel, Contact
from unspoken.readings.actions import Made, move, store_readings
from unspoken.staff.models import Team
from unspoken.staff.tests.cast import MORNING

CONSENT = 1


def is_(field: str, op: str, value: Any) -> dict[str, Any]:
    """Return one comparison."""
    return {"field": field, "op": op, "value": value}


FRUSTRATED = is_("reading.frustration", ">=", 0.5)


def rule(name: str = "frustrated", condition: Mapping[str, Any] = FRUSTRATED, **fields: Any) -> Rule:
    """Save a rule and switch it on."""
    values = {"title": name, "purpose": "service", "cooldown_seconds": 1800} | fields
    return enable_rule(save_rule(name, condition=condition, now=MORNING, **values), now=MORNING)


@dataclass
class Stage:
    """One customer's conversation; `says` lets a message come in and returns the flags it raised."""

    contact: Contact | None = None
    team: Team | None = None
    channel: Channel = Channel.CHAT
    fields: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.conversation: Conversation = conversation(
            team=self.team, contact=self.contact, channel=self.channel, **self.fields
        )

    def says(
        self, text: str = "Where is it?", *, at: datetime, read: Reading | None = None, now: datetime | None = None,
        **fields: Any,
    ) -> list[Flag]:  # fmt: skip
        """Store, read, follow and judge one message of the customer in one transaction."""
        now = now or at
        with transaction.atomic():
            message = self._stored(text, at=at, now=now, read=read, **fields)
            contact_id = self.contact.pk if self.contact else None
            made = [] if read is None else store_readings([Made(message, read, contact_id, CONSENT)], now=now)  # type: ignore[arg-type]
            movement = move([self.conversation], made=made, messages=[message], now=now)[message.pk]
            moved = Moved(
                conversation=self.conversation, message=message, trajectory=movement.trajectory, contact=self.contact,
                reading=made[0] if made else None, previous_contacts_same_thing=len(movement.same_thing),
            )  # fmt: skip
            return evaluate([moved], now=now)

    def answers(self, text: str, *, at: datetime) -> None:
        """Let one of us answer."""
        with transaction.atomic():
            self._stored(text, at=at, now=at, read=None, author_kind=Author.AGENT, reading_state=ReadingState.SKIPPED)
            move([self.conversation], made=[], messages=[], now=at)

    def _stored(self, text: str, *, at: datetime, now: datetime, read: Reading | None, **fields: Any) -> Message:
        self.conversation.message_count += 1
        state = ReadingState.READ if read else ReadingState.ABSTAINED
        defaults = {"author_kind": Author.CUSTOMER, "kind": Kind.CHAT, "reading_state": state} | fields
        self.conversation.last_message_at = max(self.conversation.last_message_at, at)
        self.conversation.save()
        return Message.objects.create(
            conversation=self.conversation, source="test",
            external_id=f"{self.conversation.pk}/{self.conversation.message_count}", text=text, occurred_at=at,
            received_at=now, **defaults,
        )  # fmt: skip


def frustrated(amount: float = 0.8, **fields: Any) -> Reading:
    """Return a reading that expresses frustration."""
    return reading(-0.6, frustration=amount, **fields)


def minutes(number: float) -> datetime:
    """Return a moment so many minutes into the morning."""
    return MORNING + timedelta(minutes=number)
