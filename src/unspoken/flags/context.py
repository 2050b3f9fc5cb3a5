"""What a rule may look at: the turn that moved a conversation (`Moved`) and the documented fields read from it.

`FIELDS` is the whole list. A field without a value (no reading, no stars) holds in no condition, nor in its negation.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Literal, get_args

from unspoken.affect.reading import Reason
from unspoken.affect.tone import Parting, Tone
from unspoken.affect.trajectory import Direction, Trajectory
from unspoken.affect.turning import CauseKind
from unspoken.affect.vocabulary import CX, DISPLEASURE, MARKS, NEGATIVE, any_of
from unspoken.conversations.models import Conversation, Kind, Message, Status
from unspoken.people.models import Channel, Contact
from unspoken.readings.models import StoredReading

TOO_OLD = timedelta(days=7)
"""A message that is older than this when it comes in (an import of last year) needs nobody's attention now."""

LONGEST = 10_000
"""Characters of a message in which words are counted."""

WAITING = "conversation.waiting"
"""The one field that moves while nobody writes."""

ON_CALL = ("voice.", "call.")
"""How the names of the fields begin that move while a call is under way."""

NOT_KEPT = frozenset({"call.silence", "call.hold_after_complaint"})
"""Fields that rest on who spoke when: known while a call is under way, not when it is replayed."""

