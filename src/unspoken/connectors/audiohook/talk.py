"""One session of AudioHook: opened, paused, pinged and closed as its protocol says, both sides counting messages."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from unspoken.calls.happenings import Began, Ended, Happening, Noted, Paused, Resumed
from unspoken.connectors.base import PayloadError
from unspoken.connectors.callers import told
from unspoken.connectors.calling import Frame
from unspoken.connectors.calls_in import Interleaved, call_id, part, text, unknown

from .messages import NOBODY, RATE, Message, chosen, duration, message, telephone_number


class State(StrEnum):
    """Where a session is. LEFT: we said that we disconnect, and wait for `close`."""

    PREPARING = "preparing"
    OPEN = "open"
    LEFT = "left"
    CLOSED = "closed"


class Session:
    """Talk of one connection. settings: of the inbox; session, organisation: as the upgrade's headers name them."""

    def __init__(self, settings: Mapping[str, Any], *, session: str, organisation: str) -> None:
        self._settings = settings
        self._id, self._organisation = session.strip().lower(), organisation.strip().lower()
        self._state, self._seq, self._clientseq = State.PREPARING, 0, 0
        self._is_paused = self._wants_quiet = self._is_broken = False
        self._sound: Interleaved | None = None
        self._base = 0.0  # where in Genesys's stream ours begins
        self._answers: list[Frame] = []
        self._telling = {
            "open": self._open, "close": self._close, "ping": self._ping, "paused": self._paused,
            "resumed": self._resumed, "discarded": self._discarded, "update": self._update, "error": self._error,
        }  # fmt: skip

    def take(self, frame: Frame, *, now: datetime) -> Sequence[Happening]:
        """Return what a frame tells; raises PayloadError for rubbish."""
        if self._state == State.CLOSED:
            return ()
        try:
            return self._hear(frame) if isinstance(frame, bytes) else self._read(message(frame))
        except PayloadError:
            self._is_broken = True
            raise

    def answers(self) -> Sequence[Frame]:
        """Return the messages to send now, once each."""
        due, self._answers = self._answers, []
        return due

    def quiet(self, why: str) -> None:
        """Ask Genesys to send no more sound."""
        self._wants_quiet = True
        if self._state == State.OPEN:
            self._say("pause", {})

    def leave(self, why: str) -> None:
        """Say that we disconnect, and why."""
        if self._state in {State.PREPARING, State.OPEN}:
            self._state = State.LEFT
            self._say("disconnect", {"reason": "error" if self._is_broken else "completed", "info": why[:200]})

    def _say(self, kind: str, parameters: Mapping[str, Any]) -> None:
        self._seq += 1
        envelope = {"version": "2", "type": kind, "seq": self._seq, "clientseq": self._clientseq, "id": self._id}
        self._answers.append(json.dumps(envelope | {"parameters": parameters}))

    def _read(self, said: Message) -> Sequence[Happening]:
        if said.seq != self._clientseq + 1:
            raise PayloadError(f"Message {self._clientseq + 1} is due, and another came.")
        if said.serverseq > self._seq:
            raise PayloadError("A message answers one that was never sent.")
        if said.id != self._id:
            raise PayloadError("A message is of another session than its connection.")
        self._clientseq = said.seq
        tell = self._telling.get(said.type)
        return tell(said) if tell else [unknown(said.type)]

    def _open(self, said: Message) -> Sequence[Happening]:
        if self._state != State.PREPARING:
            return [Noted("An open session was opened again; that was left aside.")]
        conversation = call_id(said.parameters, "conversationId")
        media = chosen(said.parameters.get("media"))
        if conversation == NOBODY:
            self._begin([media.as_json()] if media else [])
            return [Noted("Genesys tried the connection out; no call came of it.")]
        if text(said.parameters, "organizationId").lower() != self._organisation:
            raise PayloadError("A call is of another organisation than its connection.")
        if media is None:
            self._state = State.LEFT
            why = f"The customer has to be on a channel of their own (external), in PCMU or L16 at {RATE} Hz."
            self._say("disconnect", {"reason": "error", "info": why})
            return [Noted(f"A session was refused, since no sound of use was offered. {why}")]
        self._base = said.position
        self._sound = Interleaved(media.tracks, encoding=media.encoding, rate=RATE)
        self._begin([media.as_json()])
        fields, notes = self._told(said.parameters)
        position = said.position or None  # a later session of a call may count from 0 again, so 0 tells nothing
        began = Began(
            call_id=conversation, encoding=media.encoding, rate=RATE, tracks=frozenset(media.tracks), position=position,
            **fields,
        )  # fmt: skip
        return [began, *notes]

    def _begin(self, media: list[dict[str, Any]]) -> None:
        self._state = State.OPEN
        self._say("opened", {"media": media} | ({"startPaused": True} if self._wants_quiet else {}))

    def _told(self, parameters: Mapping[str, Any]) -> tuple[dict[str, Any], list[Noted]]:
        """Return what the flow's configuration tells of the caller, and else what Genesys knows itself."""
        participant = part(parameters, "participant")
        return told(
            part(parameters, "customConfig"), settings=self._settings, name=text(participant, "aniName"),
            phone=telephone_number(text(participant, "ani")), language=text(parameters, "language"),
        )  # fmt: skip

    def _hear(self, frame: bytes) -> Sequence[Happening]:
        if self._state == State.LEFT:
            return ()
        if self._sound is None or self._is_paused:
            raise PayloadError("Sound came in a pause." if self._is_paused else "Sound came before a call began.")
        return self._sound.take(frame)

    def _paused(self, said: Message) -> Sequence[Happening]:
        if self._sound is None or self._is_paused:
            return ()
        self._is_paused = True
        return [Paused(self._sound.at, "as we asked" if self._wants_quiet else "by the telephone system")]

    def _resumed(self, said: Message) -> Sequence[Happening]:
        was_paused, self._is_paused = self._is_paused, False
        self._pass_over(said.parameters)
        return [Resumed(self._sound.at)] if self._sound and was_paused else ()

    def _discarded(self, said: Message) -> Sequence[Happening]:
        before = self._sound.at if self._sound else 0.0
        self._pass_over(said.parameters)
        if self._sound is None or self._is_paused or self._sound.at == before:
            return ()
        return [Paused(before, "the telephone system left sound out"), Resumed(self._sound.at)]

    def _pass_over(self, parameters: Mapping[str, Any]) -> None:
        """Move the clock over sound that was never sent: it goes on where the gap ends, and never back."""
        ends = duration(parameters, "start") + duration(parameters, "discarded") - self._base
        if self._sound and ends > self._sound.at:
            self._sound.go_on_at(ends)

    def _ping(self, said: Message) -> Sequence[Happening]:
        self._say("pong", {})
        return ()

    def _update(self, said: Message) -> Sequence[Happening]:
        self._say("updated", {})
        return [Noted(f"The language is now {text(said.parameters, 'language', longest=12) or 'not told'}.")]

    def _error(self, said: Message) -> Sequence[Happening]:
        code, what = text(said.parameters, "code", longest=10), text(said.parameters, "message")
        return [Noted(f"Genesys reports the error {code or 'without a code'}: {what or 'nothing more is said'}")]

    def _close(self, said: Message) -> Sequence[Happening]:
        reason = text(said.parameters, "reason", longest=20)
        self._say("closed", {})
        self._state = State.CLOSED
        return [Ended(over=reason == "end", why="" if reason == "end" else reason)]
