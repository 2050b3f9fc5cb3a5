"""A recorded call: listened to from its beginning to its end, as far as the customer permits. No sound outlives it."""

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import transaction

from unspoken.conversations.models import Author, Conversation
from unspoken.journal.actions import record_all
from unspoken.people.models import Channel
from unspoken.privacy.models import Modality, Purpose
from unspoken.privacy.queries import permissions
from unspoken.readings.actions import (
    PerceptionUnavailableError,
    Told,
    analysis_is_on,
    remember_usual_voice,
    store_tones,
    usual_voice,
)
from unspoken.readings.ear import Undecodable, recorded
from unspoken.readings.ear import ear as ear_of
from unspoken.readings.words import said_in, speech_is_on, utterances

from .models import Call, ToneState
from .scribe import Spoken, write_down
from .talk import Talk

if TYPE_CHECKING:
    from unspoken.readings.ear import Ear, Portion
    from unspoken.readings.words import Utterance

logger = logging.getLogger(__name__)

PIECE = 80_000  # bytes of a line that are listened to together
PART = 60.0  # seconds of sound whose windows are stored together
Tell = Callable[[float], None]
"""Called with the seconds of sound that have been listened to."""


class NotHeard(ValueError):  # noqa: N818  reads as the sentence it is
    """A recording may not be listened to, or cannot be; the message says why, and what of it is kept."""


def hear(
    conversation: Conversation, recording: Path, *, side: str | None, now: datetime, tell: Tell | None = None
) -> int:
    """Store what the customer's tone of voice expresses in a recorded call; return how many windows were newly read.

    Where calls are written down here, what they say becomes messages of the call. The recording is not even opened
    without the contact's consent to reading the voice (or, for what they say, the words) for service, and nothing is
    stored but under that same consent. Stopped midway, it can be begun again: everything is there once.

    side: the customer's channel, `left` or `right`, or `alone` where nobody else speaks. Raises NotHeard.
    """
    listening = _Listening(conversation, now=now)
    pieces = (
        (len(own) / 16_000, lambda ear, own=own, other=other: ear.hear(own, other))
        for own, other in recorded(recording, side)
    )
    return listening.through(pieces, tell=tell)


def hear_line(conversation: Conversation, customer: bytes, agent: bytes, *, now: datetime) -> int:
    """Do the same with both sides of a call as a telephone carries them: mu-law at 8 kHz, as long as each other."""
    listening = _Listening(conversation, now=now, coding="mulaw", rate=8_000)
    cut = ((customer[start : start + PIECE], agent[start : start + PIECE]) for start in range(0, len(customer), PIECE))
    pieces = ((len(own) / 8_000, lambda ear, own=own, other=other: ear.take(own, other)) for own, other in cut)
    return listening.through(pieces)


