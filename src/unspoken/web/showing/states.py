"""What is known of a contact in one area, as the page says it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from unspoken.affect.state import AREAS, HALF_LIFE, Area, State

_NAMES: Mapping[Area, str] = {"product": "The product", "service": "Our service", "public": "In public"}
_TRENDS = {
    "rising": "concern rose with each of the last three contacts",
    "easing": "concern eased with each of the last three contacts",
    "steady": "steady over the last three contacts",
    "unknown": "too few contacts to speak of a direction",
}
SHARES = 3


@dataclass(frozen=True, slots=True)
class ShownState:
    """One area: what is expressed most, with shares 0…1; how it moves; from how many messages; whether it is stale."""

    name: str
    word: str
    shares: tuple[tuple[str, float], ...]
    trend: str
    count: int
    last_at: datetime
    stale: bool
    half_life_days: int
    evidence: tuple[str, ...]


def shown_states(states: Mapping[Area, State], now: datetime) -> list[ShownState]:
    """Return the areas of which anything is known."""
    return [_shown(area, states[area], now) for area in AREAS if area in states and states[area].count]


def _shown(area: Area, state: State, now: datetime) -> ShownState:
    ranked = sorted(state.cx.items(), key=lambda one: (-one[1], one[0]))
    return ShownState(
        name=_NAMES[area],
        word=state.dominant,
        shares=tuple(ranked[:SHARES]),
        trend=_TRENDS[state.trend()],
        count=state.count,
        last_at=datetime.fromtimestamp(state.as_of, UTC),
        stale=now.timestamp() - state.as_of >= HALF_LIFE[area],
        half_life_days=round(HALF_LIFE[area] / 86400),
        evidence=state.evidence[:SHARES],
    )
