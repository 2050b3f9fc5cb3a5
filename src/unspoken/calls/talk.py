"""Who spoke when in a call: talk time, overlap, silence and holds, from voice activity alone. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from unspoken.readings.ear import Portion

Who = Literal["customer", "agent", "both"]
FRAME = 0.02  # seconds of one frame of activity
LEAST = 0.2  # share of a second in which somebody is heard, from which it counts as theirs in the runs
HOLD = 10.0  # seconds without a word from either side, from which it is a hold


@dataclass(slots=True)
class Talk:
    """Seconds in which each side speaks, both at once, or nobody; and runs [begins, ends, who] to be drawn, in whole
    seconds. agent: None where nothing is heard of that side."""

    customer: float = 0.0
    agent: float | None = None
    both: float = 0.0
    silence: float = 0.0
    runs: list[list[Any]] = field(default_factory=list)
    last_word: float = 0.0

    def add(self, begins: float, ends: float, own: Sequence[bool], other: Sequence[bool] | None) -> None:
        """Note who spoke from second `begins` to `ends`, frame by frame of 20 ms."""
        theirs = [False] * len(own) if other is None else list(other)[: len(own)]
        together = sum(1 for one, two in zip(own, theirs, strict=False) if one and two) * FRAME
        customer, agent = sum(own) * FRAME, sum(theirs) * FRAME
        self.customer += customer
        self.both += together
        self.silence += max(0.0, ends - begins - customer - agent + together)
        if other is not None:
            self.agent = (self.agent or 0.0) + agent
        self._run(begins, ends, customer / (ends - begins) >= LEAST, agent / (ends - begins) >= LEAST)

    def hear(self, portion: "Portion") -> None:
        """Note who spoke in a portion of the call."""
        for one in portion.activity:
            self.add(one.begins, one.ends, one.own.tolist(), None if one.other is None else one.other.tolist())

    def _run(self, begins: float, ends: float, customer: bool, agent: bool) -> None:
        if not customer and not agent:
            return
        self.last_word = ends
        who: Who = "both" if customer and agent else "customer" if customer else "agent"
        if self.runs and self.runs[-1][2] == who and begins - self.runs[-1][1] < 0.5:
            self.runs[-1][1] = round(ends, 1)
        else:
            self.runs.append([round(begins, 1), round(ends, 1), who])

    def holds(self, until: float) -> Iterator[tuple[float, float]]:
        """Yield the stretches (begins, ends) up to second `until` in which nobody said a word for ten seconds."""
        end = 0.0
        for begins, ends, _ in [*self.runs, [until, until, ""]]:
            if begins - end >= HOLD:
                yield end, begins
            end = max(end, ends)

    @property
    def seconds(self) -> float:
        """How long was listened to."""
        return self.customer + (self.agent or 0.0) - self.both + self.silence

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        return {
            "customer": round(self.customer, 2), "agent": None if self.agent is None else round(self.agent, 2),
            "both": round(self.both, 2), "silence": round(self.silence, 2), "runs": self.runs,
            "last_word": round(self.last_word, 2),
        }  # fmt: skip

    @classmethod
    def from_json(cls, numbers: Mapping[str, Any]) -> "Talk":
        """Return what `to_json` gave; {} is an empty one."""
        return cls(**{**numbers, "runs": [list(run) for run in numbers["runs"]]}) if numbers else cls()
