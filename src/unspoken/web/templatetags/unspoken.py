"""What the templates may say: icons, times, readings, marked words, curves."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from unspoken.affect.reading import why_unread
from unspoken.affect.turning import duration as said_duration
from unspoken.affect.vocabulary import CX
from unspoken.calls.timeline import at
from unspoken.conversations.models import Conversation, Message
from unspoken.flags.backtest import Backtest
from unspoken.flags.models import Flag
from unspoken.flags.queries import Precision
from unspoken.kit.clock import now
from unspoken.privacy.models import ConsentDecision
from unspoken.readings.actions import Words
from unspoken.readings.models import StoredReading

from ..showing.consents import Permitted, permitted
from ..showing.curves import Curve, curve, spark
from ..showing.flags import precision_words, that_held
from ..showing.marks import SHOWN, excerpt, marked
from ..showing.readings import ReadingLine, reading_line
from ..showing.times import relative

register = template.Library()
register.filter("reason", why_unread)
register.filter("that_held", that_held)


@register.simple_tag
def icon(name: str) -> SafeString:
    """Return an icon that says nothing to a screen reader: words stand beside it."""
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>', static("icons.svg"), name)


@register.simple_tag
def when(moment: datetime | None, form: str = "") -> SafeString:
    """Return a moment: relative, or as `clock` or `day`; the absolute time in its title."""
    if moment is None:
        return SafeString("")
    local = localtime(moment)
    words = {"clock": f"{local:%H:%M}", "day": f"{local:%A, %-d %B}"}.get(form) or relative(moment, now())
    return format_html(
        '<local-time{}><time datetime="{}" title="{}">{}</time></local-time>',
        format_html(' as="{}"', form) if form else "",
        moment.isoformat(),
        f"{local:%A, %-d %B %Y, %H:%M %Z}",
        words,
    )


@register.filter
def said(text: str, line: ReadingLine | None = None) -> SafeString:
    """Return the words of a message, escaped, those that carried its reading marked."""
    return marked(text, line.spans if line else ())


@register.filter
def left_out(text: str) -> int:
    """Return how many characters of a message are not shown."""
    return max(0, len(text) - SHOWN)


@register.filter
def is_short(text: str) -> bool:
    """Return whether a message is so short that it was read together with the lines before it."""
    return Words(text).is_short


@register.filter
def line(reading: StoredReading | None) -> ReadingLine | None:
    """Return what is shown of a reading."""
    return reading_line(reading) if reading is not None else None


@register.filter
def percent(share: float | None) -> str:
    """Return a probability 0…1 as '72 %'."""
    return "" if share is None else f"{100 * share:.0f} %"


@register.filter
def signed(number: float) -> str:
    """Return a valence with its sign: '−0.4', '+0.2'."""
    return f"{number:+.1f}".replace("-", "−")


@register.filter
def lasting(seconds: float | None) -> str:
    """Return seconds as people say them."""
    return "" if seconds is None else said_duration(seconds)


@register.filter
def since(moment: datetime | None) -> str:
    """Return how long ago a moment was: '26 min'."""
    return "" if moment is None else said_duration(max(0.0, (now() - moment).total_seconds()))


@register.filter
def initials(name: str) -> str:
    """Return the first letters of the first and last word of a name (of @handles what follows the @), or a dot."""
    words = [word for word in (word.lstrip("@") for word in name.split()) if word[:1].isalnum()]
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])) or "·"


@register.filter
def drawn(numbers: Mapping[str, Any] | None, corrected: Collection[str] = ()) -> Curve | None:
    """Return the curve of a trajectory's numbers; corrected: ids of messages that a person read anew."""
    return curve(numbers or {}, corrected or ())


@register.filter
def clock(seconds: float) -> str:
    """Return seconds of a call as on a clock: 1:05."""
    return at(seconds)


@register.inclusion_tag("web/parts/spark.html")
def sparkline(numbers: Mapping[str, Any] | None, direction: str) -> dict[str, Any]:
    """Draw a trajectory as a line of a word's size; the words beside it say the same."""
    return {"spark": spark(numbers or {}), "direction": direction}


@register.simple_tag
def categories() -> list[tuple[str, str]]:
    """Return the words of the vocabulary with their definitions."""
    return [(name, category.definition) for name, category in CX.items()]


@register.filter
def stars(number: int | None) -> SafeString:
    """Return stars of five with the number in words."""
    if number is None:
        return SafeString("")
    given = max(0, min(5, number))
    return format_html(
        '<span class="stars"><span aria-hidden="true">{}<span class="off">{}</span></span>'
        '<span class="visually-hidden">{} of 5 stars</span></span>',
        "★" * given, "★" * (5 - given), number,
    )  # fmt: skip


@register.filter
def item(mapping: Mapping[str, Any], key: str) -> Any:
    """Return mapping[key], or nothing."""
    return mapping.get(key)


@register.filter
def quoted(flag: Flag) -> SafeString:
    """Return the message that raised a flag, the words that carried it marked; shortened around the first of them."""
    spans = [(one["start"], one["end"], one["label"], one["weight"]) for one in flag.evidence.get("spans", [])]
    return excerpt(flag.message.text, spans)


@register.filter
def precise(rule_id: str, precisions: Mapping[str, Precision] | None) -> str:
    """Return in words how often people found a rule right."""
    return precision_words(precisions.get(rule_id) if precisions else None)


@register.filter
def attribute(thing: object, name: str) -> Any:
    """Return thing.name, or nothing."""
    return getattr(thing, name, None)


@register.filter
def timeline_icon(kind: str, row: object) -> str:
    """Return the icon of a moment: a conversation shows its channel."""
    return str(getattr(row, "channel", kind)) if kind == "conversation" else {"preference": "check"}.get(kind, kind)


@register.filter
def plain_value(value: Any) -> str:
    """Return a free value as a person reads it: lists with commas, yes and no."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


@register.filter
def per_week(result: Backtest) -> str:
    """Return how many flags a back-test would have raised in a week."""
    return f"{7 * len(result.flags) / max(result.days, 1.0):.1f}"


@register.filter
def author(message: Message) -> str:
    """Return who wrote a message, as well as it is known."""
    member = message.member.name if message.member else ""
    return message.author_name or member or message.get_author_kind_display()


@register.filter
def titled(conversation: Conversation) -> str:
    """Return what a conversation is called in a list: its subject, or its channel and day."""
    return conversation.subject or f"{conversation.get_channel_display()} of {localtime(conversation.opened_at):%-d %B}"


@register.filter
def grouped(decisions: Sequence[ConsentDecision]) -> list[Permitted]:
    """Return the permissions in force, one for each kind of signal."""
    return permitted(decisions)