Value = float | bool | str | frozenset[str]
Type = Literal["number", "flag", "choice", "set", "text"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OnCall:
    """How a call stands at one moment.

    tone: how the customer's voice sounds, None where it is not read; parting: how voice and words part in what was
    said last; distress: chance (0…1) that both together express distress there, None where they part; silence: seconds
    for which nobody has said a word; hold_after_complaint: the longest hold (seconds) that began within a minute of a
    complaint, both None where it is not known who spoke when; recent_calls: of this contact in the seven days before.
    """

    tone: Tone | None = None
    parting: Parting | None = None
    distress: float | None = None
    silence: float | None = None
    hold_after_complaint: float | None = None
    recent_calls: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A customer's message that was just stored, and how its conversation stands as of that message.

    Give one for each customer message, in order. reading: of this message, with a person's correction applied, or None
    when it was not read. previous_contacts_same_thing: earlier conversations of this contact about the same thing.
    silent_until: up to when the customer has waited since, without a word from anybody; None as the message comes in.
    call: how the call stands while it is listened to; the message is then the newest one, whoever it is of.
    """

    conversation: Conversation
    message: Message
    trajectory: Trajectory
    contact: Contact | None = None
    reading: StoredReading | None = None
    previous_contacts_same_thing: int = 0
    silent_until: datetime | None = None
    call: OnCall | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """One moved turn at one moment, as rules see it. value_of: sum of a contact's orders, asked for when needed."""

    moved: Moved
    now: datetime
    value_of: Callable[[str], Decimal] = field(default=lambda contact_id: Decimal(0), compare=False, repr=False)
    _seen: dict[str, Value | None] = field(default_factory=dict, compare=False, repr=False)

    def __getitem__(self, name: str) -> Value | None:
        """Return the value of the field `name`, or None when there is none; KeyError for an unknown field."""
        if name not in self._seen:
            self._seen[name] = FIELDS[name].read(self)
        return self._seen[name]


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that a rule may look at.

    name as written in a condition; words for people; unit and range (low, high) of a number; choices of a choice or a
    set; side: -1 where more of it is worse for the customer, 1 where more of it is better, 0 for a plain fact.
    """

    name: str
    type: Type
    words: str
    meaning: str
    read: Callable[[Context], Value | None]
    unit: str = ""
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    side: int = 0
    bad: frozenset[str] = frozenset()


def _of_readings(read: Callable[[Trajectory], Value]) -> Callable[[Context], Value | None]:
    """Nothing that was inferred is known of a conversation of which nothing was read."""
    return lambda context: read(context.moved.trajectory) if context.moved.trajectory.read else None


def _fact(read: Callable[[Trajectory], Value]) -> Callable[[Context], Value | None]:
    return lambda context: read(context.moved.trajectory)


def _causes(trajectory: Trajectory) -> frozenset[str]:
    newest = trajectory.turning_points[-1:]
    return frozenset(cause.kind for point in newest if point.change < 0 for cause in point.causes)


NEGATIVE_WORDS = frozenset(NEGATIVE)
_TRAJECTORY = (
    Field("trajectory.level", "number", "the level", "Smoothed valence of the conversation up to now.",
          _of_readings(lambda one: one.level), "valence", -1, 1, side=1),
    Field("trajectory.slope", "number", "the slope", "Change of tone per customer turn over the last eight turns.",
          _of_readings(lambda one: one.slope), "tone per turn", -3, 3, side=1),
    Field("trajectory.direction", "choice", "the direction", "Where the conversation is heading.",
          _of_readings(lambda one: one.direction), choices=get_args(Direction), bad=frozenset({"worsening"})),
    Field("trajectory.ends_badly", "number", "the chance of ending badly",
          "Chance that a later message expresses dissatisfaction.",
          _of_readings(lambda one: one.ends_badly), "probability", 0, 1, side=-1),
    Field("trajectory.relative", "number", "the level against what is usual here",
          "Level less what is usual for this contact and channel, in standard deviations.",
          _of_readings(lambda one: one.relative), "standard deviations", -20, 20, side=1),
    Field("trajectory.frustration", "number", "expressed frustration over the conversation",
          "Smoothed probability of frustration up to now.",
          _of_readings(lambda one: one.frustration), "probability", 0, 1, side=-1),
    Field("trajectory.expresses", "choice", "what the conversation reads as",
          "The category expressed most of late, or neutral.",
          _of_readings(lambda one: one.expresses), choices=tuple(CX), bad=NEGATIVE_WORDS),
    Field("trajectory.causes", "set", "the causes of the last turn for the worse",
          "What lay behind the last turning point, if it was one for the worse.",
          _of_readings(_causes), choices=get_args(CauseKind), bad=frozenset(get_args(CauseKind))),
    Field("trajectory.repeats", "number", "the number of times the same thing was asked",
          "1 when nothing was asked twice.",
          _fact(lambda one: float(one.repeats)), "times", 0, 400, side=-1),
    Field("trajectory.waited", "number", "the longest wait", "Longest time that the customer had to wait.",
          _fact(lambda one: one.waited), "seconds", 0, 1e9, side=-1),
    Field("trajectory.broken_promises", "number", "the number of broken promises",
          "Promised times that passed without an answer.",
          _fact(lambda one: float(one.broken_promises)), "times", 0, 400, side=-1),
    Field("trajectory.refusals", "number", "the number of our refusals", "Answers of ours that turned a wish down.",
          _fact(lambda one: float(one.refusals)), "times", 0, 400, side=-1),
    Field("trajectory.read", "number", "the number of messages read",
          "Customer messages of this conversation with a reading.",
          _fact(lambda one: float(one.read)), "messages", 0, 400),
    Field("trajectory.customer_turns", "number", "the number of customer messages",
          "Messages of the customer up to now.",
          _fact(lambda one: float(one.customer_turns)), "messages", 0, 400),
)  # fmt: skip


def _of_reading(read: Callable[[StoredReading], Value | None]) -> Callable[[Context], Value | None]:
    return lambda context: None if context.moved.reading is None else read(context.moved.reading)


def _expressed(name: str) -> Callable[[Context], Value | None]:
    return _of_reading(lambda reading: reading.cx.get(name))


def _top(reading: StoredReading) -> str | None:
    return max(reading.cx, key=lambda name: (reading.cx[name], name)) if reading.cx else None


def _marked(name: str) -> Callable[[Context], Value | None]:
    return _of_reading(lambda reading: (reading.service or {}).get(name))


_LISTED = f"{', '.join(DISPLEASURE[:-1])} or {DISPLEASURE[-1]}"
_READING = (
    *(
        Field(f"reading.{name}", "number", f"expressed {name}", category.definition, _expressed(name),
              "probability", 0, 1, side=category.side)
        for name, category in CX.items()
    ),
    Field("reading.displeasure", "number", "expressed displeasure",
          f"Chance that the newest message expresses {_LISTED}.",
          _of_reading(lambda reading: any_of(reading.cx, DISPLEASURE)), "probability", 0, 1, side=-1),
    *(
        Field(f"service.{name}", "number", name, meaning, _marked(name), "probability", 0, 1,
              side={"satisfied": 1, "urgency": 0}.get(name, -1))
        for name, meaning in MARKS.items()
    ),
    Field("reading.top", "choice", "what the message reads as", "The category expressed most in the newest message.",
          _of_reading(_top), choices=tuple(CX), bad=NEGATIVE_WORDS),
    Field("reading.valence", "number", "the valence", "How pleasant the newest message reads.",
          _of_reading(lambda reading: reading.valence), "valence", -1, 1, side=1),
    Field("reading.arousal", "number", "the arousal", "How agitated the newest message reads.",
          _of_reading(lambda reading: reading.arousal), "arousal", 0, 1),
    Field("reading.confidence", "number", "the confidence of the reading", "How sure the reading is.",
          _of_reading(lambda reading: reading.confidence), "probability", 0, 1),
)  # fmt: skip


UNSEARCHED = frozenset({Reason.NO_CONSENT, Reason.AUTOMATIC, Reason.NOT_CUSTOMER})
"""Why a message was not read that also forbids looking for words in it."""


def _text(context: Context) -> str | None:
    message = context.moved.message
    return None if message.reason in UNSEARCHED else message.text


def _waiting(context: Context) -> float:
    """As of when the message was written, not of when it was dealt with: a slow import makes nobody wait longer."""
    since, until = context.moved.trajectory.unanswered_since, context.moved.silent_until
    written = until or context.moved.message.occurred_at
    return max(0.0, written.timestamp() - since) if since is not None else 0.0


def _value(context: Context) -> float | None:
    contact = context.moved.contact
    return float(context.value_of(contact.pk)) if contact else None


def _known_days(context: Context) -> float | None:
    contact = context.moved.contact
    return max(0.0, (context.now - contact.created_at).total_seconds() / 86400) if contact else None


_RECORD = (
    Field("message.text", "text", "the customer's words", "The customer's own words, without quoted history.", _text),
    Field("message.words", "number", "the number of words", "Words in the newest message.",
          lambda context: float(len(context.moved.message.text[:LONGEST].split())), "words", 0, LONGEST),
    Field("message.kind", "choice", "the kind of message", "What the newest message is.",
          lambda context: context.moved.message.kind,
          choices=tuple(value for value in Kind.values if value != Kind.NOTE)),
    Field("message.stars", "number", "the number of stars", "Stars given in a review.",
          lambda context: None if (stars := context.moved.message.stars) is None else float(stars),
          "stars", 0, 10, side=1),
    Field("message.product", "text", "the product", "The product that the message is about.",
          lambda context: context.moved.message.product or None),
    Field("conversation.channel", "choice", "the channel", "The way by which the customer reached us.",
          lambda context: context.moved.conversation.channel, choices=tuple(Channel.values)),
    Field("conversation.status", "choice", "the status", "Where the conversation stands.",
          lambda context: context.moved.conversation.status, choices=tuple(Status.values)),
    Field("conversation.assigned", "flag", "assignee", "Whether a member is assigned.",
          lambda context: context.moved.conversation.assignee_id is not None),
    Field(WAITING, "number", "the time without an answer",
          "Time from the first unanswered message to the newest, or to now while the customer waits in silence.",
          _waiting, "seconds", 0, 1e9, side=-1),
    Field("contact.value", "number", "the value of orders", "Sum of the contact's orders, in their currency.",
          _value, "money", 0, 1e12),
    Field("contact.known_days", "number", "the number of days since first seen",
          "Days since this contact was first seen.",
          _known_days, "days", 0, 1e5),
    Field("contact.repeat_contacts", "number", "the number of earlier contacts about the same thing",
          "Earlier conversations of this contact about the same thing.",
          lambda context: float(context.moved.previous_contacts_same_thing), "conversations", 0, 1e4, side=-1),
)  # fmt: skip


def _of_call(read: Callable[[OnCall], Value | None]) -> Callable[[Context], Value | None]:
    return lambda context: None if context.moved.call is None else read(context.moved.call)


def _of_tone(read: Callable[[Tone], Value]) -> Callable[[Context], Value | None]:
    return _of_call(lambda call: None if call.tone is None else read(call.tone))


_CALL = (
    Field("voice.stress", "number", "stress in the voice", "Chance that the tone of the customer's voice expresses"
          " stress, in the last seconds of a call.",
          _of_tone(lambda tone: tone.stress), "probability", 0, 1, side=-1),
    Field("voice.rise", "number", "the rise of stress in the voice", "How far that is above the call before.",
          _of_tone(lambda tone: tone.rise), "probability", -1, 1, side=-1),
    Field("voice.tense_for", "number", "the time for which the voice is tense",
          "Seconds for which the voice has read as tense without a break.",
          _of_tone(lambda tone: tone.tense_for), "seconds", 0, 86_400, side=-1),
    Field("voice.parting", "choice", "how voice and words part", "voice_tense: the voice is tense and the words are"
          " calm; voice_calm: the words complain and the voice is calm; in what was said last.",
          _of_call(lambda call: call.parting), choices=get_args(Parting), bad=frozenset({"voice_tense"})),
    Field("call.distress", "number", "words and tone together", "Chance that words and tone of what was said last,"
          " taken together, express distress; not known where they part.",
          _of_call(lambda call: call.distress), "probability", 0, 1, side=-1),
    Field("call.silence", "number", "the silence on the line", "Seconds for which nobody has said a word.",
          _of_call(lambda call: call.silence), "seconds", 0, 86_400, side=-1),
    Field("call.hold_after_complaint", "number", "the hold after a complaint",
          "The longest time on hold that began within a minute of a complaint or of a tense voice.",
          _of_call(lambda call: call.hold_after_complaint), "seconds", 0, 86_400, side=-1),
    Field("call.recent", "number", "the number of recent calls", "Calls of this contact in the seven days before.",
          _of_call(lambda call: float(call.recent_calls)), "calls", 0, 1e4, side=-1),
)  # fmt: skip


def _by_name(fields: Iterable[Field]) -> Mapping[str, Field]:
    return MappingProxyType({one.name: one for one in fields})


FIELDS: Mapping[str, Field] = _by_name((*_TRAJECTORY, *_READING, *_RECORD, *_CALL))
