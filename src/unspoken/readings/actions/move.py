"""Moving what follows from readings: baselines, states, trajectories, attention. In the caller's transaction."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from unspoken.affect.baseline import Baseline, Usual
from unspoken.affect.repetition import mean_embedding, same_thing
from unspoken.affect.state import Area, Observation, State
from unspoken.affect.trajectory import Trajectory, follow
from unspoken.affect.turns import Turn
from unspoken.conversations.actions.receive import save_moved
from unspoken.conversations.models import Conversation, Message
from unspoken.kit.prepared import Given, Prepared
from unspoken.kit.rows import insert_rows
from unspoken.people.models import Channel
from unspoken.readings.models import (
    ChannelBaseline,
    ContactBaseline,
    ContactState,
    ConversationTrajectory,
    StoredReading,
)
from unspoken.readings.queries import earlier_conversations
from unspoken.readings.recalled import turns_with
from unspoken.readings.stored import pack, to_reading

PATIENCE = {Channel.CHAT: 300.0, Channel.CALL: 60.0}
"""Seconds that an answer may take; a day where nobody sits and waits."""
_A_DAY = 86400.0


def patience_of(channel: str) -> float:
    """Return the seconds that an answer may take on a channel."""
    return PATIENCE.get(Channel(channel), _A_DAY)


@dataclass(frozen=True, slots=True)
class Movement:
    """How a conversation stands as of one message, and the contact's earlier conversations about the same thing."""

    trajectory: Trajectory
    same_thing: tuple[str, ...] = ()


def attention_of(trajectory: Trajectory) -> float:
    """Return how much a conversation needs a person now (0…1): worsening before all others, then by its forecast.

    0.55 for worsening, 0.05 for steady, 0 for improving; plus 0.35 × the chance that it ends badly; plus 0.1 while the
    customer waits for an answer. So any worsening conversation (≥ 0.55) stands before any other (≤ 0.5).
    """
    turn = {"worsening": 0.55, "steady": 0.05, "improving": 0.0}[trajectory.direction]
    return turn + 0.35 * trajectory.ends_badly + 0.1 * (trajectory.unanswered_since is not None)


def move(
    conversations: Sequence[Conversation],
    *,
    made: Sequence[StoredReading],
    messages: Sequence[Message],
    now: datetime,
    arrived: Sequence[Message] = (),
) -> dict[str, Movement]:
    """Take in the new readings `made` and return, by message id, how matters stood as of each of `messages`.

    arrived: all messages just stored, which are what the conversations' versions have moved by; none of other changes.

    Sets attention and waiting_since of `conversations` and writes them, with their trajectories, states and baselines.
    The contacts' rows must be held (`privacy.queries.hold_contacts`), so that sums are never moved by two at once.
    """
    channels = {conversation.id: conversation.channel for conversation in conversations}
    _move_states(made, channels, now)
    people = {one.contact_id for one in conversations if one.contact_id}
    usual = _usual(conversations, _move_contact_baselines(made, people), _move_channel_baselines(made, channels))
    turns = turns_with(arrived, of=conversations, made=made)
    about = [one for one in conversations if any(turn.reading is not None for turn in turns[one.id])]
    earlier = earlier_conversations(about, now=now) if messages else {}
    wanted = _by_conversation(messages)
    rows: list[ConversationTrajectory] = []
    movements: dict[str, Movement] = {}
    for conversation in conversations:
        found = _Followed(conversation, turns[conversation.id], usual[conversation.id])
        rows.append(found.settle(now))
        for message in wanted[conversation.id]:
            movements[message.id] = found.as_of(message, earlier.get(conversation.id, ()))
    insert_rows(rows, or_update=["conversation"])
    save_moved(conversations)
    return movements


class _Followed:
    """One conversation's turns, followed up to any of its messages."""

    def __init__(self, conversation: Conversation, turns: Sequence[Turn], usual: Usual) -> None:
        self.conversation, self.turns, self.usual = conversation, turns, usual
        self.patience = patience_of(conversation.channel)
        self.places = [(turn.at, turn.id) for turn in turns]
        self.whole = self._follow(turns)
        self.meanings: dict[int, NDArray[np.float32] | None] = {}

    def _follow(self, turns: Sequence[Turn]) -> Trajectory:
        return follow(turns, self.usual, patience=self.patience)

    def as_of(self, message: Message, earlier: Sequence[tuple[str, float, Any]]) -> Movement:
        place = bisect_right(self.places, (message.occurred_at.timestamp(), message.id))
        turns = self.turns[:place]
        trajectory = self.whole if place == len(self.turns) else self._follow(turns)
        about = self._about(turns) if earlier else None
        return Movement(trajectory, same_thing(about, earlier) if about is not None else ())

    def _about(self, turns: Sequence[Turn]) -> NDArray[np.float32] | None:
        """Return what the conversation is about up to the last of `turns`."""
        if len(turns) not in self.meanings:
            self.meanings[len(turns)] = mean_embedding([turn.reading for turn in turns])
        return self.meanings[len(turns)]

    def settle(self, now: datetime) -> ConversationTrajectory:
        """Set what the conversation shows of its trajectory, and return the trajectory's row."""
        whole, since = self.whole, self.whole.unanswered_since
        self.conversation.attention = round(attention_of(whole), 4)
        self.conversation.waiting_since = None if since is None else datetime.fromtimestamp(since, UTC)
        return ConversationTrajectory(
            conversation=self.conversation, direction=whole.direction, level=whole.level, slope=whole.slope,
            ends_badly=whole.ends_badly, numbers=trajectory_json(whole), updated_at=now,
            embedding=pack(self._about(self.turns)),
        )  # fmt: skip


