"""A stand-in for the model: reads a few plain words, quickly and always alike."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from unspoken.affect.reading import Outcome, Producer, Reading, Span
from unspoken.affect.vocabulary import LABELS, cx_of
from unspoken.conversations.models import Author, Kind
from unspoken.intake.inbound import Handle, Inbound, Person
from unspoken.people.models import Channel, Contact, IdentityKind
from unspoken.privacy.actions import record_consent
from unspoken.privacy.models import Decision, Modality, Purpose
from unspoken.readings.actions import Words

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MINA = Person(handles=(Handle(kind=IdentityKind.EMAIL, value="Mina@Example.org"),), name="Mina")
OTTO = Person(handles=(Handle(kind=IdentityKind.EMAIL, value="otto@example.org"),), name="Otto")
PRODUCER = Producer("fake", "1", "0" * 64)


def read(words: Sequence[Words]) -> list[Outcome]:
    """Read "terrible" as annoyance and "thanks" as gratitude; everything else as neutral."""
    return [_read(one.text) for one in words]


def _read(text: str) -> Reading:
    bad, good = "terrible" in text, "thanks" in text
    labels = dict.fromkeys(LABELS, 0.01) | {"annoyance": 0.9 * bad, "gratitude": 0.9 * good, "neutral": 0.1}
    embedding = np.random.default_rng(len(text)).normal(size=384).astype(np.float32)
    return Reading(
        labels, cx_of(labels), -0.8 * bad + 0.7 * good, 0.5, 0.9, (Span(0, 3, "annoyance", 0.5),) if bad else (),
        PRODUCER, embedding / np.linalg.norm(embedding),
    )  # fmt: skip


def reads_and(action: Callable[[], object]) -> Callable[[Sequence[Words]], list[Outcome]]:
    """Return a reader in whose midst `action` happens, while the model computes."""

    def reader(words: Sequence[Words]) -> list[Outcome]:
        action()
        return read(words)

    return reader


def said(text: str, number: int | str, *, minutes: float = 0.0, **changes: object) -> Inbound:
    """Return Mina's chat message `number`, so many minutes after the start."""
    fields: dict[str, object] = {
        "source": "test", "external_id": f"m{number}", "conversation_id": "c1", "channel": Channel.CHAT,
        "kind": Kind.CHAT, "author": Author.CUSTOMER, "occurred_at": START + timedelta(minutes=minutes), "text": text,
        "person": MINA,
    }  # fmt: skip
    return Inbound(**(fields | changes))  # type: ignore[arg-type]


def consents(contact: Contact, decision: Decision = Decision.GIVEN) -> int:
    """Record what a contact decided on reading text for service; return the decision's id."""
    return record_consent(
        contact, modality=Modality.TEXT, purpose=Purpose.SERVICE, decision=decision, source="test", now=START
    ).id
