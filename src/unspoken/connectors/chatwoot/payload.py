"""Chatwoot's own words, read: what an event says, whichever of its shapes and versions it has. Raises nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from unspoken.connectors.words.html import looks_like_html, text_of_html
from unspoken.intake.validation import cleaned

_TYPES = {0: "incoming", 1: "outgoing", 2: "activity", 3: "template"}
_PARSED = ("%Y-%m-%d %H:%M:%S UTC", "%Y-%m-%d %H:%M:%S %z")


def part(of: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    """Return the object found by following `names`, or an empty one."""
    for name in names:
        value = of.get(name)
        if not isinstance(value, Mapping):
            return {}
        of = value
    return of


def text(of: Mapping[str, Any], name: str) -> str:
    """Return a field as storable text; numbers too, for ids are sometimes one and sometimes the other."""
    value = of.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return cleaned(str(value)).strip()


def plain(content: str) -> str:
    """Return a message's content as plain text."""
    return text_of_html(content) if looks_like_html(content) else content.strip()


def moment(value: Any) -> datetime | None:
    """Return a time given as ISO 8601, as `2026-03-02 09:00:00 UTC`, or in seconds since 1970."""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
        if isinstance(value, str) and value.strip().replace(".", "", 1).isdecimal():
            return datetime.fromtimestamp(float(value), UTC)
        return _written(value.strip()) if isinstance(value, str) else None
    except (ValueError, OverflowError, OSError):
        return None


def _written(value: str) -> datetime:
    for form in _PARSED:
        try:
            found = datetime.strptime(value, form)
            break
        except ValueError:
            continue
    else:
        found = datetime.fromisoformat(value)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Event:
    """One `message_*` event."""

    said: Mapping[str, Any]

    @property
    def message_type(self) -> str:
        """Incoming, outgoing, activity, template; '' when it is none of them."""
        value = self.said.get("message_type")
        if isinstance(value, int):
            return _TYPES.get(value, "")
        return value if isinstance(value, str) and value in _TYPES.values() else ""

    @property
    def sender_type(self) -> str:
        """`contact`, `user`, `agent_bot`, … in lower case; '' where this version does not tell."""
        return text(part(self.said, "sender"), "type").lower()

    @property
    def conversation_id(self) -> str:
        """The number that Chatwoot shows."""
        return text(part(self.said, "conversation"), "id") or text(part(self.said, "conversation"), "display_id")

    @property
    def contact(self) -> Mapping[str, Any]:
        """The customer of the conversation, whoever wrote this message."""
        known = part(self.said, "conversation", "meta", "sender") or part(self.said, "contact")
        return known or (part(self.said, "sender") if self.message_type == "incoming" else {})

    @property
    def is_deleted(self) -> bool:
        """Whether the message was deleted; its content is then a placeholder."""
        return part(self.said, "content_attributes").get("deleted") is True

    @property
    def survey_answer(self) -> Mapping[str, Any]:
        """What the customer answered to the satisfaction survey; empty when this is no survey or not answered."""
        if self.said.get("content_type") != "input_csat":
            return {}
        return part(self.said, "content_attributes", "submitted_values", "csat_survey_response")

    @property
    def attachments(self) -> list[dict[str, Any]]:
        """Kind, name and size of what is attached."""
        found = self.said.get("attachments")
        files = [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []
        return [
            {"name": text(one, "file_name") or text(one, "extension"), "type": text(one, "file_type"),
             "size": one.get("file_size") if isinstance(one.get("file_size"), int) else 0}
            for one in files[:100]
        ]  # fmt: skip
