"""What was usual at any moment of the past: the baselines of channels and contacts, put together again from readings.

A baseline is a sum, so the one of last Tuesday is today's less what was read since: exactly, in any order.
"""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db.models import F
from numpy.typing import NDArray

from unspoken.affect.baseline import SCALE, Baseline
from unspoken.readings.models import ChannelBaseline, StoredReading

Sums = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ChannelPast:
    """The baseline of one channel at any moment since a day: times (epoch seconds), running sums from `before` on."""

    times: NDArray[np.float64]
    running: Sums
    before: Baseline

    def at(self, moment: float) -> Baseline:
        """Return the baseline as of `moment`, readings of that very moment included."""
        place = int(np.searchsorted(self.times, moment, side="right"))
        if not place:
            return self.before
        return self.before.merge(Baseline(place, *(int(total) for total in self.running[place - 1])))


def channels_since(since: datetime) -> dict[str, ChannelPast]:
    """Return the past of every channel since a day; 40 bytes a reading are held."""
    kept = {row.channel: Baseline.from_json(row.numbers) for row in ChannelBaseline.objects.all()}
    return {channel: _past(channel, baseline, since) for channel, baseline in kept.items()}


def _past(channel: str, today: Baseline, since: datetime) -> ChannelPast:
    rows = (
        StoredReading.objects.filter(conversation__channel=channel, occurred_at__gte=since)
        .order_by("occurred_at", "id")
        .values_list("occurred_at", "valence", F("cx__frustration"))
    )
    flat = (
        number
        for at, valence, frustration in rows.iterator(chunk_size=2000)
        for number in (at.timestamp(), valence, float(frustration))
    )
    numbers = np.fromiter(flat, np.float64).reshape(-1, 3)
    valences, frustrations = numbers[:, 1], numbers[:, 2]
    single = [valences, valences * valences, frustrations, frustrations * frustrations]
    running = np.rint(np.stack(single, axis=1) * SCALE).astype(np.int64).cumsum(axis=0)
    whole = Baseline(len(numbers), *(int(total) for total in running[-1])) if len(numbers) else Baseline()
    return ChannelPast(numbers[:, 0], running, _less(today, whole))


def _less(baseline: Baseline, other: Baseline) -> Baseline:
    mine, theirs = baseline.to_json(), other.to_json()
    return Baseline(**{name: mine[name] - theirs[name] for name in mine})
