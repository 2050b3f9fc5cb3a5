"""Read a customer's voice: as it comes, through a `Listener`, or piece by piece, a Reading or an abstention each."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from unspoken.affect.reading import Abstention, Outcome, Producer, Reading, Reason
from unspoken.affect.vocabulary import TONES
from unspoken.perception.voice.listener import Heard, Listener, Offsets
from unspoken.perception.voice.network import FOLDER, Network

PLEASURE_SAYS = 0.3  # of valence at most: a voice tells it weakly, the words far better
CERTAIN = 6.0  # seconds of speech from which more adds nothing to the confidence


@dataclass(frozen=True, slots=True)
class VoiceSignal:
    """One person's own voice: samples (n,) at 16 kHz, −1…1; declared: whether this channel is the customer's alone.

    other: the other side's channel meanwhile, looked at only for whether somebody speaks there.
    """

    samples: NDArray[np.float32]
    declared: bool = True
    other: NDArray[np.float32] | None = None


class VoicePerceiver:
    """The voice model. Loaded when first needed; safe to use from several threads."""

    def __init__(self, folder: Path = FOLDER) -> None:
        """Use the model in `folder`."""
        self._folder, self._loading = folder, Lock()
        self._loaded: Network | None = None

    @property
    def network(self) -> Network:
        """The model; raises ModelUnavailable when it is missing or damaged."""
        with self._loading:
            if self._loaded is None:
                self._loaded = Network(self._folder)
        return self._loaded

    @property
    def producer(self) -> Producer:
        """Who makes these readings."""
        return self.network.producer

    def listener(self, *, usual: Offsets | None = None, begins: float = 0.0) -> Listener:
        """Return what listens to the customer's channel of one call, from second `begins` of it on."""
        return Listener(self.network, usual=usual, begins=begins)

    def read(self, batch: Sequence[VoiceSignal]) -> list[Outcome]:
        """Return what each voice expresses, in order, or why it is not read."""
        return [self._read(one) for one in batch]

    def _read(self, signal: VoiceSignal) -> Outcome:
        if not signal.declared:
            return Abstention(Reason.NOT_SEPARABLE, self.producer)
        listener = self.listener()
        heard = [*listener.feed(signal.samples, other=signal.other), *listener.finish()]
        return outcome_of(heard, self.producer)


def outcome_of(heard: Sequence[Heard], producer: Producer) -> Outcome:
    """Return what windows together express: the mean of what each tells for itself, by its seconds of speech."""
    told = [one for one in heard if one.reason is None]
    if not told:
        reasons = [one.reason for one in heard if one.reason]
        return Abstention(max(set(reasons), key=reasons.count) if reasons else Reason.TOO_SHORT, producer)
    seconds = np.array([one.speech for one in told])
    scales = {name: float(np.average([one.single[name] for one in told], weights=seconds)) for name in told[0].single}
    surest = max(abs(2.0 * scales[name] - 1.0) for name in ("arousal", *TONES))
    return Reading(
        labels={}, cx={"anger": scales["anger"], "sadness": scales["sadness"]},
        valence=PLEASURE_SAYS * (2.0 * scales["pleasure"] - 1.0), arousal=scales["arousal"],
        confidence=float(surest * min(seconds.sum() / CERTAIN, 1.0)), spans=(), producer=producer,
        tone_of_voice={name: scales[name] for name in TONES},
    )  # fmt: skip


@lru_cache(maxsize=1)
def shipped() -> VoicePerceiver:
    """Return the one perceiver of this process with the shipped model."""
    return VoicePerceiver()
