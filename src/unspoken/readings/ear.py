"""The only way to a voice: what listens to one call. Made only behind the consent gate; no sound outlives it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from .actions.perceive import PerceptionUnavailableError

if TYPE_CHECKING:
    from unspoken.affect.reading import Producer
    from unspoken.perception.voice.activity import Activity
    from unspoken.perception.voice.listener import Heard, Offsets
    from unspoken.perception.voice.perceiver import VoicePerceiver

Samples = NDArray[np.float32]
Coding = Literal["mulaw", "pcm"]
Usual = tuple[float, float, float]
"""How a caller's calm voice lies from that of most people, in logits of arousal and stress, and how many seconds of
speech say so. No voice can be told from these numbers."""

RATES = (8_000, 16_000)
"""Samples a second that a live line may carry."""


@dataclass(slots=True)
class Portion:
    """What came of some seconds of a call: windows of the customer's tone, and who spoke."""

    heard: list["Heard"] = field(default_factory=list)
    activity: list["Activity"] = field(default_factory=list)

    def add(self, other: "Portion") -> None:
        """Add what came afterwards."""
        self.heard += other.heard
        self.activity += other.activity


class Ear:
    """Listens to the customer's side of one call; of the agent's it only notes whether somebody speaks.

    Without `tone` nothing but who speaks is noted of the customer either. Raises PerceptionUnavailableError.
    """

    def __init__(
        self, *, tone: bool, begins: float = 0.0, usual: Usual | None = None, coding: Coding = "pcm",
        rate: int = 16_000,
    ) -> None:  # fmt: skip
        """begins: the second of the call with which it begins; usual: how the caller sounded before; coding and rate:
        of the bytes that `take` is given."""
        # with their libraries: a server that never hears needs none
        from unspoken.perception.voice.activity import Watcher
        from unspoken.perception.voice.telephone import Widener

        perceiver = _perceiver()
        self.producer: Producer = perceiver.producer
        self._listener = perceiver.listener(usual=_offsets(usual), begins=begins) if tone else None
        self._watcher = None if tone else Watcher(perceiver.network, begins=begins)
        self._coding = coding
        self._wideners = [Widener(), Widener()] if rate == RATES[0] else []

    @property
    def usual(self) -> Usual | None:
        """How the caller's calm voice sounds, in this call and before; None where that is not known."""
        found = self._listener.offsets if self._listener else None
        return (found.arousal, found.stress, found.seconds) if found and found.seconds else None

    def take(self, customer: bytes, agent: bytes | None = None) -> Portion:
        """Return what the next bytes of both sides, as long as each other, complete."""
        sides = [self._samples(0, customer), None if agent is None else self._samples(1, agent)]
        return self.hear(sides[0], sides[1])  # type: ignore[arg-type]

    def hear(self, own: Samples, other: Samples | None = None) -> Portion:
        """Return what the next samples at 16 kHz, −1…1, complete."""
        if self._listener:
            return _portion(self._listener.feed(own, other=other))
        assert self._watcher
        return Portion(activity=self._watcher.feed(own, other=other))

    def skip(self, seconds: float) -> Portion:
        """Pass over seconds that were not heard; return what was left before them."""
        if self._listener:
            return _portion(self._listener.skip(seconds))
        assert self._watcher
        self._watcher.skip(seconds)
        return Portion()

    def finish(self) -> Portion:
        """Return what is left at the end."""
        return _portion(self._listener.finish()) if self._listener else Portion()

    def _samples(self, side: int, payload: bytes) -> Samples:
        from unspoken.perception.voice.telephone import decoded

        samples = (
            decoded(payload)
            if self._coding == "mulaw"
            else np.frombuffer(payload, "<i2").astype(np.float32) / np.float32(32768)
        )
        return self._wideners[side].widen(samples) if self._wideners else samples


def _portion(heard: list["Heard"]) -> Portion:
    return Portion(heard, [one.activity for one in heard])


class Undecodable(ValueError):  # noqa: N818  reads as the sentence it is
    """A recording cannot be used; the message says why and what to do."""


def recorded(path: Path, side: str | None) -> Iterator[tuple[Samples, Samples | None]]:
    """Yield the customer's and the other side's samples of a recording, ten seconds at a time.

    side: which channel is the customer's, `left` or `right`, or `alone` where nobody else speaks. Raises Undecodable,
    at the latest in its midst.
    """
    from unspoken.perception.voice.decoding import NotDecodable, blocks
    from unspoken.perception.voice.sides import Side, sides

    try:
        for sound in blocks(path):
            yield sides(sound, Side(side) if side else None)
    except NotDecodable as error:
        raise Undecodable(str(error)) from error


def _offsets(usual: Usual | None) -> "Offsets | None":
    from unspoken.perception.voice.listener import Offsets

    return Offsets(*usual) if usual else None


def voice_producer() -> "Producer":
    """Return who makes readings of voices; raises PerceptionUnavailableError."""
    return _perceiver().producer


def _perceiver() -> "VoicePerceiver":
    from unspoken.perception.artifacts import ModelUnavailable
    from unspoken.perception.voice.perceiver import shipped

    try:
        perceiver = shipped()
        _ = perceiver.producer
    except ModelUnavailable as error:
        raise PerceptionUnavailableError(f"The voice model cannot be used: {error}") from error
    return perceiver
