"""The rules that we ship, as data. An installation may change them: what it has is never overwritten."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from unspoken.flags.actions import enable_rule, save_rule
from unspoken.flags.models import Rule, RulePurpose
from unspoken.flags.words import ESCALATION_WORDS, LEAVING_WORDS, REPEATING_WORDS

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR
CONVERSED = ["chat", "email", "segment"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultRule:
    """A shipped rule; fields as on the rule."""

    name: str
    title: str
    description: str
    condition: Mapping[str, Any]
    purpose: RulePurpose = RulePurpose.SERVICE
    cooldown_seconds: int = HOUR
    urgent: bool = False


def _is(field: str, op: str, value: Any) -> dict[str, Any]:
    return {"field": field, "op": op, "value": value}


def _waited(*, chat: int, others: int) -> dict[str, Any]:
    """Without an answer for so many seconds, where somebody sits and waits, and elsewhere.

    Whoever called has hung up long before: for those still on the line there is `hold-after-complaint`.
    """
    sits = _is("conversation.channel", "==", "chat")
    return {
        "any": [{"all": [sits, _is("conversation.waiting", ">=", chat)]}, _is("conversation.waiting", ">=", others)]
    }


# Thresholds are round numbers, judged by hand on the demo's written history and on affect/examples/dialogues.tsv as the
# shipped model reads them. A single dry line is easily read as frustrated: what counts is that a message is unpleasant
# as well, and either strongly so or not the first.
DEFAULT_RULES: tuple[DefaultRule, ...] = (
    DefaultRule(
        name="rising-frustration",
        title="Frustration is rising",
        description="A conversation gets worse, below what is usual for this contact and channel, and its newest"
        " message expresses displeasure: strongly, after frustration before it, or where it is likely to end badly.",
        condition={
            "all": [
                _is("trajectory.direction", "==", "worsening"),
                _is("trajectory.relative", "<=", -0.4),
                _is("reading.displeasure", ">=", 0.5),
                _is("reading.valence", "<=", -0.25),
                {
                    "any": [
                        _is("reading.valence", "<=", -0.5),
                        _is("trajectory.frustration", ">=", 0.6),
                        {
                            "all": [
                                _is("trajectory.frustration", ">=", 0.3),
                                _is("trajectory.ends_badly", ">=", 0.45),
                            ]
                        },
                    ]
                },
            ]
        },
    ),
    DefaultRule(
        name="frustration-stays",
        title="Frustration stays",
        description="A conversation reads as frustrated since its beginning, far below what is usual.",
        cooldown_seconds=4 * HOUR,
        condition={
            "all": [
                _is("trajectory.customer_turns", ">=", 2),
                _is("trajectory.frustration", ">=", 0.6),
                _is("trajectory.relative", "<=", -0.7),
                _is("trajectory.ends_badly", ">=", 0.5),
                _is("reading.displeasure", ">=", 0.5),
            ]
        },
    ),
    DefaultRule(
        name="rising-stress",
        title="Stress is rising in the voice",
        description="The caller's voice has sounded tense for some seconds, and more so than earlier in the call.",
        urgent=True,
        condition={"all": [_is("voice.tense_for", ">=", 4), _is("voice.rise", ">=", 0.25)]},
    ),
    DefaultRule(
        name="voice-and-words-part",
        title="Words calm, voice tense",
        description="What the caller says is polite, and how they say it is tense: what is unspoken.",
        condition={"all": [_is("voice.parting", "==", "voice_tense"), _is("voice.tense_for", ">=", 3)]},
    ),
    DefaultRule(
        name="hold-after-complaint",
        title="On hold after a complaint",
        description="The caller complained, or sounded tense, and was then left without a word for long.",
        condition=_is("call.hold_after_complaint", ">=", 45),
    ),
    DefaultRule(
        name="repeated-call",
        title="Calls again and again",
        description="The third call or more of this contact within seven days.",
        cooldown_seconds=DAY,
        condition=_is("call.recent", ">=", 2),
    ),
    DefaultRule(
        name="stress-like-urgency",
        title="Reads as stressed and urgent",
        description="The newest message reads as agitated and unpleasant, and as worried or angry.",
        condition={
            "all": [
                _is("message.kind", "in", CONVERSED),
                _is("reading.arousal", ">=", 0.6),
                _is("reading.valence", "<=", -0.2),
                {"any": [_is("reading.worry", ">=", 0.4), _is("reading.anger", ">=", 0.25)]},
            ]
        },
    ),
    DefaultRule(
        name="disappointed-review",
        title="Kind stars, disappointed words",
        description="A review or survey answer of three stars or more that expresses disappointment: the stars alone"
        " would hide it.",
        cooldown_seconds=DAY,
        condition={
            "all": [
                _is("message.kind", "in", ["review", "survey"]),
                _is("message.stars", ">=", 3),
                {
                    "any": [
                        _is("reading.disappointment", ">=", 0.7),
                        {
                            "all": [
                                _is("message.stars", "<=", 4),
                                _is("reading.displeasure", ">=", 0.4),
                                _is("reading.valence", "<=", -0.05),
                            ]
                        },
                        {"all": [_is("message.stars", "<=", 3), _is("reading.displeasure", ">=", 0.16)]},
                    ]
                },
            ]
        },
    ),
    DefaultRule(
        name="worry",
        title="Reads as worried",
        description="The newest message expresses fear or unease about what may happen, and no thanks for its end.",
        cooldown_seconds=4 * HOUR,
        condition={
            "all": [
                _is("message.kind", "in", CONVERSED),
                _is("reading.worry", ">=", 0.6),
                _is("reading.valence", "<=", 0.1),
                _is("reading.gratitude", "<", 0.5),
            ]
        },
    ),
    DefaultRule(
        name="risk-of-leaving",
        title="May be about to leave",
        description="The customer says that they leave, or a good customer's conversation is likely to end badly.",
        cooldown_seconds=DAY,
        condition={
            "any": [
                _is("message.text", "mentions", list(LEAVING_WORDS)),
                {
                    "all": [
                        _is("trajectory.ends_badly", ">=", 0.6),
                        _is("trajectory.level", "<=", -0.1),
                        _is("reading.displeasure", ">=", 0.3),
                        _is("contact.value", ">=", 500),
                    ]
                },
            ]
        },
    ),
    DefaultRule(
        name="delight-worth-thanking",
        title="Delight worth a thank-you",
        description="The customer expresses delight in more than a word or two: a personal answer is welcome now.",
        purpose=RulePurpose.GRATITUDE,
        cooldown_seconds=7 * DAY,
        condition={
            "all": [
                _is("reading.delight", ">=", 0.6),
                _is("reading.valence", ">=", 0.6),
                _is("message.words", ">=", 8),
                _is("trajectory.ends_badly", "<", 0.4),
                {"any": [_is("message.stars", ">=", 4), _is("message.kind", "in", [*CONVERSED, "mention"])]},
            ]
        },
    ),
    DefaultRule(
        name="escalation-words",
        title="Takes the matter further",
        description="The customer names a manager, a lawyer, an ombudsman or another way of taking the matter further.",
        urgent=True,
        cooldown_seconds=4 * HOUR,
        condition=_is("message.text", "mentions", list(ESCALATION_WORDS)),
    ),
    DefaultRule(
        name="third-time-same-thing",
        title="The same thing for the third time",
        description="The same question was asked three times, this is the third contact about the same thing, or the"
        " customer says so.",
        cooldown_seconds=DAY,
        condition={
            "any": [
                _is("trajectory.repeats", ">=", 3),
                _is("contact.repeat_contacts", ">=", 2),
                {
                    "all": [
                        _is("message.kind", "in", CONVERSED),
                        _is("message.text", "mentions", list(REPEATING_WORDS)),
                    ]
                },
            ]
        },
    ),
    DefaultRule(
        name="waiting-and-worsening",
        title="Waiting, and getting worse",
        description="The customer waits for an answer, and the conversation was getting worse.",
        cooldown_seconds=4 * HOUR,
        condition={
            "all": [
                _is("message.kind", "in", CONVERSED),
                _is("trajectory.direction", "==", "worsening"),
                _is("trajectory.relative", "<=", -0.5),
                _waited(chat=10 * MINUTE, others=DAY),
            ]
        },
    ),
    DefaultRule(
        name="waiting-and-likely-to-end-badly",
        title="Waiting long, and likely to end badly",
        description="The customer has waited far longer than one may, and what was said is likely to end badly.",
        cooldown_seconds=DAY,
        condition={
            "all": [
                _is("message.kind", "in", CONVERSED),
                _is("trajectory.ends_badly", ">=", 0.4),
                _is("trajectory.level", "<=", -0.1),
                _waited(chat=30 * MINUTE, others=2 * DAY),
            ]
        },
    ),
)


def install_default_rules(now: datetime) -> list[Rule]:
    """Make and switch on the shipped rules that are not there yet; return those made. Run it as often as you like."""
    present = set(Rule.objects.values_list("name", flat=True))
    return [_installed(rule, now) for rule in DEFAULT_RULES if rule.name not in present]


def _installed(rule: DefaultRule, now: datetime) -> Rule:
    made = save_rule(
        rule.name, title=rule.title, description=rule.description, purpose=rule.purpose, condition=rule.condition,
        cooldown_seconds=rule.cooldown_seconds, urgent=rule.urgent, now=now,
    )  # fmt: skip
    return enable_rule(made, now=now)
