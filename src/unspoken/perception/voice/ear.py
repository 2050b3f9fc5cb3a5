"""An ear for one call, fed with bytes as a telephone sends them or with samples; no sound outlives it."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from unspoken.affect.reading import Producer
from unspoken.perception.voice.activity import Activity, Watcher
from unspoken.perception.voice.listener import Heard, Offsets
from unspoken.perception.voice.mel import RATE, Samples
from unspoken.perception.voice.perceiver import shipped
from unspoken.perception.voice.telephone import Widener, decoded

Coding = Literal["mulaw", "pcm"]
RATES = (8_000, 16_000)
"""Samples a second that a live line may carry."""

FRAMES = 50  # of activity in a second

Usual = tuple[float, float, float]
"""How a caller's calm voice lies from that of most people, in logits of arousal and stress, and how many seconds of
speech say so. No voice can be told from these numbers."""


@dataclass(slots=True)
class Portion:
    """What came of some seconds of a call: windows of the customer's tone, who spoke, and, where it is to be written
    down, the customer's sound of each piece of activity (n,) at 16 kHz."""

    heard: list[Heard] = field(default_factory=list)
    activity: list[Activity] = field(default_factory=list)
    sound: list[Samples] = field(default_factory=list)

    def add(self, other: "Portion") -> None:
        """Add what came afterwards."""
        self.heard += other.heard
        self.activity += other.activity
        self.sound += other.sound


class Ear:
    """Listens to the customer's side of one call; of the agent's it only notes whether somebody speaks.

    Without `tone` nothing but who speaks is noted of the customer either. Raises ModelUnavailable.
    """

    def __init__(
        self, *, tone: bool = True, begins: float = 0.0, usual: Usual | None = None, usual_by: str = "",
        coding: Coding = "pcm", rate: int = 16_000, words: bool = False,
    ) -> None:  # fmt: skip
        """begins: the second of the call with which it begins; usual: how the caller sounded before, as a model of the
        name and version `usual_by` heard it (of another, it says nothing); coding and rate: of the bytes of `take`;
        words: whether what the customer says is to be written down."""
        perceiver = shipped()
        self.producer: Producer = perceiver.producer
        is_known = usual is not None and usual_by in {"", named(self.producer)}
        offsets = Offsets(*usual) if usual and is_known else None
        self._listener = perceiver.listener(usual=offsets, begins=begins) if tone else None
        self._watcher = None if tone else Watcher(perceiver.network, begins=begins)
        self._coding = coding
        self._wideners = [Widener(), Widener()] if rate == RATES[0] else []
        self._words, self._at = words, begins
        self._own, self._own_at = np.empty(0, np.float32), begins  # what is not yet handed on to be written down

    @property
    def usual(self) -> Usual | None:
        """How the caller's calm voice sounds, in this call and before; None where that is not known."""
        found = self._listener.offsets if self._listener else None
        return (found.arousal, found.stress, found.seconds) if found and found.seconds else None

    def take(self, customer: bytes, agent: bytes | None = None) -> Portion:
        """Return what the next bytes of both sides, as long as each other, complete."""
        return self.hear(self._samples(0, customer), None if agent is None else self._samples(1, agent))

    def hear(self, own: Samples, other: Samples | None = None) -> Portion:
        """Return what the next samples at 16 kHz, −1…1, complete."""
        self._at += len(own) / RATE
        if self._words:
            self._own = np.concatenate([self._own, own])
        if self._listener:
            return self._portion(self._listener.feed(own, other=other))
        assert self._watcher
        return self._told(Portion(activity=self._watcher.feed(own, other=other)))

    def skip(self, seconds: float) -> Portion:
        """Pass over seconds that were not heard; return what was left before them."""
        portion = Portion()
        if self._listener:
            portion = self._portion(self._listener.skip(seconds))
        elif self._watcher:
            self._watcher.skip(seconds)
        self._at += seconds
        self._own, self._own_at = self._own[:0], self._at
        return portion

    def finish(self) -> Portion:
        """Return what is left at the end."""
        if self._listener:
            return self._portion(self._listener.finish())
        assert self._watcher
        return self._told(Portion(activity=self._watcher.finish()))

    def _portion(self, heard: list[Heard]) -> Portion:
        return self._told(Portion(heard, [one.activity for one in heard]))

    def _told(self, portion: Portion) -> Portion:
        """Add the sound of each piece of activity, where it is to be written down."""
        for piece in portion.activity if self._words else ():
            first = max(0, round((piece.begins - self._own_at) * RATE))
            count = len(piece.own) * RATE // FRAMES
            portion.sound.append(self._own[first : first + count])
            self._own, self._own_at = self._own[first + count :], self._own_at + (first + count) / RATE
        return portion

    def _samples(self, side: int, payload: bytes) -> Samples:
        if self._coding == "mulaw":
            samples = decoded(payload)
        else:
            samples = np.frombuffer(payload, "<i2").astype(np.float32) / np.float32(32768)
        return self._wideners[side].widen(samples) if self._wideners else samples


def named(producer: Producer) -> str:
    """Return the name and version of a model, under which what it says of a caller's usual voice is kept."""
    return f"{producer.name} {producer.version}"
