"""Near-copies of one protocol: the same frames under other names."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Dialect:
    """The names that one system gives to what all of them say.

    signs: whether it proves by a signature who connects. call: its names of the call, the best one first.
    """

    title: str
    signs: bool
    stream: str
    call: tuple[str, ...]
    media_format: str
    rate: str
    parameters: str


DIALECTS = {
    "twilio": Dialect("Twilio", True, "streamSid", ("callSid",), "mediaFormat", "sampleRate", "customParameters"),
    "telnyx": Dialect(
        "Telnyx", False, "stream_id", ("call_control_id", "call_session_id"), "media_format", "sample_rate",
        "custom_parameters",
    ),  # a call_session_id spans the agent's leg too, a call_control_id is the customer's line alone
}  # fmt: skip

MULAW = frozenset({"audio/x-mulaw", "pcmu"})
"""Names of the one encoding that is taken, in lower case."""


def dialect_of(settings: Mapping[str, Any]) -> Dialect:
    """Return the dialect that an inbox is set up for; Twilio's where none is named."""
    return DIALECTS.get(str(settings.get("dialect")), DIALECTS["twilio"])
