"""What an import would do, found out by the code that would do it, without storing anything."""

from collections.abc import Sequence

from unspoken.affect.reading import Abstention, Outcome, Reason
from unspoken.conversations.actions.receive import find_messages
from unspoken.conversations.models import ReadingState
from unspoken.intake.in_time import ReadInTime
from unspoken.intake.inbound import Inbound
from unspoken.intake.pipeline import Arrival, Pipeline, Reader
from unspoken.people.actions.resolve import contact_of, find_contacts
from unspoken.privacy.models import Modality, Purpose
from unspoken.readings.actions import Words

from .consents import Basis, undecided
from .opening import Opened
from .pieces import groups
from .summary import BATCH, PATIENCE, Clock, Summary, Tell


def rehearse(
    opened: Opened[Inbound], *, clock: Clock, basis: Basis | None, tell: Tell, read: Reader | None = None
) -> Summary:
    """Say how many messages would come in, and how many of them would be read, or why not."""
    reader = read or ReadInTime(limit=PATIENCE)
    pipeline, summary = Pipeline(reader), Summary()
    for group in groups(opened.pieces(), opened.convert, size=BATCH):
        arrivals = pipeline.prepare([message for _, message in group.taken], now=clock())
        wrong = {id(piece) for (piece, _), one in zip(group.taken, arrivals, strict=True) if one.problems}
        summary.counts["rejected"] += len(group.rejected) + len(wrong)
        summary.counts["messages"] += len(arrivals)
        _count([one for one in arrivals if not one.problems], reader, basis, summary)
        tell(opened.read, opened.size)
    return summary


def _count(arrivals: Sequence[Arrival], reader: Reader, basis: Basis | None, summary: Summary) -> None:
    stored = find_messages(one.key for one in arrivals)
    new = {one.key: one for one in reversed(arrivals) if one.key not in stored}
    on_basis = _read_on_basis(list(new.values()), reader) if basis is None or basis.reads_text else []
    for one, state, reason in on_basis:
        if basis:
            one.state, one.reason = state, reason
        elif state == ReadingState.READ:
            summary.counts["with_basis"] += 1
    for one in new.values():
        summary.note(one.state, one.reason)
    summary.counts["known"] += len(arrivals) - len(new)
    summary.conversations.add(f"{one.inbound.source}\x1f{one.inbound.conversation_id}" for one in arrivals)
    summary.note_people(one.inbound for one in arrivals)


def _read_on_basis(arrivals: Sequence[Arrival], reader: Reader) -> list[tuple[Arrival, ReadingState, str]]:
    """Return what would become of those without permission now who would have it once a basis is recorded."""
    waiting = [one for one in arrivals if one.reason == Reason.NO_CONSENT and one.person.handles]
    known = find_contacts(handle for one in waiting for handle in one.person.handles)
    contacts = [contact_of(one.person, known) for one in waiting]
    open_to = undecided({one for one in contacts if one}, modality=Modality.TEXT, purpose=Purpose.SERVICE)
    covered = [one for one, contact in zip(waiting, contacts, strict=True) if contact is None or contact in open_to]
    outcomes = reader([Words(one.inbound.text) for one in covered])
    return [(one, *_state_of(outcome)) for one, outcome in zip(covered, outcomes, strict=True)]


def _state_of(outcome: Outcome | None) -> tuple[ReadingState, str]:
    if outcome is None:
        return ReadingState.PENDING, ""
    return (ReadingState.ABSTAINED, outcome.reason) if isinstance(outcome, Abstention) else (ReadingState.READ, "")
