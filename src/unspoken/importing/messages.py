"""A file of messages through the pipeline: each once, however often it is begun, with the basis recorded before."""

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from django.db import IntegrityError, connection, transaction

from unspoken.intake.in_time import ReadInTime
from unspoken.intake.inbound import Inbound
from unspoken.intake.pipeline import Arrival, Pipeline, Reader
from unspoken.intake.receipt import Receipt
from unspoken.intake.validation import Problem, check
from unspoken.journal.actions import record
from unspoken.people.actions.resolve import resolve_contacts
from unspoken.staff.models import Member
from unspoken.staff.permissions import Permission, require

from .checkpoint import Checkpoint, Progress
from .consents import Basis, state_basis
from .events import FileImported
from .opening import Opened
from .pieces import Group, Rejected, groups
from .rejects import Rejects
from .summary import BATCH, PATIENCE, Clock, Summary, Tell, known_as

SAVE_EVERY = 1.0
"""Seconds between two checkpoints."""

MOST_AT_ONCE = 256
"""Messages of one transaction; a longer dialogue takes several."""

Batch = Group[Inbound]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a file is imported. folder: of checkpoints, and of rejected lines that cannot lie beside the file.

    how: whatever, when it is another, makes another import of it; then nothing goes on where the last one stopped.
    """

    clock: Clock
    folder: Path
    how: str
    basis: Basis | None = None
    read: Reader | None = None
    by: Member | None = None


def take_in(opened: Opened[Inbound], *, plan: Plan, tell: Tell) -> Summary:
    """Import a file of messages, going on where an earlier run was stopped.

    Raises NotAllowed when the plan's member may not import, or not record consents; OperationalError when the database
    cannot be written to: then run it again.
    """
    require(plan.by, Permission.IMPORT)
    if plan.basis:
        require(plan.by, Permission.RECORD_CONSENTS)
    checkpoint = Checkpoint(opened.path, folder=plan.folder, how=plan.how)
    progress = checkpoint.load()
    rejects = Rejects(opened.path, folder=plan.folder, keep=progress.rejects)
    summary = Summary(Counter(progress.counts), went_on=progress.pieces)
    saved = time.monotonic()
    coming = groups(opened.pieces(), opened.convert, size=BATCH, after=progress.pieces)
    for batch, receipts in _received(coming, plan, summary):
        rejected = [*batch.rejected, *_count(batch, receipts, summary)]
        summary.counts["rejected"] += len(rejected)
        rejects.add(sorted(rejected, key=lambda one: one.piece.number))
        if time.monotonic() - saved > SAVE_EVERY:
            checkpoint.save(Progress(batch.end, rejects.size, dict(summary.counts)))
            saved = time.monotonic()
        tell(opened.read, opened.size)
    _record(opened.path, plan, summary)
    checkpoint.clear()
    summary.rejects = rejects.path
    return summary


@transaction.atomic
def _record(path: Path, plan: Plan, summary: Summary) -> None:
    event = FileImported(
        file=path.resolve().name, holds="messages", basis=plan.basis.words if plan.basis else "",
        counts=dict(summary.counts), actor=plan.by.pk if plan.by else "",
    )  # fmt: skip
    record(event, now=plan.clock())


def _received(batches: Iterable[Batch], plan: Plan, summary: Summary) -> Iterator[tuple[Batch, Sequence[Receipt]]]:
    """Yield each batch with its receipts, once it is durable. While one is being stored, the next is being read.

    Consents are written in between, when nothing else of ours writes.
    """
    pipeline = Pipeline(plan.read or ReadInTime(limit=PATIENCE))
    with ThreadPoolExecutor(1, "import-commit") as thread:
        before: tuple[Batch, list[Arrival]] | None = None
        try:
            for batch in batches:
                messages = [message for _, message in batch.taken]
                if plan.basis:
                    summary.counts["consents"] += _permit(messages, plan.basis, plan)
                storing = thread.submit(_store, before[1], pipeline, plan.clock) if before else None
                prepared = _prepare(messages, pipeline, plan.clock)
                if before and storing:
                    yield before[0], storing.result()
                before = batch, prepared
            if before:
                yield before[0], thread.submit(_store, before[1], pipeline, plan.clock).result()
        finally:
            thread.submit(lambda: connection.close()).result()  # the thread's own connection


def _prepare(messages: Sequence[Inbound], pipeline: Pipeline, clock: Clock) -> list[Arrival]:
    return [
        arrival
        for start in range(0, len(messages), MOST_AT_ONCE)
        for arrival in pipeline.prepare(messages[start : start + MOST_AT_ONCE], now=clock())
    ]


def _store(arrivals: Sequence[Arrival], pipeline: Pipeline, clock: Clock) -> list[Receipt]:
    receipts: list[Receipt] = []
    for start in range(0, len(arrivals), MOST_AT_ONCE):
        for settled in pipeline.settle(arrivals[start : start + MOST_AT_ONCE], now=clock()):
            if isinstance(settled, Exception):
                raise settled
            receipts.append(settled)
    return receipts


def _permit(messages: Sequence[Inbound], basis: Basis, plan: Plan) -> int:
    """Record the basis for the customers of messages that will be stored; return how many decisions that made."""
    now = plan.clock()
    people = list(dict.fromkeys(known_as(one) for one in messages if one.person and not check(one, now=now)))
    try:
        contacts = resolve_contacts(people, now=now)
    except IntegrityError:  # another process met the same people just now
        contacts = resolve_contacts(people, now=now)
    return state_basis(basis, {one for one in contacts if one}, now=now, by=plan.by)


def _count(batch: Batch, receipts: Sequence[Receipt], summary: Summary) -> list[Rejected]:
    """Count what became of a batch; return the pieces of which something was rejected."""
    rejected: dict[int, Rejected] = {}
    for (piece, _), receipt in zip(batch.taken, receipts, strict=True):
        if receipt.status == "rejected":
            problem = receipt.problems[0] if receipt.problems else Problem("message", receipt.error)
            rejected.setdefault(piece.number, Rejected(piece, problem))
        elif receipt.status == "duplicate":
            summary.counts["known"] += 1
        else:
            summary.note(receipt.reading_state, receipt.reason)
    summary.counts["messages"] += len(receipts)
    summary.conversations.add(receipt.conversation_id for receipt in receipts)
    summary.note_people(
        message for (_, message), receipt in zip(batch.taken, receipts, strict=True) if receipt.status != "rejected"
    )
    return list(rejected.values())
