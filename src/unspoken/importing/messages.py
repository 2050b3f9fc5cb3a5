"""What becomes of a file of messages: rehearsed (nothing is stored), or taken in through the pipeline."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.db import IntegrityError

from unspoken.affect.reading import Abstention, Outcome, Reason
from unspoken.conversations.actions.receive import find_messages
from unspoken.conversations.models import ReadingState
from unspoken.intake.in_time import ReadInTime
from unspoken.intake.inbound import Inbound
from unspoken.intake.pipeline import Arrival, Pipeline, Reader
from unspoken.intake.validation import Problem, check
from unspoken.people.actions.resolve import Known, contact_of, find_contacts, resolve_contacts
from unspoken.people.handles import normalise
from unspoken.privacy.models import Modality, Purpose

from .checkpoint import Checkpoint, Progress
from .consents import Basis, state_basis, undecided
from .counting import Distinct
from .opening import Opened
from .pieces import Group, Piece, Rejected, groups
from .rejects import Rejects

BATCH = 64
"""Messages that share one model call and one transaction."""

PATIENCE = 60.0
"""Seconds that the model may take for a batch: nobody waits at the other end, so longer than live."""

SAVE_EVERY = 1.0  # seconds between two checkpoints

Tell = Callable[[int, int], None]
Clock = Callable[[], datetime]
Taken = tuple[Piece, Inbound]


@dataclass(slots=True)
class Summary:
    """What came of a file.

    counts: messages, stored, known (they were there already), rejected, consents; and by what became of a message's
    words: read, pending (to be read later), or the reason why they are not read. went_on: pieces an earlier run did.
    """

    counts: Counter[str] = field(default_factory=Counter)
    conversations: Distinct = field(default_factory=Distinct)
    contacts: Distinct = field(default_factory=Distinct)
    went_on: int = 0
    rejects: Path | None = None


def rehearse(
    opened: Opened[Inbound], *, clock: Clock, basis: Basis | None, tell: Tell, read: Reader | None = None
) -> Summary:
    """Say what importing would do, by the same code, without storing anything."""
    reader = read or ReadInTime(limit=PATIENCE)
    pipeline, summary = Pipeline(reader), Summary()
    for group in groups(opened.pieces(), opened.convert, size=BATCH):
        summary.counts["rejected"] += len(group.rejected)
        for batch in _batches(group):
            _rehearse(batch, pipeline, reader, basis, clock(), summary)
        tell(opened.read, opened.size)
    return summary


def _rehearse(
    batch: Sequence[Taken], pipeline: Pipeline, reader: Reader, basis: Basis | None, now: datetime, summary: Summary
) -> None:
    arrivals = pipeline.prepare([inbound for _, inbound in batch], now=now)
    stored = find_messages(one.key for one in arrivals if not one.problems)
    if basis and basis.reads_text:
        _read_on_basis([one for one in arrivals if one.key not in stored], reader)
    new: dict[tuple[str, str], Arrival] = {}
    for one in arrivals:
        if one.problems:
            summary.counts["rejected"] += 1
        elif one.key in stored or one.key in new:
            summary.counts["known"] += 1
        else:
            new[one.key] = one
            summary.counts[_fate(one.state, one.reason)] += 1
    sound = [one for one in arrivals if not one.problems]
    summary.counts["messages"] += len(batch)
    summary.counts["stored"] += len(new)
    summary.conversations.add(f"{one.inbound.source}\x1f{one.inbound.conversation_id}" for one in sound)
    summary.contacts.add(":".join(one.person.handles[0]) for one in sound if one.person.handles)


def _read_on_basis(arrivals: Sequence[Arrival], reader: Reader) -> None:
    """Read what is without permission now, but would have it once the basis is recorded."""
    waiting = [one for one in arrivals if one.reason == Reason.NO_CONSENT and one.person.handles]
    known = find_contacts(handle for one in waiting for handle in one.person.handles)
    contacts = [contact_of(one.person, known) for one in waiting]
    open_to = undecided({one for one in contacts if one}, modality=Modality.TEXT, purpose=Purpose.SERVICE)
    covered = [one for one, contact in zip(waiting, contacts, strict=True) if contact is None or contact in open_to]
    for one, outcome in zip(covered, reader([one.inbound.text for one in covered]), strict=True):
        one.state, one.reason = _state_of(outcome)


def _state_of(outcome: Outcome | None) -> tuple[ReadingState, str]:
    if outcome is None:
        return ReadingState.PENDING, ""
    return (ReadingState.ABSTAINED, outcome.reason) if isinstance(outcome, Abstention) else (ReadingState.READ, "")


def take_in(
    opened: Opened[Inbound],
    *,
    clock: Clock,
    basis: Basis | None,
    folder: Path,
    how: str,
    tell: Tell,
    read: Reader | None = None,
) -> Summary:
    """Import a file of messages; goes on where an earlier run with the same `how` was stopped.

    folder: where checkpoints are kept, and rejected lines when they cannot lie beside the file. Raises OperationalError
    when the database cannot be written to; then run it again.
    """
    checkpoint = Checkpoint(opened.path, folder=folder, how=how)
    progress = checkpoint.load()
    rejects = Rejects(opened.path, folder=folder, keep=progress.rejects)
    summary = Summary(Counter(progress.counts), went_on=progress.pieces)
    pipeline, saved = Pipeline(read or ReadInTime(limit=PATIENCE)), time.monotonic()
    for group in groups(opened.pieces(), opened.convert, size=BATCH, after=progress.pieces):
        rejected = [*group.rejected]
        for batch in _batches(group):
            rejected += _take_in(batch, pipeline, basis, clock(), summary)
        summary.counts["rejected"] += len(rejected)
        rejects.add(sorted(rejected, key=lambda one: one.piece.number))
        if time.monotonic() - saved > SAVE_EVERY:
            checkpoint.save(Progress(group.end, rejects.size, dict(summary.counts)))
            saved = time.monotonic()
        tell(opened.read, opened.size)
    checkpoint.clear()
    summary.rejects = rejects.path
    return summary


def _take_in(
    batch: Sequence[Taken], pipeline: Pipeline, basis: Basis | None, now: datetime, summary: Summary
) -> list[Rejected]:
    """Store a batch; return what was rejected of it."""
    if basis:
        summary.counts["consents"] += _permit([inbound for _, inbound in batch], basis, now)
    receipts = pipeline.receive([inbound for _, inbound in batch], now=now)
    rejected = []
    for (piece, _), receipt in zip(batch, receipts, strict=True):
        if receipt.status == "rejected":
            problem = receipt.problems[0] if receipt.problems else Problem("message", receipt.error)
            rejected.append(Rejected(piece, problem))
        elif receipt.status == "duplicate":
            summary.counts["known"] += 1
        else:
            summary.counts["stored"] += 1
            summary.counts[_fate(receipt.reading_state, receipt.reason)] += 1
    summary.counts["messages"] += len(batch)
    summary.conversations.add(receipt.conversation_id for receipt in receipts)
    refused = {id(one.piece) for one in rejected}
    summary.contacts.add(_handles(inbound) for piece, inbound in batch if id(piece) not in refused)
    return rejected


def _permit(messages: Sequence[Inbound], basis: Basis, now: datetime) -> int:
    """Record the basis for the customers of messages that will be stored; return how many decisions that made."""
    people = list(dict.fromkeys(_known(one) for one in messages if one.person and not check(one, now=now)))
    try:
        contacts = resolve_contacts(people, now=now)
    except IntegrityError:  # another process met the same people just now
        contacts = resolve_contacts(people, now=now)
    return state_basis(basis, {one for one in contacts if one}, now=now)


def _known(inbound: Inbound) -> Known:
    person = inbound.person
    if person is None:
        return Known(())
    keys = ((str(one.kind), normalise(one.kind, one.value, source=inbound.source)) for one in person.handles)
    return Known(tuple(dict.fromkeys(key for key in keys if key[1])), person.name.strip())


def _handles(inbound: Inbound) -> str:
    return next((":".join(handle) for handle in _known(inbound).handles), "")


def _batches(group: Group[Inbound]) -> list[Sequence[Taken]]:
    return [group.taken[start : start + BATCH] for start in range(0, len(group.taken), BATCH)]


def _fate(state: str, reason: str) -> str:
    return reason or str(state)