class _Listening:
    """Listening through one recorded call: an ear for the tone and one for the words, each where that is permitted."""

    def __init__(self, conversation: Conversation, *, now: datetime, **sound: Any) -> None:
        """Raise NotHeard where nothing is permitted or the model is missing; sound: its coding, where it is bytes."""
        self._conversation, self._now = conversation, now
        self._voice, self._text = _permissions(conversation)
        try:
            usual, heard_by = usual_voice(conversation.contact_id or "")
            self._tone = ear_of(usual=usual, usual_by=heard_by, **sound) if self._voice else None
            self._words = ear_of(tone=False, words=True, **sound) if self._text else None
        except PerceptionUnavailableError as error:
            raise NotHeard(f"{error} Nothing was listened to.") from error
        self._utterances, self._talk = utterances(), Talk()
        self._portions: list[Portion] = []
        self._read = 0

    def through(self, pieces: "Iterator[tuple[float, Callable[[Ear], Portion]]]", *, tell: Tell | None = None) -> int:
        """Listen to all pieces: their seconds, and what lets an ear hear them. Return how many windows were read."""
        heard, since = 0.0, 0.0
        try:
            for seconds, let_hear in pieces:
                heard += seconds
                self._hear(let_hear)
                if tell:
                    tell(heard)
                if heard - since >= PART:
                    self._keep()
                    since = heard
        except Undecodable as error:
            kept = f"{self._read} windows before that are kept." if self._read else "Nothing was kept."
            raise NotHeard(f"{error} {kept}") from error
        self._hear(lambda ear: ear.finish())
        self._write_down(self._utterances.finish())
        self._keep()
        self._conclude(length=heard)
        return self._read

    def _hear(self, let_hear: "Callable[[Ear], Portion]") -> None:
        if self._tone:
            self._portions.append(let_hear(self._tone))
            self._talk.hear(self._portions[-1])
        if self._words:
            portion = let_hear(self._words)
            if not self._tone:
                self._talk.hear(portion)
            self._write_down(said_in(portion, self._utterances))

    def _keep(self) -> None:
        """Store the windows heard since the last time; raises NotHeard where the consent has ended."""
        portions, self._portions = self._portions, []
        if not self._tone or self._voice is None:
            return
        told = Told(
            conversation_id=self._conversation.id, contact_id=self._conversation.contact_id or "",
            consent_id=self._voice, producer=self._tone.producer,
            heard=[one for portion in portions for one in portion.heard],
        )  # fmt: skip
        with transaction.atomic():
            kept = store_tones([told], now=self._now)
            record_all(list(kept.events.values()), now=self._now)
        if kept.refused:
            begins = told.heard[0].begin if told.heard else 0.0
            raise NotHeard(
                "The customer's consent ended, or the call changed hands, meanwhile. Nothing was kept"
                + (f" from {begins:.0f} seconds on." if begins else ".")
            )
        self._read += sum(not row.reason for row in kept.rows[self._conversation.id])

    def _write_down(self, said: "Iterable[Utterance]") -> None:
        call = Call(conversation=self._conversation, began_at=self._conversation.opened_at)
        for utterance in said:
            write_down(
                Spoken(
                    call, utterance, Author.CUSTOMER, "", is_permitted=self._words_are_permitted,
                    lost=lambda second, why: logger.warning("Not written down at %.0f s: %s", second, why),
                )
            )  # fmt: skip

    def _words_are_permitted(self) -> bool:
        return self._text is not None and _consent(self._conversation, Modality.TEXT) == self._text

    @transaction.atomic
    def _conclude(self, *, length: float) -> None:
        """Note how long the call was and who spoke, unless that was heard live; remember the calm voice."""
        began = self._conversation.opened_at
        ended = began + timedelta(seconds=length)
        call, _ = Call.objects.get_or_create(
            conversation=self._conversation, defaults={"began_at": began, "ended_at": ended, "seen_at": ended}
        )
        if not call.talk and not call.is_live:
            call.talk, call.heard_until = self._talk.to_json(), length
            call.tone = ToneState.READ if self._tone else ToneState.NOT_PERMITTED
            call.save()
        if self._tone and self._tone.usual:
            contact_id = self._conversation.contact_id or ""
            remember_usual_voice(contact_id, self._tone.usual, producer=self._tone.producer, now=self._now)


def _permissions(conversation: Conversation) -> tuple[int | None, int | None]:
    """Return the consents under which voice and words of a call may be heard; raises NotHeard without either."""
    if conversation.channel != Channel.CALL:
        raise NotHeard(f"{conversation.id} is no call. Nothing was listened to.")
    if not analysis_is_on():
        raise NotHeard("Reading is switched off here (UNSPOKEN_ANALYSIS). Nothing was listened to.")
    voice = _consent(conversation, Modality.VOICE)
    text = _consent(conversation, Modality.TEXT) if speech_is_on() else None
    if voice is None and text is None:
        raise NotHeard(
            "The customer has not permitted that the tone of their voice is read (consent voice for service), or it is "
            "not known who called. Nothing was listened to."
        )
    return voice, text


def _consent(conversation: Conversation, modality: Modality) -> int | None:
    contact_id = conversation.contact_id or ""
    return permissions([contact_id], modality=modality, purpose=Purpose.SERVICE)[contact_id] if contact_id else None
