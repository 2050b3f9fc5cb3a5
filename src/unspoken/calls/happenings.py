"""What can happen on a line, in our words: the frames of every telephone system are turned into these and nothing else.

Times are seconds. A stream's clock begins at 0 with its first sound; a call may have several streams, one after the
other, when a connection drops and comes back.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from unspoken.intake.inbound import Person


class Encoding(StrEnum):
    """How sound is written: mu-law (ITU-T G.711), one byte a sample; or 16-bit signed, little-endian."""

    MULAW = "mulaw"
    PCM = "pcm"


class Track(StrEnum):
    """Whose sound it is. MIXED: several people on one channel, which is never read."""

    CUSTOMER = "customer"
    AGENT = "agent"
    MIXED = "mixed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Began:
    """A stream begins.

    call_id: the other system's name of the call, the same for every stream of it. tracks: what will be heard, each on a
    channel of its own. position: where in the call the stream's second 0 lies, or None when only the clock can tell.
    announced: what was announced to those on the line, in words or as the name of a notice; empty: nothing was
    reported. consent: "given", "refused" or "withdrawn" where the caller has just said so on this line, or empty;
    said_by: how they said it, such as "keypad".
    """

    call_id: str
    encoding: Encoding
    rate: int
    tracks: frozenset[Track]
    person: Person | None = None
    position: float | None = None
    announced: str = ""
    consent: str = ""
    said_by: str = ""
    language: str = ""
    member_email: str = ""
    started_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sounded:
    """Sound of one track from second `at` of the stream on. May come late, twice or not at all; its place tells."""

    track: Track
    at: float
    payload: bytes


@dataclass(frozen=True, slots=True)
class Paused:
    """From second `at` on nothing may be listened to, until `Resumed`."""

    at: float
    why: str = ""


@dataclass(frozen=True, slots=True)
class Resumed:
    """Listening goes on at second `at`; what lies between was not heard."""

    at: float


@dataclass(frozen=True, slots=True)
class Pressed:
    """Somebody pressed a key of the telephone: 0–9, * or #. track: who, where that is told."""

    key: str
    track: Track | None = None


@dataclass(frozen=True, slots=True)
class Noted:
    """Something of the other system worth a line in the log; the call goes on."""

    what: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The stream ends. over: the whole call does; otherwise another stream of it may begin."""

    over: bool = True
    why: str = ""


Happening = Began | Sounded | Paused | Resumed | Pressed | Noted | Ended
