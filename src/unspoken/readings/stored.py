"""Between `affect.Reading` and its row: rounded once when stored, so that later numbers rest on the same digits."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspoken.affect.reading import Producer, Reading, Span
from unspoken.affect.vocabulary import CX, LABELS
from unspoken.conversations.models import Kind, Message

from .models import Area, Correction, StoredReading

_DIGITS = 4
_CLEAR = 0.6  # valence of what a person says a message expresses, when the model read the other side


def area_of(message: Message) -> Area:
    """Return what a message is taken to be about.

    Conversations with us are about the service; reviews about the product; a survey answer about the product if it
    names one, else about the service; what is said in public counts as public.
    """
    if message.kind == Kind.MENTION:
        return Area.PUBLIC
    if message.kind == Kind.REVIEW or (message.kind == Kind.SURVEY and message.product):
        return Area.PRODUCT
    return Area.SERVICE


def to_row(
    reading: Reading, message: Message, *, contact_id: str | None, consent_id: int | None, now: datetime
) -> StoredReading:
    """Return the unsaved row of a reading of `message` under the consent decision `consent_id`."""
    return StoredReading(
        message=message, conversation_id=message.conversation_id, contact_id=contact_id, consent_id=consent_id,
        model=reading.producer.name, model_version=reading.producer.version, model_sha256=reading.producer.sha256,
        labels=_rounded(reading.labels), cx=_rounded(reading.cx), valence=_within(reading.valence, -1.0),
        arousal=_within(reading.arousal, 0.0), confidence=_within(reading.confidence, 0.0),
        spans=[[span.start, span.end, span.label, round(float(span.weight), _DIGITS)] for span in reading.spans],
        dominance=None if reading.dominance is None else _within(reading.dominance, 0.0),
        service=_rounded(reading.service), embedding=pack(reading.embedding), area=area_of(message),
        occurred_at=message.occurred_at, created_at=now,
    )  # fmt: skip


def to_reading(row: StoredReading, corrected: str | None = None) -> Reading:
    """Return the reading kept in `row`; corrected: the CX category that a person put in its place, if any."""
    reading = Reading(
        labels=row.labels, cx=row.cx, valence=row.valence, arousal=row.arousal, confidence=row.confidence,
        spans=tuple(Span(*span) for span in row.spans),
        producer=Producer(row.model, row.model_version, row.model_sha256), embedding=unpack(row.embedding),
        dominance=row.dominance, service=row.service or {},
    )  # fmt: skip
    return in_words_of_a_person(reading, corrected) if corrected else reading


def effective(row: StoredReading) -> Reading:
    """Return what counts: the reading of `row`, or a person's correction of it."""
    correction: Correction | None = getattr(row, "correction", None)
    return to_reading(row, correction.cx if correction else None)


def in_words_of_a_person(reading: Reading, cx: str) -> Reading:
    """Return `reading` as a person corrected it: certain, only `cx`, on the side of zero where that category lies.

    The model's strength is kept when it lies on that side already; its embedding (what the text is about) stays.
    """
    category = CX[cx]
    strength = reading.valence * category.side
    return Reading(
        labels={label: category.weights.get(label, 0.0) for label in LABELS},
        cx={name: float(name == cx) for name in CX},
        valence=category.side * max(strength, _CLEAR),
        arousal=reading.arousal,
        confidence=1.0,
        spans=(),
        producer=Producer("human", "1"),
        embedding=reading.embedding,
    )


def pack(embedding: NDArray[np.float32] | None) -> bytes | None:
    """Return an embedding as the bytes kept in the database (float16)."""
    return None if embedding is None else embedding.astype(np.float16).tobytes()


def unpack(kept: Any) -> NDArray[np.float32] | None:
    """Return the embedding kept as `pack` made it, float32."""
    return None if kept is None else np.frombuffer(kept, np.float16).astype(np.float32)


def unpack_all(kept: Sequence[Any]) -> list[NDArray[np.float32] | None]:
    """Return many embeddings, as `unpack` would one by one."""
    packed = [one for one in kept if one is not None]
    if not packed:
        return [None] * len(kept)
    rows = iter(np.frombuffer(b"".join(packed), np.float16).reshape(len(packed), -1).astype(np.float32))
    return [None if one is None else next(rows) for one in kept]


def _rounded(values: Mapping[str, float]) -> dict[str, float]:
    return dict(zip(values, np.round(list(values.values()), _DIGITS).tolist(), strict=True))


def _within(value: float, low: float) -> float:
    return round(min(max(float(value), low), 1.0), _DIGITS)
