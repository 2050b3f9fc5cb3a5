"""A recorded call for tests: Mina's, with a made voice on the left channel and silence on the right."""

import wave
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np

from unspoken.calls.arriving import Arriving, place
from unspoken.calls.models import Recording
from unspoken.calls.waiting import take_in
from unspoken.conversations.models import Author, Conversation, Kind
from unspoken.intake.pipeline import Pipeline
from unspoken.intake.tests.fake import START, read, said
from unspoken.people.models import Channel
from unspoken.perception.voice.mel import RATE
from unspoken.perception.voice.tests.made import voice
from unspoken.staff.models import Member

NOW = START + timedelta(days=1)


def called(name: str = "call") -> Conversation:
    """Let Mina call; return the conversation."""
    spoken: dict[str, Any] = {"channel": Channel.CALL, "kind": Kind.SEGMENT, "conversation_id": name}
    events = [said("hello", f"{name}-1", **spoken), said("good morning", f"{name}-2", author=Author.AGENT, **spoken)]
    Pipeline(read).receive(events, now=NOW)
    return Conversation.objects.get(external_id=name)


def recording(path: Path, *, seconds: float = 6.0, seed: int = 0) -> Path:
    """Write a recording with the customer on the left; return its path."""
    customer = voice(seconds, seed=seed)
    with wave.open(str(path), "wb") as opened:
        opened.setparams((2, 2, RATE, 0, "NONE", ""))
        both = np.stack([customer, np.zeros(len(customer), np.float32)], axis=1)
        opened.writeframes((both * 32767).astype(np.int16).tobytes())
    return path


def brought(conversation: Conversation, path: Path, *, side: str = "left", by: Member | None = None) -> Recording:
    """Let a recording wait to be listened to."""
    with Arriving() as arriving:
        arriving.write(path.read_bytes())
        return take_in(conversation, arriving, side=side, now=NOW, by=by)


def files() -> list[str]:
    """Return the names of the files that wait."""
    return sorted(path.name for path in place("").iterdir())
