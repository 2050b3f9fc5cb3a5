"""A line for tests: Mina calls; what is said on it is made of numbers."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from unspoken.calls.exchange import Exchange
from unspoken.calls.happenings import Began, Encoding, Sounded, Track
from unspoken.calls.line import Line
from unspoken.calls.opening import open_line
from unspoken.conversations.models import Inbox
from unspoken.intake import batcher
from unspoken.intake.batcher import Batcher
from unspoken.intake.pipeline import Pipeline
from unspoken.intake.tests.fake import MINA, START, read
from unspoken.people.models import Channel, Contact
from unspoken.perception.voice.ears import EarsHere
from unspoken.perception.voice.telephone import encoded
from unspoken.perception.voice.tests.made import voice
from unspoken.privacy.actions import record_consent
from unspoken.privacy.models import Decision, Modality, Purpose

RATE = 8_000
BOTH = frozenset({Track.CUSTOMER, Track.AGENT})


@contextmanager
def intake_is_here() -> Iterator[None]:
    """Let what is submitted be stored in this thread, so that it sees the test's own transaction."""

    class Here(Batcher):
        def __init__(self) -> None:
            self._pipeline = Pipeline(read)

        def submit(self, inbound, *, timeout=0.0):  # type: ignore[no-untyped-def]
            from concurrent.futures import Future

            future: Future = Future()  # type: ignore[type-arg]
            future.set_result(self._pipeline.receive([inbound], now=max(inbound.occurred_at, START))[0])
            return future

        def close(self) -> None:
            """There is no thread to end."""

    before, batcher._running = batcher._running, Here()
    try:
        yield
    finally:
        batcher._running = before


def permits(contact: Contact, purpose: Purpose = Purpose.SERVICE, decision: Decision = Decision.GIVEN) -> int:
    """Record what a contact decided of the reading of their voice; return the decision's id."""
    return record_consent(
        contact, modality=Modality.VOICE, purpose=purpose, decision=decision, source="test", now=START
    ).id


def phone() -> Inbox:
    """Return an inbox for calls."""
    return Inbox.objects.get_or_create(
        name="Phone", defaults={"channel": Channel.CALL, "created_at": START, "connector": "pcm"}
    )[0]


def began(call_id: str = "call-1", **changes: object) -> Began:
    """Return how a stream of Mina's call begins."""
    fields: dict[str, object] = {
        "call_id": call_id, "encoding": Encoding.MULAW, "rate": RATE, "tracks": BOTH, "person": MINA,
        "announced": "Notice 4 was played",
    }  # fmt: skip
    return Began(**(fields | changes))  # type: ignore[arg-type]


def mulaw(samples: NDArray[np.float32]) -> bytes:
    """Return samples at 16 kHz as a telephone sends them."""
    return encoded(samples[::2])


def frames(track: Track, payload: bytes, *, at: float = 0.0) -> list[Sounded]:
    """Return sound in frames of 20 ms from second `at` on."""
    return [
        Sounded(track=track, at=at + start / RATE, payload=payload[start : start + 160])
        for start in range(0, len(payload), 160)
    ]


def spoken(seconds: float, *, pitch: float = 140.0, seed: int = 1) -> bytes:
    """Return a made voice as a telephone sends it."""
    return mulaw(voice(seconds, pitch=pitch, seed=seed))


class Telephone:
    """Drives one line by hand: what is sent is listened to at once, at the moment that its place says."""

    def __init__(self, *, start: datetime = START) -> None:
        self.exchange, self.start = Exchange(by_itself=False, ears=EarsHere()), start
        self.quieted: list[str] = []

    def dials(self, beginning: Began | None = None, *, after: float = 0.0) -> Line:
        """Open a line so many seconds after the start."""
        return open_line(
            beginning or began(), source="pcm:phone", inbox=phone(), now=self.moment(after),
            quiet=self.quieted.append, on=self.exchange,
        )  # fmt: skip

    def moment(self, seconds: float) -> datetime:
        """Return the time so many seconds after the start."""
        return self.start + timedelta(seconds=seconds)

    def sends(self, line: Line, *sounds: Sounded, turn_every: float = 1.0) -> None:
        """Send sounds in the order of their places, and listen about every second of them."""
        due = turn_every
        for sound in sorted(sounds, key=lambda one: one.at):
            line.take(sound)
            if sound.at >= due:
                self.exchange.turn(self.moment(line.position + sound.at))
                due = sound.at + turn_every
        self.exchange.turn(self.moment(line.position + max(one.at for one in sounds) + 0.1))
