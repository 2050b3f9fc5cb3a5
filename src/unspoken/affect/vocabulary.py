"""The words for what is expressed: 28 GoEmotions labels and the customer-experience vocabulary made from them.

The 28 labels are those of Demszky et al., "GoEmotions" (ACL 2020). The customer-experience (CX) vocabulary is our
own, small enough to act on; each category is a noisy-or over the labels that count towards it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

LABELS: tuple[str, ...] = (
    "admiration", "amusement", "anger", "annoyance", "approval", "caring", "confusion", "curiosity", "desire",
    "disappointment", "disapproval", "disgust", "embarrassment", "excitement", "fear", "gratitude", "grief", "joy",
    "love", "nervousness", "optimism", "pride", "realization", "relief", "remorse", "sadness", "surprise", "neutral",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Category:
    """One word of the CX vocabulary: its definition, the labels it is made of (weight 0…1) and its side (-1, 0, 1)."""

    name: str
    definition: str
    weights: Mapping[str, float]
    side: int


def _category(name: str, side: int, definition: str, **weights: float) -> Category:
    return Category(name, definition, MappingProxyType(weights), side)


CX: Mapping[str, Category] = MappingProxyType(
    {
        category.name: category
        for category in (
            _category("frustration", -1, "Irritation at being blocked, delayed or made to repeat oneself.",
                      annoyance=1.0, anger=0.6, disapproval=0.5),
            _category("disappointment", -1, "What was received falls short of what was expected.",
                      disappointment=1.0, disapproval=0.3),
            _category("anger", -1, "Open hostility or indignation towards us.", anger=1.0, disgust=0.5),
            _category("confusion", -1, "Not understanding what is meant, offered or required.", confusion=1.0),
            _category("worry", -1, "Fear or unease about what may happen.", fear=1.0, nervousness=1.0),
            _category("sadness", -1, "Loss, regret or hurt.", sadness=1.0, grief=1.0, remorse=0.4),
            _category("relief", 1, "Release after a worry or a difficulty ended.", relief=1.0),
            _category("gratitude", 1, "Thanks for what somebody did.", gratitude=1.0),
            _category("satisfaction", 1, "Expectations met; approval of the outcome.",
                      approval=0.8, admiration=0.5, optimism=0.3),
            _category("delight", 1, "Expectations exceeded; joy or enthusiasm.",
                      joy=1.0, excitement=1.0, love=0.8, admiration=0.6, amusement=0.4),
            _category("interest", 0, "Wanting to know or to have more.", curiosity=1.0, desire=0.7),
            _category("surprise", 0, "Something was not expected, for good or ill.", surprise=1.0, realization=0.5),
            _category("neutral", 0, "No emotion is expressed.", neutral=1.0),
        )
    }
)  # fmt: skip

MARKS: Mapping[str, str] = MappingProxyType(
    {
        "satisfied": "Content with us, our product or this contact.",
        "dissatisfied": "Not content with us, our product or this contact.",
        "frustration": "Blocked, delayed, made to repeat or not heard, however politely it is said.",
        "disappointment": "Less than was hoped for or promised, often beside praise.",
        "urgency": "A time that matters is near.",
        "leaving": "Cancels, or would go elsewhere.",
        "escalation": "Wants somebody higher up, a complaint on record, a regulator, a lawyer, the press.",
        "sarcasm": "Says the opposite of what is meant, to sting.",
    }
)
"""What a service message says of the matter and of us, and how it is meant: beside the emotions, not made from them."""

MOVES: tuple[str, ...] = ("asks", "answers", "complains", "thanks", "greets")
"""What a service message does."""

SERVICE: tuple[str, ...] = (*MARKS, *MOVES)

TONES: tuple[str, ...] = ("stress", "anger", "sadness")
"""What a tone of voice expresses beside arousal: stress is tension that is not pleasant, of whatever kind."""

NEGATIVE: tuple[str, ...] = tuple(name for name, category in CX.items() if category.side < 0)
POSITIVE: tuple[str, ...] = tuple(name for name, category in CX.items() if category.side > 0)
DISPLEASURE: tuple[str, ...] = ("frustration", "disappointment", "anger")
CONCERN: tuple[str, ...] = ("frustration", "disappointment", "anger", "worry")

ADJECTIVES: Mapping[str, str] = MappingProxyType(
    {
        "frustration": "frustrated", "disappointment": "disappointed", "anger": "angry", "confusion": "unsure",
        "worry": "worried", "sadness": "sad", "relief": "relieved", "gratitude": "grateful",
        "satisfaction": "satisfied", "delight": "delighted", "interest": "interested", "surprise": "surprised",
        "neutral": "matter-of-fact",
    }
)  # fmt: skip
"""What a message or a conversation "reads as"."""


def cx_of(labels: Mapping[str, float]) -> dict[str, float]:
    """Return the 13 CX probabilities (0…1) of 28 label probabilities (0…1) by noisy-or: 1 − Π(1 − weight · p)."""
    result = {}
    for name, category in CX.items():
        absent = 1.0
        for label, weight in category.weights.items():
            absent *= 1.0 - weight * labels[label]
        result[name] = 1.0 - absent
    return result


def any_of(cx: Mapping[str, float], names: tuple[str, ...]) -> float:
    """Return the chance (0…1) that at least one of the CX categories `names` is expressed, by noisy-or."""
    absent = 1.0
    for name in names:
        absent *= 1.0 - cx.get(name, 0.0)
    return 1.0 - absent
