"""What a flag rests on, as JSON: the rule, what it saw, and the messages, characters and turning points behind it.

Ids and numbers only: of a customer's words nothing is copied but the phrases that the rule itself names.
"""

from dataclasses import asdict
from typing import Any

from unspoken.affect.trajectory import Trajectory
from unspoken.flags.conditions import Condition, leaves
from unspoken.flags.context import Context, Moved
from unspoken.flags.explanations import explain
from unspoken.flags.words import mentions

SHOWN = ("level", "slope", "direction", "ends_badly", "relative", "frustration", "expresses", "repeats", "waited",
           "broken_promises", "refusals", "read", "customer_turns")  # fmt: skip


def evidence_of(condition: Condition, context: Context) -> dict[str, Any]:
    """Return what `condition` saw in `context`: leaves with values, message and reading ids, spans, turning points."""
    moved = context.moved
    return {
        "leaves": [judged.to_json() for judged in explain(condition, context)],
        "message_id": moved.message.pk,
        "reading_id": moved.reading.pk if moved.reading is not None else None,
        "spans": _spans(condition, moved),
        "trajectory": {name: _rounded(getattr(moved.trajectory, name)) for name in SHOWN},
        "because": {name: _rounded(amount) for name, amount in moved.trajectory.because.items()},
        "turning_points": _turning_points(moved.trajectory),
        **_call(moved),
    }


def _call(moved: Moved) -> dict[str, Any]:
    """Return how the call stood, where it was listened to."""
    if moved.call is None:
        return {}
    numbers = asdict(moved.call)
    tone = numbers.pop("tone") or {}
    return {"call": {name: _rounded(value) for name, value in (numbers | tone).items()}}


def _spans(condition: Condition, moved: Moved) -> list[dict[str, Any]]:
    read = moved.reading.spans if moved.reading is not None else []
    phrases = [leaf.value for leaf in leaves(condition) if leaf.field == "message.text"]
    said = [
        (found.start, found.end, "words", 1.0)
        for value in phrases
        if isinstance(value, tuple)
        for found in mentions(moved.message.text, value)
    ]
    return [
        {"message_id": moved.message.pk, "start": start, "end": end, "label": label, "weight": _rounded(weight)}
        for start, end, label, weight in dict.fromkeys([*said, *map(tuple, read)])
    ]


def _turning_points(trajectory: Trajectory) -> list[dict[str, Any]]:
    return [
        {
            "message_id": point.turn_id,
            "change": _rounded(point.change),
            "causes": [
                {"kind": one.kind, "detail": one.detail, "message_id": one.turn_id, "amount": _rounded(one.amount)}
                for one in point.causes
            ],
        }
        for point in trajectory.turning_points
    ]


def _rounded(value: Any) -> Any:
    return round(value, 4) if isinstance(value, float) else value