def trajectory_json(trajectory: Trajectory) -> dict[str, Any]:
    """Return a trajectory in JSON types; the same as its `to_json`, without copying every number twice."""
    flat = {field.name: getattr(trajectory, field.name) for field in fields(trajectory)}
    flat["points"] = [point._asdict() for point in trajectory.points]
    flat["turning_points"] = [
        {"turn_id": point.turn_id, "at": point.at, "change": point.change,
         "causes": [{"kind": cause.kind, "detail": cause.detail, "turn_id": cause.turn_id, "amount": cause.amount}
                    for cause in point.causes]}
        for point in trajectory.turning_points
    ]  # fmt: skip
    return flat


def _by_conversation(messages: Iterable[Message]) -> defaultdict[str, list[Message]]:
    grouped: defaultdict[str, list[Message]] = defaultdict(list)
    for message in messages:
        grouped[message.conversation_id].append(message)
    return grouped


def _move_states(made: Sequence[StoredReading], channels: dict[str, str], now: datetime) -> None:
    of = [row for row in made if row.contact_id]
    if not of:
        return
    states: dict[tuple[str, str], State] = {
        (contact_id, area): State.from_json(numbers)
        for contact_id, area, numbers in _STATES(contacts={row.contact_id for row in of if row.contact_id})
    }
    touched: set[tuple[str, str]] = set()
    for row in of:
        key = row.contact_id or "", row.area
        touched.add(key)
        state = states.get(key) or State(cast(Area, row.area))
        states[key] = state.add(observation_of(row, channels[row.conversation_id]))
    write_states({key: states[key] for key in touched}, now)


def observation_of(row: StoredReading, channel: str, corrected: str | None = None) -> Observation:
    """Return a stored reading as an observation of its contact; corrected: what a person put in its place, if any."""
    counts = to_reading(row, corrected) if corrected else row
    return Observation(
        row.occurred_at.timestamp(), cast(Area, row.area), counts.valence, counts.cx, row.id, channel,
        row.conversation_id,
    )  # fmt: skip


def write_states(states: dict[tuple[str, str], State], now: datetime) -> None:
    """Write the states of contacts by (contact id, area)."""
    insert_rows(
        [
            ContactState(contact_id=contact_id, area=area, numbers=state.to_json(), updated_at=now)
            for (contact_id, area), state in sorted(states.items(), key=lambda item: item[0])
        ],
        or_update=["contact", "area"],
    )


def _move_contact_baselines(made: Sequence[StoredReading], people: set[str]) -> dict[str, Baseline]:
    """Add what was read to its contacts' baselines; return them, and those of `people` beside."""
    changed = {row.contact_id for row in made if row.contact_id}
    if not people | changed:
        return {}
    kept = _CONTACT_BASELINES(contacts=people | changed)
    sums = {contact_id: Baseline.from_json(numbers) for contact_id, numbers in kept}
    for row in made:
        if row.contact_id:
            sums[row.contact_id] = sums.get(row.contact_id, Baseline()).add(row.valence, row.cx["frustration"])
    write_contact_baselines({contact_id: sums[contact_id] for contact_id in changed})
    return sums


def write_contact_baselines(sums: dict[str, Baseline]) -> None:
    """Write contacts' baselines by contact id."""
    rows = [ContactBaseline(contact_id=contact_id, numbers=sums[contact_id].to_json()) for contact_id in sorted(sums)]
    insert_rows(rows, or_update=["contact"])


def _move_channel_baselines(made: Sequence[StoredReading], channels: dict[str, str]) -> dict[str, Baseline]:
    changes: defaultdict[str, Baseline] = defaultdict(Baseline)
    for row in made:
        channel = channels[row.conversation_id]
        changes[channel] = changes[channel].add(row.valence, row.cx["frustration"])
    return add_to_channels(changes)


def add_to_channels(changes: dict[str, Baseline]) -> dict[str, Baseline]:
    """Add sums to the channels' baselines and return what they came to, by channel."""
    if not changes:
        return {}
    rows = _CHANNEL_BASELINES(channels=changes.keys())
    if missing := changes.keys() - {row.channel for row in rows}:
        empty = [ChannelBaseline(channel=channel, numbers=Baseline().to_json()) for channel in sorted(missing)]
        ChannelBaseline.objects.bulk_create(empty, ignore_conflicts=True)
        rows = _CHANNEL_BASELINES(channels=changes.keys())
    sums = {row.channel: Baseline.from_json(row.numbers).merge(changes[row.channel]) for row in rows}
    made = [ChannelBaseline(channel=channel, numbers=sums[channel].to_json()) for channel in sorted(sums)]
    insert_rows(made, or_update=["channel"])
    return sums


_STATES = Prepared(
    lambda: ContactState.objects.filter(contact_id__among=Given("contacts")).values_list(
        "contact_id", "area", "numbers"
    )
)
_CONTACT_BASELINES = Prepared(
    lambda: ContactBaseline.objects.filter(contact_id__among=Given("contacts")).values_list("contact_id", "numbers")
)
_CHANNEL_BASELINES = Prepared(
    lambda: ChannelBaseline.objects.select_for_update().filter(channel__among=Given("channels")).order_by("channel")
)


def _usual(
    conversations: Sequence[Conversation], contacts: dict[str, Baseline], channels: dict[str, Baseline]
) -> dict[str, Usual]:
    """Return what is usual for each conversation's contact on its channel, by conversation id."""
    unknown = {one.channel for one in conversations} - channels.keys()
    channels = channels | {
        row.channel: Baseline.from_json(row.numbers)
        for row in (ChannelBaseline.objects.filter(channel__in=unknown) if unknown else ())
    }
    nothing = Baseline()
    return {
        one.id: contacts.get(one.contact_id or "", nothing).usual(channels.get(one.channel, nothing).usual())
        for one in conversations
    }
